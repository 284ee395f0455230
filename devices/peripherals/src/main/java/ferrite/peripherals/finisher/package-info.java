/**
 * SiFive's test finisher, which ends a run: device model and driver. The model imports {@code ferrite.hardware} only,
 * and the driver imports {@code ferrite.kernel}. The driver never imports the model: the two meet on the bus.
 */
package ferrite.peripherals.finisher;

/**
 * The disk controller on DMA channel 2: registers, device model, driver and the driver's layout. The model imports
 * {@code ferrite.hardware} and {@code ferrite.peripherals.medium}, and the driver imports {@code ferrite.kernel}. The
 * driver never imports the model: the two meet on the bus.
 */
package ferrite.peripherals.disk;

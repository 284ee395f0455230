/**
 * A network card of our own, which masters the bus: registers, device model, drivers and the drivers' layouts. The
 * README beside it is its data sheet. The model imports {@code ferrite.hardware} only, and the drivers import {@code
 * ferrite.kernel}. A driver never imports the model: the two meet on the bus.
 */
package ferrite.peripherals.nic;

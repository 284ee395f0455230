/**
 * Models of devices of your own: a {@link ferrite.hardware.model.DeviceModel} declares its registers and effects, and
 * {@link ferrite.hardware.model.ModelDevice} makes a device of it, which a board plugs into its {@code Machine}. It
 * uses {@code bus}, {@code clock}, {@code devicetree}, {@code dma}, {@code interrupt}, {@code monitor}, {@code report}
 * and {@code state}. A model uses this package, and {@code clock}, {@code report} and {@code state} beside it.
 */
package ferrite.hardware.model;

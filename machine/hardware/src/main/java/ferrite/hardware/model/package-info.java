/**
 * Models of devices of your own: a {@link ferrite.hardware.model.DeviceModel} declares its registers and effects, and
 * {@link ferrite.hardware.model.ModelDevice} makes a device of it that a board can attach. It uses {@code bus}, {@code
 * clock}, {@code dma}, {@code interrupt}, {@code monitor}, {@code report} and {@code state}. A model uses this package
 * and {@code state}, {@code report} and {@code clock} beside it, and never a kernel.
 */
package ferrite.hardware.model;

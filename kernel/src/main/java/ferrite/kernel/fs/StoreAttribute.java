package ferrite.kernel.fs;

import ferrite.kernel.base.DriverApi;

/** Takes text that a program has written to an attribute (LDD3 page 370). Task context; may sleep. */
@DriverApi
@FunctionalInterface
public interface StoreAttribute {

    /**
     * Takes a value.
     *
     * @param device    the device, as {@code device_create} returned it
     * @param attribute address of the {@link DeviceAttributeLayout}
     * @param text      the bytes that were written, and a zero byte
     * @param count     their number, without the zero byte; less than a page
     * @return the number of bytes that were taken, or a negative {@link ferrite.kernel.base.Errno}
     */
    int store(long device, long attribute, long text, int count);
}

package ferrite.kernel.fs;

import ferrite.kernel.base.DriverApi;

/** Makes the text of an attribute (LDD3 page 370). Task context; may sleep. */
@DriverApi
@FunctionalInterface
public interface ShowAttribute {

    /**
     * Writes the value as text, with a line end, best with {@code sysfs_emit}.
     *
     * @param device    the device, as {@code device_create} returned it
     * @param attribute address of the {@link DeviceAttributeLayout}
     * @param page      room for the text: a page of zeros
     * @return the number of bytes, or a negative {@link ferrite.kernel.base.Errno}
     */
    int show(long device, long attribute, long page);
}

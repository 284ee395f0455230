package ferrite.kernel.driver;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.fs.DeviceAttributeLayout;

/** Attributes of devices: the files of {@code /sys/class/CLASS/DEVICE} (LDD3 pages 369-372 and 383). */
@DriverApi
public interface SysfsCalls {

    /**
     * Adds an attribute to a device. Task context; may sleep.
     *
     * @param device    as device_create returned it
     * @param attribute {@link DeviceAttributeLayout#SIZE} bytes that the driver keeps until the attribute is removed
     * @return 0, -EEXIST, or -ENOMEM
     */
    @CName("device_create_file")
    int deviceCreateFile(long device, long attribute);

    /**
     * Removes an attribute from a device, and waits until its callbacks have returned; open files return -ENODEV
     * afterwards. The device's end removes all of its attributes. Task context; may sleep.
     */
    @CName("device_remove_file")
    void deviceRemoveFile(long device, long attribute);

    /** Writes the text of an attribute in its show callback. Any context. Returns the number of bytes. */
    @CName("sysfs_emit")
    int sysfsEmit(long page, String text);
}

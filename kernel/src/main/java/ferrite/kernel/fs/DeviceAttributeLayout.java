package ferrite.kernel.fs;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Text;
import ferrite.kernel.base.Word;

/**
 * {@code struct device_attribute}: a file in the directory of a device, in a driver's memory. One record serves any
 * number of devices.
 */
@DriverApi
public final class DeviceAttributeLayout {

    public static final int NAME_BYTES = 32;
    public static final int SIZE = 12 + NAME_BYTES;

    public static final Struct STRUCT = Struct.of("device_attribute", SIZE);

    /** Permissions, such as 0444 or 0644. */
    public static final Word MODE = STRUCT.u32("mode", 0);
    /** Text address of {@link ShowAttribute}; 0 if it cannot be read. */
    public static final Pointer SHOW = STRUCT.function("show", 4);
    /** Text address of {@link StoreAttribute}; 0 if it cannot be written. */
    public static final Pointer STORE = STRUCT.function("store", 8);
    public static final Text NAME = STRUCT.text("name", 12, NAME_BYTES);

    private DeviceAttributeLayout() { }
}

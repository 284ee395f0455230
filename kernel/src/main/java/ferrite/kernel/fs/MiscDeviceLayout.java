package ferrite.kernel.fs;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Text;
import ferrite.kernel.base.Word;

/** {@code struct miscdevice}: a device of major number 10, in a driver's memory. */
@DriverApi
public final class MiscDeviceLayout {

    /** In place of a minor number: the kernel chooses one. */
    public static final int MISC_DYNAMIC_MINOR = 255;

    public static final int NAME_BYTES = 32;
    public static final int SIZE = 28 + NAME_BYTES;

    public static final Struct STRUCT = Struct.of("miscdevice", SIZE);

    /** The driver sets it; {@code misc_register} replaces {@link #MISC_DYNAMIC_MINOR} by the number. */
    public static final Word MINOR = STRUCT.s32("minor", 0);
    /** Text address of {@link FileOperations}. */
    public static final Pointer FOPS = STRUCT.function("fops", 4);
    static final Embedded LIST = STRUCT.list("list", 8);
    static final Pointer THIS_DEVICE = STRUCT.pointer("this_device", 16, "struct class_device");
    /** The files' {@link FileLayout#DATA}. */
    static final Pointer DATA = STRUCT.pointer("data", 20, "void");
    /** The permissions of the file; 0 for those of its owner only. */
    public static final Word MODE = STRUCT.u32("mode", 24);
    public static final Text NAME = STRUCT.text("name", 28, NAME_BYTES);

    private MiscDeviceLayout() { }
}

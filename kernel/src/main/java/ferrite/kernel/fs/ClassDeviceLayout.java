package ferrite.kernel.fs;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;

/** A device of a class, as LDD3's {@code struct class_device}. */
final class ClassDeviceLayout {

    static final int SIZE = 40;

    static final Struct STRUCT = Struct.of("class_device", SIZE);

    static final Embedded LIST = STRUCT.list("list", 0);
    static final Pointer CLASS = STRUCT.pointer("class", 8, "struct class");
    static final Pointer NAME = STRUCT.pointer("init_name", 12, "char");
    /** 0 if the device has no file in {@code /dev}. */
    static final Word DEVT = STRUCT.u32("devt", 16);
    static final Pointer DRIVER_DATA = STRUCT.pointer("driver_data", 20, "void");
    /** The permissions of the file in {@code /dev}. */
    static final Word MODE = STRUCT.u32("mode", 24);
    static final Pointer PARENT = STRUCT.pointer("parent", 28, "struct device");
    static final Embedded ATTRIBUTES = STRUCT.list("attributes", 32);

    private ClassDeviceLayout() { }
}

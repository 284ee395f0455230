package ferrite.book.base;

import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;

/** The numbers, the class and the files of a driver, see {@link DeviceFiles}. */
public final class DeviceFilesLayout {

    public static final int SIZE = 20;

    public static final Struct STRUCT = Struct.of("book_files", SIZE);

    /** The first number. */
    static final Word DEV = STRUCT.u32("dev", 0);
    /** The numbers that were taken, and the files that were added. */
    static final Word COUNT = STRUCT.u32("count", 4);
    static final Word ADDED = STRUCT.u32("added", 8);
    static final Pointer CLASS = STRUCT.pointer("class", 12, "struct class");
    /** An array: the cdev and the device of each file. */
    static final Pointer PAIRS = STRUCT.pointer("pairs", 16, "void *");

    static final int PAIR_BYTES = 8;
    static final int DEVICE_IN_PAIR = 4;

    private DeviceFilesLayout() { }
}

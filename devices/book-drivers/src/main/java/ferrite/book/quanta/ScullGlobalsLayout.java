package ferrite.book.quanta;

import ferrite.book.base.DeviceFilesLayout;
import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;

/** The global variables of a driver of scull devices (LDD3 page 63). */
public final class ScullGlobalsLayout {

    public static final int SIZE = 40;

    public static final Struct STRUCT = Struct.of("scull_globals", SIZE);

    public static final Embedded FILES = STRUCT.embedded("files", 0, DeviceFilesLayout.STRUCT);
    /** The array of devices. */
    public static final Pointer DEVICES = STRUCT.pointer("devices", FILES.end(), "struct scull_dev");
    public static final Word NR_DEVS = STRUCT.u32("nr_devs", DEVICES.end());
    /** The values that a device gets when it is emptied. */
    public static final Word QUANTUM = STRUCT.u32("quantum", NR_DEVS.end());
    public static final Word QSET = STRUCT.u32("qset", QUANTUM.end());
    /** The variables of one driver: its cache, or the record of its other devices. */
    public static final Pointer PRIVATE = STRUCT.pointer("private", QSET.end(), "void");

    private ScullGlobalsLayout() { }
}

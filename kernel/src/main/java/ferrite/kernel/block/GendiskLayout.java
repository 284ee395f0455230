package ferrite.kernel.block;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Text;
import ferrite.kernel.base.U64;
import ferrite.kernel.base.Word;
import ferrite.kernel.fs.CdevLayout;
import ferrite.kernel.sched.MutexLayout;
import ferrite.kernel.sched.WaitQueueLayout;

/** {@code struct gendisk}: a disk (LDD3 chapter 16, "The gendisk structure"), and the cache of its bytes. */
@DriverApi
public final class GendiskLayout {

    public static final int SIZE = 240;
    public static final int DISK_NAME_LEN = 32;

    public static final Struct STRUCT = Struct.of("gendisk", SIZE);

    public static final Word MAJOR = STRUCT.u32("major", 0);
    public static final Word FIRST_MINOR = STRUCT.u32("first_minor", 4);
    static final Word MINORS = STRUCT.u32("minors", 8);
    /** The name of the file in {@code /dev}. */
    public static final Text NAME = STRUCT.text("disk_name", 12, DISK_NAME_LEN);
    /** Text address of {@link BlockDeviceOperations}. */
    public static final Pointer FOPS = STRUCT.function("fops", 44);
    public static final Pointer QUEUE = STRUCT.pointer("queue", 48, "struct request_queue");
    public static final Pointer PRIVATE_DATA = STRUCT.pointer("private_data", 52, "void");
    /** See {@link #GENHD_FL_REMOVABLE}. */
    public static final Word FLAGS = STRUCT.u32("flags", 56);
    /** Not 0 for a disk that cannot be written, see {@code set_disk_ro}. */
    static final Word READ_ONLY = STRUCT.u32("policy", 60);
    /** The number of sectors of 512 bytes. */
    static final U64 CAPACITY = STRUCT.u64("nr_sects", 64);

    static final Embedded NODE = STRUCT.list("list", 72);
    /** See {@link #ADDED}. */
    static final Word STATE = STRUCT.u32("state", 80);
    /** The driver, while it has not called {@code put_disk}, and the open files. */
    static final Word REFERENCES = STRUCT.u32("kobj_ref", 84);
    /** The open files. */
    static final Word OPENERS = STRUCT.u32("bd_openers", 88);
    /** The operations on files, and the bios, that use the driver just now. */
    static final Word USERS = STRUCT.u32("q_usage_counter", 92);
    /** Makes the file of {@code /dev} lead here. */
    static final Embedded CDEV = STRUCT.embedded("cdev", 96, CdevLayout.STRUCT);
    /** One file is opened or closed at a time. */
    static final Embedded OPEN_MUTEX = STRUCT.embedded("open_mutex", 120, MutexLayout.STRUCT);
    /** Tasks that wait for buffers, bios, or the end of {@link #USERS}. */
    static final Embedded WAIT = STRUCT.embedded("bd_wait", 140, WaitQueueLayout.STRUCT);
    /** The buffers, and their pages. */
    static final Embedded BUFFERS = STRUCT.list("i_mapping", 152);
    static final Word PAGES = STRUCT.u32("nrpages", 160);
    static final Embedded STATS = STRUCT.embedded("part0", 164, DiskStatsLayout.STRUCT);
    /** The bios that have not ended. */
    static final Word BIOS = STRUCT.u32("nr_bios", 232);

    public static final int GENHD_FL_REMOVABLE = 1;

    /** Files can be opened. */
    static final int ADDED = 1;

    private GendiskLayout() { }
}

package ferrite.book.sbull;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;
import ferrite.kernel.sched.TimerLayout;

/** {@code struct sbull_dev} (LDD3 page 469). */
final class SbullDevLayout {

    static final int SIZE = 80;

    static final Struct STRUCT = Struct.of("sbull_dev", SIZE);

    /** The bytes of the disk, and their number. */
    static final Word BYTES = STRUCT.u32("size", 0);
    static final Pointer DATA = STRUCT.pointer("data", 4, "char");
    /** The open files. */
    static final Word USERS = STRUCT.u32("users", 8);
    /** Not 0 after half a minute without a user: the medium was changed. */
    static final Word MEDIA_CHANGE = STRUCT.u32("media_change", 12);
    static final Embedded LOCK = STRUCT.spinlock("lock", 16);
    static final Pointer QUEUE = STRUCT.pointer("queue", 20, "struct request_queue");
    static final Pointer GD = STRUCT.pointer("gd", 24, "struct gendisk");
    /** Not 0 if the bytes came from kmalloc, and not from vmalloc. */
    static final Word KMALLOC = STRUCT.u32("kmalloc", 28);
    static final Embedded TIMER = STRUCT.embedded("timer", 32, TimerLayout.STRUCT);

    private SbullDevLayout() { }
}

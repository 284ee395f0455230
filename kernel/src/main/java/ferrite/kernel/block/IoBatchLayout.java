package ferrite.kernel.block;

import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;

/** Bios for which a task waits. */
final class IoBatchLayout {

    static final int SIZE = 12;

    static final Struct STRUCT = Struct.of("io_batch", SIZE);

    /** The bios that have not ended. */
    static final Word PENDING = STRUCT.u32("pending", 0);
    /** An error of one of them, as a negative number; 0 for none. */
    static final Word ERROR = STRUCT.s32("error", 4);
    static final Pointer DISK = STRUCT.pointer("disk", 8, "struct gendisk");

    private IoBatchLayout() { }
}

package ferrite.kernel.block;

import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;

/** {@code struct file_ra_state}: the read-ahead of an open file. Positions are numbers of pages. */
final class BlkdevFileLayout {

    static final int SIZE = 20;

    static final Struct STRUCT = Struct.of("file_ra_state", SIZE);

    /** The window that was begun last, and the pages at its end that no task had asked for. */
    static final Word START = STRUCT.u32("start", 0);
    static final Word WINDOW = STRUCT.u32("size", 4);
    static final Word ASYNC = STRUCT.u32("async_size", 8);
    /** The page after the one that was read last. */
    static final Word NEXT = STRUCT.u32("next_pos", 12);
    /** Not 0 once the file was written: its close flushes the disk. */
    static final Word WROTE = STRUCT.u32("wrote", 16);

    private BlkdevFileLayout() { }
}

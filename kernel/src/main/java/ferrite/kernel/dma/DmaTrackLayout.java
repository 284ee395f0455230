package ferrite.kernel.dma;

import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;

/**
 * The owner of a block of a DMA pool: the line of source and the task that allocated it, and the line that freed it
 * last.
 */
public final class DmaTrackLayout {

    static final int SIZE = 16;

    public static final Struct STRUCT = Struct.of("dma_track", SIZE);

    static final Pointer SITE = STRUCT.pointer("site", 0, "char");
    static final Pointer TASK = STRUCT.pointer("task", 4, "char");
    static final Word PID = STRUCT.u32("pid", 8);
    static final Pointer FREED = STRUCT.pointer("freed", 12, "char");

    private DmaTrackLayout() { }
}

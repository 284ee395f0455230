package ferrite.kernel.dma;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;

/** The state of {@link DmaDebug}: a hash table of live mappings, by the page of memory in which each begins. */
public final class DmaDebugLayout {

    static final int BUCKETS = 256;
    static final int BYTES = 20 + 4 * BUCKETS;

    public static final Struct STRUCT = Struct.of("dma_debug", BYTES);

    static final Embedded LOCK = STRUCT.spinlock("lock", 0);
    /** The first entry that is not in use. */
    static final Pointer FREE = STRUCT.pointer("free_entries", 4, "struct dma_debug_entry");
    /** Bytes of the longest mapping so far. */
    static final Word LONGEST = STRUCT.u32("longest", 8);
    /** 1 once the entries were used up: from then on nothing is checked. */
    static final Word GIVEN_UP = STRUCT.u32("global_disable", 12);
    /** Coherent memory, which no unmap concerns. */
    static final Pointer COHERENT = STRUCT.pointer("coherent", 16, "struct dma_debug_entry");
    static final Pointer TABLE = STRUCT.pointer("hash", 20, "struct dma_debug_entry", BUCKETS);

    private DmaDebugLayout() { }
}

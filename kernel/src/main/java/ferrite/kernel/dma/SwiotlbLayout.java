package ferrite.kernel.dma;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.ULong;
import ferrite.kernel.base.Word;

/** {@code struct io_tlb_mem}: the bounce buffers, and an entry for each slot. */
final class SwiotlbLayout {

    static final Struct STRUCT = Struct.of("io_tlb_mem", 32);

    static final ULong POOL_PA = STRUCT.ulong("start", 0);
    static final Word SLOTS = STRUCT.u32("nslabs", 4);
    static final Word USED = STRUCT.u32("used", 8);
    static final Word MAX_USED = STRUCT.u32("used_hiwater", 12);
    static final Embedded LOCK = STRUCT.spinlock("lock", 16);
    /** The slot at which the next search begins. */
    static final Word NEXT = STRUCT.u32("index", 20);
    /** Mappings that were bounced so far. */
    static final Word BOUNCED = STRUCT.u32("bounced", 24);
    static final Embedded TABLE = STRUCT.array("slots", 32, SwiotlbSlotLayout.STRUCT, 0);

    private SwiotlbLayout() { }
}

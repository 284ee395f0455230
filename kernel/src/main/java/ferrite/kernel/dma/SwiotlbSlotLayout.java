package ferrite.kernel.dma;

import ferrite.kernel.base.Struct;
import ferrite.kernel.base.ULong;
import ferrite.kernel.base.Word;

/** {@code struct io_tlb_slot}: a slot of the bounce buffers. */
final class SwiotlbSlotLayout {

    static final int SIZE = 16;

    static final Struct STRUCT = Struct.of("io_tlb_slot", SIZE);

    /** Slots of the mapping that begins here; {@link #INSIDE} in its other slots; 0 in a free slot. */
    static final Word SPAN = STRUCT.s32("span", 0);
    /** In the first slot of a mapping: the buffer that it stands for, and its bytes. */
    static final ULong ORIGINAL_PA = STRUCT.ulong("orig_addr", 4);
    static final Word BYTES = STRUCT.u32("alloc_size", 8);

    static final int INSIDE = -1;

    private SwiotlbSlotLayout() { }
}

package ferrite.kernel.dma;

import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.ULong;
import ferrite.kernel.base.Word;

/**
 * {@code struct dma_page}: a piece of a pool's coherent memory. While owners are recorded, a track of each block
 * follows.
 */
public final class DmaPageLayout {

    public static final Struct STRUCT = Struct.of("dma_page", 20);

    static final Pointer NEXT = STRUCT.pointer("next", 0, "struct dma_page");
    static final Pointer VA = STRUCT.pointer("vaddr", 4, "void");
    static final ULong DMA = STRUCT.ulong("dma", 8);
    static final Word IN_USE = STRUCT.u32("in_use", 12);
    /**
     * Offset of the first free block. A free block begins with the offset of the next one, the last with the bytes of
     * the piece.
     */
    static final Word FREE = STRUCT.u32("offset", 16);
    /** A bit for each block, set while the block is allocated. */
    static final Word BITS = STRUCT.u32("bits", 20, 0);

    private DmaPageLayout() { }
}

package ferrite.kernel.dma;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;

/** {@code struct dma_pool}. Its memory comes in pieces of coherent memory, see {@link DmaPageLayout}. */
public final class DmaPoolLayout {

    public static final int BYTES = 36;

    public static final Struct STRUCT = Struct.of("dma_pool", BYTES);

    /** In the list of all pools. */
    static final Embedded NODE = STRUCT.list("pools", 0);
    static final Embedded LOCK = STRUCT.spinlock("lock", 8);
    static final Pointer DEV = STRUCT.pointer("dev", 12, "struct device");
    static final Pointer NAME = STRUCT.pointer("name", 16, "char");
    /** Bytes of a block, a multiple of its alignment. */
    static final Word SIZE = STRUCT.u32("size", 20);
    /** Bytes of a piece. */
    static final Word ALLOCATION = STRUCT.u32("allocation", 24);
    /** No block crosses a multiple of this, which divides the bytes of a piece. */
    static final Word BOUNDARY = STRUCT.u32("boundary", 28);
    static final Pointer PAGES = STRUCT.pointer("page_list", 32, "struct dma_page");

    private DmaPoolLayout() { }

    /** Returns the number of blocks in a piece. */
    static int blocks(int size, int allocation, int boundary) {
        return allocation / boundary * (boundary / size);
    }

    /** Returns the number of the block that begins at an offset; -1 where none does. */
    static int index(int offset, int size, int boundary) {
        int inside = offset % boundary;
        boolean begins = inside % size == 0 && inside / size < boundary / size;
        return begins ? offset / boundary * (boundary / size) + inside / size : -1;
    }

    static int offset(int index, int size, int boundary) {
        int each = boundary / size;
        return index / each * boundary + index % each * size;
    }

    /** Returns the distance of the tracks from the record of a piece. */
    static int tracks(int blocks) {
        return DmaPageLayout.BITS.offset() + (blocks + 31) / 32 * 4;
    }
}

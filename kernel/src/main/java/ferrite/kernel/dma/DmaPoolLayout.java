package ferrite.kernel.dma;

import ferrite.kernel.base.ListHead;

/** {@code struct dma_pool}, and {@code struct dma_page} of each piece of coherent memory in it. */
public final class DmaPoolLayout {

    /** On the list of all pools. */
    static final int NODE = 0;
    static final int LOCK = ListHead.SIZE;
    static final int DEV = 12;
    static final int NAME = 16;
    /** Bytes of a block, a multiple of its alignment. */
    static final int SIZE = 20;
    /** Bytes of a piece, and what no block in it crosses: a divisor of them. */
    static final int ALLOCATION = 24;
    static final int BOUNDARY = 28;
    /** The record of the first piece. */
    static final int PAGES = 32;
    static final int BYTES = 36;

    /** Of a piece: the next one's record, where it is, and how many of its blocks are out. */
    static final int PAGE_NEXT = 0;
    static final int PAGE_VA = 4;
    static final int PAGE_DMA = 8;
    static final int PAGE_IN_USE = 12;
    /** Offset of the first free block; a free block begins with that of the next, and the last has {@link #ALLOCATION}'s. */
    static final int PAGE_FREE = 16;
    /** A bit for each block, set while it is out. Then, while owners are recorded, a track of each. */
    static final int PAGE_BITS = 20;

    /** Of a track: who has the block or had it, and who freed it last. */
    static final int TRACK_SITE = 0;
    static final int TRACK_TASK = 4;
    static final int TRACK_PID = 8;
    static final int TRACK_FREED = 12;
    static final int TRACK_BYTES = 16;

    private DmaPoolLayout() { }

    /** How many blocks there are in a piece. */
    static int blocks(int size, int allocation, int boundary) {
        return allocation / boundary * (boundary / size);
    }

    /** The number of the block that begins at an offset; -1 where none does. */
    static int index(int offset, int size, int boundary) {
        int inside = offset % boundary;
        boolean begins = inside % size == 0 && inside / size < boundary / size;
        return begins ? offset / boundary * (boundary / size) + inside / size : -1;
    }

    static int offset(int index, int size, int boundary) {
        int each = boundary / size;
        return index / each * boundary + index % each * size;
    }

    /** Distance of the tracks from the record of a piece. */
    static int tracks(int blocks) {
        return PAGE_BITS + (blocks + 31) / 32 * 4;
    }
}

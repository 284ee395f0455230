package ferrite.kernel.dma;

/** The bounce buffers' record: where the pool is, who has which slot, and counters. A table with an entry for each slot follows. */
final class SwiotlbLayout {

    static final int POOL_PA = 0;
    static final int SLOTS = 4;
    static final int USED = 8;
    static final int MOST_USED = 12;
    static final int LOCK = 16;
    /** The slot where the next search begins. */
    static final int NEXT = 20;
    /** How many mappings were bounced so far. */
    static final int BOUNCED = 24;
    static final int TABLE = 32;

    /** Of a slot: how many slots the mapping has that begins here; {@link #INSIDE} behind its first slot; 0 when free. */
    static final int SPAN = 0;
    static final int INSIDE = -1;
    /** Where the buffer is that this slot begins to stand for, and how long; of the first slot of a mapping. */
    static final int ORIGINAL_PA = 4;
    static final int BYTES = 8;
    static final int SLOT_SIZE = 16;

    private SwiotlbLayout() { }
}

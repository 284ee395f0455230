package ferrite.kernel.dma;

/** What {@link DmaDebug} keeps: a hash table of the mappings that are live, by the page of memory that each begins in, and entries for more. */
public final class DmaDebugLayout {

    static final int BUCKETS = 256;

    static final int LOCK = 0;
    /** The first entry that is not in use. */
    static final int FREE = 4;
    /** Bytes of the longest mapping so far. */
    static final int LONGEST = 8;
    /** 1 once there were not entries enough: nothing is known any more. */
    static final int GIVEN_UP = 12;
    static final int TABLE = 16;
    static final int BYTES = TABLE + 4 * BUCKETS;

    /** Of an entry. */
    static final int NEXT = 0;
    static final int DEV = 4;
    /** Where the memory is, and where the device sees it: the same but for what is bounced. */
    static final int PA = 8;
    static final int DMA = 12;
    static final int LENGTH = 16;
    static final int DIRECTION = 20;
    /** Number of a {@link DmaDebug.Call}. */
    static final int CALL = 24;
    /** Of a list: how many entries it was mapped with. */
    static final int ENTRIES = 28;
    /** 1 once dma_mapping_error was asked. */
    static final int CHECKED = 32;
    static final int SITE = 36;
    static final int TASK = 40;
    static final int PID = 44;
    static final int SIZE = 48;

    private DmaDebugLayout() { }
}

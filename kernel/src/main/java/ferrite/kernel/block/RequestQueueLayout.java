package ferrite.kernel.block;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.U64;
import ferrite.kernel.base.Word;
import ferrite.kernel.sched.WaitQueueLayout;

/** {@code struct request_queue}: the requests for a disk, in the order of their sectors (LDD3 page 478). */
@DriverApi
public final class RequestQueueLayout {

    public static final int SIZE = 104;

    public static final Struct STRUCT = Struct.of("request_queue", SIZE);

    /** The queue's lock, which is held while the request function is called (LDD3 page 475). */
    public static final Pointer QUEUE_LOCK = STRUCT.pointer("queue_lock", 0, "void");
    /** The driver's word. */
    public static final Pointer QUEUEDATA = STRUCT.pointer("queuedata", 4, "void");
    /** Text address of {@link RequestFn}, or 0. */
    static final Pointer REQUEST_FN = STRUCT.function("request_fn", 8);
    /** Text address of {@link MakeRequestFn}, or 0: there are no requests then. */
    static final Pointer MAKE_REQUEST_FN = STRUCT.function("make_request_fn", 12);
    static final Embedded OWN_LOCK = STRUCT.spinlock("__queue_lock", 16);
    /** The waiting requests by their sectors, and by their age. */
    static final Embedded SORTED = STRUCT.list("queue_head", 20);
    static final Embedded FIFO = STRUCT.list("fifo_list", 28);
    /** The requests that were made and have not ended. */
    static final Word ALLOCATED = STRUCT.u32("nr_rqs", 36);
    /** Tasks that wait for a request, because there are {@link #NR_REQUESTS}. */
    static final Embedded WAIT = STRUCT.embedded("rq_wait", 40, WaitQueueLayout.STRUCT);
    /** The sector after the request that was fetched last. */
    static final U64 HEAD_SECTOR = STRUCT.u64("last_sector", 56);
    /** See {@link #STOPPED}. */
    static final Word FLAGS = STRUCT.u32("queue_flags", 64);

    static final Word MAX_SECTORS = STRUCT.u32("max_hw_sectors", 68);
    static final Word MAX_SEGMENTS = STRUCT.u32("max_segments", 72);
    static final Word MAX_SEGMENT_SIZE = STRUCT.u32("max_segment_size", 76);
    static final Word LOGICAL_BLOCK_SIZE = STRUCT.u32("logical_block_size", 80);
    /** Flags that the cache's pages are allocated with, and the most pages of one disk; 0 for a share of memory. */
    static final Word BOUNCE_GFP = STRUCT.u32("bounce_gfp", 84);
    static final Word MAX_PAGES = STRUCT.u32("max_cache_pages", 88);
    /** The longest read-ahead in KiB; 0 for none. */
    static final Word READ_AHEAD_KB = STRUCT.u32("read_ahead_kb", 92);

    static final int NR_REQUESTS = 128;

    /** {@code blk_stop_queue} was called: the request function is not called. */
    static final int STOPPED = 1;
    /** The disk has a cache of writes, which {@code REQ_OP_FLUSH} empties. */
    static final int WRITE_CACHE = 4;

    private RequestQueueLayout() { }
}

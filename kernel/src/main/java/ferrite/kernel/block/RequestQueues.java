package ferrite.kernel.block;

import static ferrite.kernel.block.RequestQueueLayout.FLAGS;
import static ferrite.kernel.block.RequestQueueLayout.OWN_LOCK;
import static ferrite.kernel.block.RequestQueueLayout.QUEUE_LOCK;
import static ferrite.kernel.block.RequestQueueLayout.REQUEST_FN;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.KernelBug;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.core.Callbacks;
import ferrite.kernel.core.Context;

/** Queues of requests: their making, limits, lock, and the calls of the request function (LDD3 pages 478-481). */
public final class RequestQueues {

    private static final int SECTOR = 512;
    /** Linux's limits at first: sectors, segments and bytes of a segment; and KiB of read-ahead. */
    private static final int BLK_DEF_MAX_SECTORS = 2560;
    private static final int BLK_MAX_SEGMENTS = 128;
    private static final int BLK_MAX_SEGMENT_SIZE = 65536;
    private static final int DEFAULT_READ_AHEAD_KB = 128;
    /** The highest address of 24 address wires, and of all 32. */
    private static final long BLK_BOUNCE_ISA = 0xff_ffffL;
    private static final long BLK_BOUNCE_ANY = 0xffff_ffffL;
    /** The cache of a disk that reaches the DMA zone alone has so many pages there at most: 1 MiB. */
    private static final int MAX_DMA_PAGES = 256;

    private final BlockState state;
    private final KernelMemory memory;
    private final SpinLock locks;
    private final Context context;
    private final Callbacks callbacks;

    RequestQueues(BlockState state) {
        this.state = state;
        this.memory = state.base().memory();
        this.locks = state.base().driverLocks();
        this.context = state.base().context();
        this.callbacks = new Callbacks(state.base());
    }

    /**
     * {@code blk_init_queue}: makes a queue (LDD3 page 479). May sleep. Returns 0 without memory.
     *
     * @param requestFn text address of a {@link RequestFn}
     * @param lock      the driver's spinlock, or 0 for one of the queue's own
     */
    public long init(long requestFn, long lock) {
        long queue = alloc();
        if (queue != 0) {
            REQUEST_FN.set(memory, queue, requestFn);
            QUEUE_LOCK.set(memory, queue, lock != 0 ? lock : OWN_LOCK.at(queue));
        }
        return queue;
    }

    /** {@code blk_alloc_queue}: makes a queue for {@link #makeRequest} (LDD3 page 491). May sleep. */
    public long alloc() {
        context.mightSleep("blk_init_queue", "make the queue when the driver is loaded");
        long queue = state.make() ? state.mm().kmalloc().kzalloc(RequestQueueLayout.SIZE, Gfp.GFP_KERNEL) : 0;
        if (queue != 0) {
            locks.init(OWN_LOCK.at(queue), "blk_init_queue");
            QUEUE_LOCK.set(memory, queue, OWN_LOCK.at(queue));
            ListHead.init(memory, RequestQueueLayout.SORTED.at(queue));
            ListHead.init(memory, RequestQueueLayout.FIFO.at(queue));
            state.tasks().waitQueues().init(RequestQueueLayout.WAIT.at(queue));
            RequestQueueLayout.MAX_SECTORS.set(memory, queue, BLK_DEF_MAX_SECTORS);
            RequestQueueLayout.MAX_SEGMENTS.set(memory, queue, BLK_MAX_SEGMENTS);
            RequestQueueLayout.MAX_SEGMENT_SIZE.set(memory, queue, BLK_MAX_SEGMENT_SIZE);
            RequestQueueLayout.LOGICAL_BLOCK_SIZE.set(memory, queue, SECTOR);
            RequestQueueLayout.BOUNCE_GFP.set(memory, queue, Gfp.GFP_HIGHUSER);
            RequestQueueLayout.READ_AHEAD_KB.set(memory, queue, DEFAULT_READ_AHEAD_KB);
        }
        return queue;
    }

    /** {@code blk_queue_make_request}: has a function take each bio, instead of requests (LDD3 page 491). */
    public void makeRequest(long queue, long function) {
        RequestQueueLayout.MAKE_REQUEST_FN.set(memory, queue, function);
    }

    /** {@code blk_cleanup_queue}: frees a queue after its disk was deleted (LDD3 page 479). May sleep. */
    public void cleanup(long queue) {
        context.mightSleep("blk_cleanup_queue", "free the queue when the driver is unloaded");
        if (queue == 0) {
            return;
        }
        if (RequestQueueLayout.ALLOCATED.get(memory, queue) != 0) {
            throw new KernelBug("blk_cleanup_queue with " + RequestQueueLayout.ALLOCATED.get(memory, queue)
                    + " requests that have not ended; call del_gendisk first");
        }
        state.mm().kmalloc().kfree(queue);
    }

    // ---- limits ----

    /** {@code blk_queue_max_hw_sectors}: the most sectors of a request (LDD3 chapter 16, "Queue control functions"). */
    public void setMaxSectors(long queue, int sectors) {
        RequestQueueLayout.MAX_SECTORS.set(memory, queue, Math.max(AddressSpace.PAGE_SIZE / SECTOR, sectors));
    }

    /** {@code blk_queue_max_segments}: the most pieces of memory of a request. */
    public void setMaxSegments(long queue, int segments) {
        RequestQueueLayout.MAX_SEGMENTS.set(memory, queue, Math.max(1, segments));
    }

    /** {@code blk_queue_max_segment_size}: the most bytes of such a piece. */
    public void setMaxSegmentSize(long queue, int bytes) {
        RequestQueueLayout.MAX_SEGMENT_SIZE.set(memory, queue, Math.max(AddressSpace.PAGE_SIZE, bytes));
    }

    /**
     * {@code blk_queue_logical_block_size}: the bytes of the device's own sector (LDD3 chapter 16, "Queue control
     * functions").
     */
    public void setLogicalBlockSize(long queue, int bytes) {
        RequestQueueLayout.LOGICAL_BLOCK_SIZE.set(memory, queue, bytes);
    }

    /**
     * {@code blk_queue_bounce_limit}: the highest address that the device reaches (LDD3 chapter 16, "Queue control
     * functions").
     */
    public void setBounceLimit(long queue, long limit) {
        boolean isDma = limit <= BLK_BOUNCE_ISA;
        RequestQueueLayout.BOUNCE_GFP.set(memory, queue, isDma ? Gfp.GFP_USER | Gfp.GFP_DMA
                : limit < BLK_BOUNCE_ANY ? Gfp.GFP_USER : Gfp.GFP_HIGHUSER);
        RequestQueueLayout.MAX_PAGES.set(memory, queue, isDma ? MAX_DMA_PAGES : 0);
    }

    /** {@code blk_queue_write_cache}: tells whether the disk has a cache of writes. */
    public void setWriteCache(long queue, boolean hasCache) {
        if (hasCache) {
            FLAGS.amoOr(memory, queue, RequestQueueLayout.WRITE_CACHE);
        } else {
            FLAGS.amoAnd(memory, queue, ~RequestQueueLayout.WRITE_CACHE);
        }
    }

    /** {@code blk_queue_read_ahead}: the longest read-ahead in KiB. Linux sets {@code ra_pages} of the queue. */
    public void setReadAhead(long queue, int kibibytes) {
        RequestQueueLayout.READ_AHEAD_KB.set(memory, queue, kibibytes);
    }

    // ---- the lock, and running ----

    int lock(long queue) {
        return locks.lockIrqSave(QUEUE_LOCK.get(memory, queue));
    }

    void unlock(long queue, int flags) {
        locks.unlockIrqRestore(QUEUE_LOCK.get(memory, queue), flags);
    }

    /** {@code __blk_run_queue}: calls the request function if requests wait. The lock is held. */
    void runLocked(long queue) {
        boolean isStopped = (FLAGS.get(memory, queue) & RequestQueueLayout.STOPPED) != 0;
        if (!isStopped && !ListHead.isEmpty(memory, RequestQueueLayout.FIFO.at(queue))) {
            long function = REQUEST_FN.get(memory, queue);
            callbacks.call("the request function", function,
                    () -> state.base().text().at(function, RequestFn.class).request(queue));
        }
    }

    /** {@code blk_run_queue}. Any context. */
    public void run(long queue) {
        int flags = lock(queue);
        runLocked(queue);
        unlock(queue, flags);
    }

    /**
     * {@code blk_stop_queue}: ends the calls of the request function (LDD3 chapter 16, "Queue control functions"). The
     * lock is held.
     */
    public void stop(long queue) {
        FLAGS.amoOr(memory, queue, RequestQueueLayout.STOPPED);
    }

    /**
     * {@code blk_start_queue}: begins them again, and runs the queue (LDD3 chapter 16, "Queue control functions"). The
     * lock is held.
     */
    public void start(long queue) {
        FLAGS.amoAnd(memory, queue, ~RequestQueueLayout.STOPPED);
        runLocked(queue);
    }
}

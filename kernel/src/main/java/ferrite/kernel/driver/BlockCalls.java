package ferrite.kernel.driver;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.block.BvecBody;

/**
 * Block devices (LDD3 chapter 16): disks ({@link ferrite.kernel.block.GendiskLayout}), queues
 * ({@link ferrite.kernel.block.RequestQueueLayout}), requests and bios. The kernel calls a driver by its
 * {@link ferrite.kernel.block.BlockDeviceOperations} and {@link ferrite.kernel.block.RequestFn}.
 */
@DriverApi
public interface BlockCalls {

    // ---- disks ----

    /**
     * Takes a major number (LDD3 chapter 16, "Block Driver Registration"). Task context; may sleep.
     *
     * @param major 0 for a free one
     * @return the number if it was 0, or else 0; -EBUSY if it is taken, -EINVAL or -ENOMEM
     */
    @CName("register_blkdev")
    int registerBlkdev(int major, String name);

    /** Gives a major number back (LDD3 chapter 16, "Block Driver Registration"). Task context; may sleep. */
    @CName("unregister_blkdev")
    void unregisterBlkdev(int major, String name);

    /**
     * Allocates a disk (LDD3 chapter 16, "The gendisk structure"). The driver sets major, first_minor, disk_name, fops,
     * queue and private_data. Task context; may sleep.
     *
     * @return the disk; 0 without memory
     */
    @CName("alloc_disk")
    long allocDisk(int minors);

    /**
     * Ends the driver's use of a disk, which is freed when its files are closed (LDD3 chapter 16, "The gendisk
     * structure"). Task context.
     */
    @CName("put_disk")
    void putDisk(long disk);

    /**
     * Makes a disk live: its files may be opened before this returns (LDD3 chapter 16, "The gendisk structure"). Task
     * context; may sleep.
     *
     * @return 0; -EEXIST if /dev has the name, -EINVAL if something is not set, or -ENOMEM
     */
    @CName("add_disk")
    int addDisk(long disk);

    /**
     * Hides a disk; its open files fail with -ENODEV (LDD3 chapter 16, "The gendisk structure"). When it returns, no
     * request is left, and the kernel calls no operation but {@code release}. Task context; may sleep.
     */
    @CName("del_gendisk")
    void delGendisk(long disk);

    /** Sets the size in sectors of 512 bytes (LDD3 chapter 16, "The gendisk structure"). Any context. */
    @CName("set_capacity")
    void setCapacity(long disk, long sectors);

    /** Returns the size in sectors of 512 bytes. Any context. */
    @CName("get_capacity")
    long getCapacity(long disk);

    /** Sets whether writes to the disk are refused. Any context. */
    @CName("set_disk_ro")
    void setDiskRo(long disk, boolean readOnly);

    /**
     * Asks {@code media_changed}, in {@code open}; if so, forgets the bytes in the cache and calls
     * {@code revalidate_disk} (LDD3 chapter 16, "Supporting Removable Media"). Task context; may sleep. Returns whether
     * the medium was changed.
     */
    @CName("check_disk_change")
    boolean checkDiskChange(long disk);

    // ---- queues ----

    /**
     * Makes a queue (LDD3 page 479). Task context; may sleep. Returns 0 without memory.
     *
     * @param requestFn text address of a {@link ferrite.kernel.block.RequestFn}
     * @param lock      address of the driver's spinlock; 0 for one of the queue's own
     */
    @CName("blk_init_queue")
    long blkInitQueue(long requestFn, long lock);

    /** Makes a queue for {@link #blkQueueMakeRequest} (LDD3 page 491). Task context; may sleep. */
    @CName("blk_alloc_queue")
    long blkAllocQueue(int gfp);

    /**
     * Has a function take bios in place of requests (LDD3 page 491). Task context.
     *
     * @param function text address of a {@link ferrite.kernel.block.MakeRequestFn}
     */
    @CName("blk_queue_make_request")
    void blkQueueMakeRequest(long queue, long function);

    /** Frees a queue, after del_gendisk (LDD3 page 479). Task context; may sleep. */
    @CName("blk_cleanup_queue")
    void blkCleanupQueue(long queue);

    /**
     * Sets the most sectors of 512 bytes of a request, at least 8 (LDD3 chapter 16, "Queue control functions"). Task
     * context.
     */
    @CName("blk_queue_max_hw_sectors")
    void blkQueueMaxHwSectors(long queue, int sectors);

    /** Sets the most pieces of memory of a request (LDD3 chapter 16, "Queue control functions"). Task context. */
    @CName("blk_queue_max_segments")
    void blkQueueMaxSegments(long queue, int segments);

    /**
     * Sets the most bytes of such a piece, at least a page (LDD3 chapter 16, "Queue control functions"). Task context.
     */
    @CName("blk_queue_max_segment_size")
    void blkQueueMaxSegmentSize(long queue, int bytes);

    /** Sets the bytes of the device's own sector (LDD3 chapter 16, "Queue control functions"). Task context. */
    @CName("blk_queue_logical_block_size")
    void blkQueueLogicalBlockSize(long queue, int bytes);

    /**
     * Sets the highest address that the device reaches (LDD3 chapter 16, "Queue control functions"). The kernel takes
     * the memory of its cache from there if it can; requests from elsewhere are the driver's to copy. Task context.
     */
    @CName("blk_queue_bounce_limit")
    void blkQueueBounceLimit(long queue, long limit);

    /** Sets whether the disk has a cache of writes, and so obeys REQ_OP_FLUSH. Task context. */
    @CName("blk_queue_write_cache")
    void blkQueueWriteCache(long queue, boolean hasCache);

    /** Sets the longest read-ahead in KiB; 0 for none. Any context. */
    @CName("blk_queue_read_ahead")
    void blkQueueReadAhead(long queue, int kibibytes);

    /** Calls the request function if requests wait. Any context. */
    @CName("blk_run_queue")
    void blkRunQueue(long queue);

    /**
     * Ends the calls of the request function; the queue's lock is held (LDD3 chapter 16, "Queue control functions").
     * Any context.
     */
    @CName("blk_stop_queue")
    void blkStopQueue(long queue);

    /** Begins them again; the queue's lock is held (LDD3 chapter 16, "Queue control functions"). Any context. */
    @CName("blk_start_queue")
    void blkStartQueue(long queue);

    // ---- requests ----

    /** Takes the next request; 0 if there is none. The queue's lock is held (LDD3 page 476). Any context. */
    @CName("blk_fetch_request")
    long blkFetchRequest(long queue);

    /**
     * Ends bytes at the front of a request (LDD3 page 486). If all its bytes fail with -EIO and it has several bios,
     * each of these becomes a request of its own, so that errors reach the right ones; fetch again. Any context.
     *
     * @param error 0 or a negative errno
     * @return whether bytes are left; if not, the driver must not use the request any more
     */
    @CName("blk_end_request")
    boolean blkEndRequest(long request, int error, int bytes);

    /** As {@link #blkEndRequest}, with the queue's lock held. Any context. */
    @CName("__blk_end_request")
    boolean __blkEndRequest(long request, int error, int bytes);

    /** Ends a whole request (LDD3 page 487). Any context. */
    @CName("blk_end_request_all")
    void blkEndRequestAll(long request, int error);

    /** Ends a whole request, with the queue's lock held. Any context. */
    @CName("__blk_end_request_all")
    void __blkEndRequestAll(long request, int error);

    /** Returns the first sector that has not ended (LDD3 page 476). Any context. */
    @CName("blk_rq_pos")
    long blkRqPos(long request);

    /** Returns the bytes that have not ended. Any context. */
    @CName("blk_rq_bytes")
    int blkRqBytes(long request);

    /** Returns the number of pieces of memory, each of one block, that have not ended. Any context. */
    @CName("blk_rq_nr_phys_segments")
    int blkRqNrPhysSegments(long request);

    /** Returns {@code REQ_OP_READ} or another operation of {@link ferrite.kernel.block.BioLayout}. Any context. */
    @CName("req_op")
    int reqOp(long request);

    /** Calls a body for each page, or part of one, that has not ended (LDD3 page 488). Any context. */
    @CName("rq_for_each_segment")
    void rqForEachSegment(long request, BvecBody body);

    /**
     * Describes the memory of a request in a scatterlist (LDD3 chapter 16, "Block requests and DMA"). Any context.
     *
     * @param sgl has room for the queue's limit of segments
     * @return the number of entries
     */
    @CName("blk_rq_map_sg")
    int blkRqMapSg(long queue, long request, long sgl);

    // ---- bios ----

    /** Allocates an empty bio; with flags that allow it to sleep, it never fails. May sleep if the flags allow it. */
    @CName("bio_alloc")
    long bioAlloc(int gfp);

    /** Frees a bio. Any context. */
    @CName("bio_put")
    void bioPut(long bio);

    /**
     * Adds memory to a bio with a disk. Any context.
     *
     * @param bytes whole sectors, which may go on in the next pages of a block
     * @return the bytes; 0 if a request of the disk would become too large
     */
    @CName("bio_add_page")
    int bioAddPage(long bio, long page, int bytes, int offset);

    /** Begins to serve a bio, and calls its {@code bi_end_io} when it has ended. Task context; may sleep. */
    @CName("submit_bio")
    void submitBio(long bio);

    /** Ends a bio that {@code make_request} was given (LDD3 page 490). Any context. */
    @CName("bio_endio")
    void bioEndio(long bio, int error);

    /**
     * Calls a body for each page, or part of one, that has not ended (LDD3 chapter 16, "The bio structure"). Any
     * context.
     */
    @CName("bio_for_each_segment")
    void bioForEachSegment(long bio, BvecBody body);

    /**
     * Lets the bios that this task submits wait, so that neighbours are merged. Task context.
     *
     * @param plug address of a {@link ferrite.kernel.block.BlkPlugLayout} on the stack
     */
    @CName("blk_start_plug")
    void blkStartPlug(long plug);

    /** Gives the bios that wait to the driver. Task context. */
    @CName("blk_finish_plug")
    void blkFinishPlug(long plug);
}

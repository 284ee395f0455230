package ferrite.kernel.block;

import static ferrite.kernel.block.BioLayout.DISK;
import static ferrite.kernel.block.BioLayout.DONE;
import static ferrite.kernel.block.BioLayout.OPF;
import static ferrite.kernel.block.BioLayout.SECTOR;
import static ferrite.kernel.block.BioLayout.SIZE_LEFT;
import static ferrite.kernel.block.BioLayout.STATUS;
import static ferrite.kernel.block.BioLayout.VCNT;
import static ferrite.kernel.block.BioLayout.VECS;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.KernelBug;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.core.Callbacks;
import ferrite.kernel.core.Context;
import ferrite.kernel.mm.PageLayout;

/**
 * Bios: neighbouring sectors on their way to or from memory (LDD3 chapter 16, "The bio structure"), and their
 * submission.
 */
public final class Bios {

    private static final int PAGE = AddressSpace.PAGE_SIZE;
    private static final int SECTOR_BYTES = 512;

    private final BlockState state;
    private final KernelMemory memory;
    private final Context context;
    private final Callbacks callbacks;
    private final RequestQueues queues;
    private final DiskStats stats;
    private final Requests requests;

    Bios(BlockState state, RequestQueues queues) {
        this.state = state;
        this.memory = state.base().memory();
        this.context = state.base().context();
        this.callbacks = new Callbacks(state.base());
        this.queues = queues;
        this.stats = new DiskStats(state);
        this.requests = new Requests(state, queues, this);
    }

    DiskStats stats() {
        return stats;
    }

    Requests requests() {
        return requests;
    }

    // ---- making ----

    /** {@code bio_alloc}: allocates an empty bio. May sleep if the flags allow it, and then always succeeds. */
    public long alloc(int gfp) {
        if (!state.make()) {
            return 0;
        }
        long pool = BlockLayout.BIO_POOL.get(memory, state.get());
        long bio = state.mm().caches().objects().alloc(BlockLayout.BIO_CACHE.get(memory, state.get()),
                gfp & ~Gfp.__GFP_DIRECT_RECLAIM | Gfp.__GFP_NORETRY | Gfp.__GFP_NOWARN);
        boolean isReserve = bio == 0;
        bio = isReserve ? state.mm().mempools().mempoolAlloc(pool, gfp & ~Gfp.__GFP_DIRECT_RECLAIM) : bio;
        if (bio == 0 && Gfp.maySleep(gfp)) {
            flushPlug();                               // the plugged bios may be those of the reserve
            bio = state.mm().mempools().mempoolAlloc(pool, gfp);
        }
        if (bio != 0) {
            memory.fill(bio, 0, BioLayout.SIZE);
            BioLayout.IS_RESERVE.set(memory, bio, isReserve ? 1 : 0);
        }
        return bio;
    }

    /** {@code bio_put}: frees a bio. Any context. */
    public void put(long bio) {
        if (BioLayout.IS_RESERVE.get(memory, bio) != 0) {
            state.mm().mempools().mempoolFree(bio, BlockLayout.BIO_POOL.get(memory, state.get()));
        } else {
            state.mm().caches().objects().free(BlockLayout.BIO_CACHE.get(memory, state.get()), bio);
        }
    }

    /**
     * {@code bio_add_page}: adds memory at the end of a bio with a disk. Any context.
     *
     * @return the bytes; 0 if a request of the disk would become too large
     */
    public int addPage(long bio, long page, int bytes, int offset) {
        long queue = GendiskLayout.QUEUE.get(memory, DISK.get(memory, bio));
        int count = VCNT.get(memory, bio);
        int most = Math.min(BioLayout.BIO_MAX_VECS, RequestQueueLayout.MAX_SEGMENTS.get(memory, queue));
        long sectors = (long) SIZE_LEFT.get(memory, bio) + bytes;
        if (count >= most || sectors / SECTOR_BYTES > RequestQueueLayout.MAX_SECTORS.get(memory, queue)
                || bytes > RequestQueueLayout.MAX_SEGMENT_SIZE.get(memory, queue)) {
            return 0;
        }
        long vec = VECS.at(bio, count);
        BioVecLayout.PAGE.set(memory, vec, page);
        BioVecLayout.LENGTH.set(memory, vec, bytes);
        BioVecLayout.OFFSET.set(memory, vec, offset);
        VCNT.set(memory, bio, count + 1);
        SIZE_LEFT.add(memory, bio, bytes);
        return bytes;
    }

    /** {@code bio_for_each_segment}: calls a body for each page, or part of one, that has not ended. */
    public void forEachSegment(long bio, BvecBody body) {
        forEachVec(bio, (page, offset, bytes) -> {
            for (int at = offset; at < offset + bytes; ) {
                int piece = Math.min(PAGE - at % PAGE, offset + bytes - at);
                body.segment(page + (long) (at / PAGE) * PageLayout.SIZE, at % PAGE, piece);
                at += piece;
            }
        });
    }

    /** Calls a body for each memory that was added, of several pages perhaps, as far as it has not ended. */
    void forEachVec(long bio, BvecBody body) {
        int skip = DONE.get(memory, bio);
        int count = VCNT.get(memory, bio);
        for (int i = 0; i < count; i++) {
            long vec = VECS.at(bio, i);
            int length = BioVecLayout.LENGTH.get(memory, vec);
            int passed = Math.min(skip, length);
            skip -= passed;
            if (passed < length) {
                int at = BioVecLayout.OFFSET.get(memory, vec) + passed;
                body.segment(BioVecLayout.PAGE.get(memory, vec) + (long) (at / PAGE) * PageLayout.SIZE, at % PAGE,
                        length - passed);
            }
        }
    }

    // ---- submission ----

    /**
     * {@code submit_bio}: begins to serve a bio (LDD3 page 481). Its {@code bi_end_io} is called when it has ended,
     * perhaps before this returns. Task context; may sleep.
     */
    public void submit(long bio) {
        context.mightSleep("submit_bio", "have a work item do it");
        long disk = DISK.get(memory, bio);
        int error = !state.enter(disk) ? -Errno.ENODEV : 0;
        if (error != 0) {
            STATUS.set(memory, bio, error);
            call(bio);
            return;
        }
        GendiskLayout.BIOS.amoAdd(memory, disk, 1);
        long end = SECTOR.get(memory, bio) + SIZE_LEFT.get(memory, bio) / SECTOR_BYTES;
        if (end > GendiskLayout.CAPACITY.get(memory, disk) || SIZE_LEFT.get(memory, bio) % SECTOR_BYTES != 0) {
            STATUS.set(memory, bio, -Errno.EIO);
            end(bio);
            return;
        }
        long queue = GendiskLayout.QUEUE.get(memory, disk);
        long make = RequestQueueLayout.MAKE_REQUEST_FN.get(memory, queue);
        if (make != 0) {
            stats.served(disk, OPF.get(memory, bio), SIZE_LEFT.get(memory, bio));
            Context.Entered entered = context.enter();
            state.base().text().at(make, MakeRequestFn.class).make(queue, bio);
            context.leave(() -> "make_request of a disk", entered);
            return;
        }
        requests.queue(queue, bio);
        runUnlessPlugged(queue);
    }

    /** {@code bio_endio}: ends a bio of a disk without requests. Any context. */
    public void endio(long bio, int error) {
        advance(bio, SIZE_LEFT.get(memory, bio), error);
        end(bio);
    }

    /** Counts bytes at the front of a bio as ended. */
    void advance(long bio, int bytes, int error) {
        SIZE_LEFT.add(memory, bio, -bytes);
        DONE.add(memory, bio, bytes);
        SECTOR.add(memory, bio, bytes / SECTOR_BYTES);
        if (error != 0 && STATUS.get(memory, bio) == 0) {
            STATUS.set(memory, bio, error);
        }
    }

    /** Tells the owner of a bio that it has ended. */
    void end(long bio) {
        long disk = DISK.get(memory, bio);
        call(bio);
        GendiskLayout.BIOS.amoAdd(memory, disk, -1);
        if (GendiskLayout.OPENERS.get(memory, disk) == 0) {
            state.wake(disk);                          // the last close may wait
        }
        state.leave(disk);
    }

    private void call(long bio) {
        long function = BioLayout.END_IO.get(memory, bio);
        if (function == 0) {
            throw new KernelBug("a bio without bi_end_io has ended; set it before submit_bio");
        }
        callbacks.call("the end of a bio", function,
                () -> state.base().text().at(function, BioEndIo.class).ended(bio));
    }

    // ---- plugs ----

    private long task() {
        return state.base().cpu().tp();
    }

    /** {@code blk_start_plug}: lets the bios that this task submits wait for each other. Task context. */
    public void startPlug(long plug) {
        BlkPlugLayout.QUEUE.set(memory, plug, 0);
        if (TaskLayout.PLUG.get(memory, task()) == 0) {
            TaskLayout.PLUG.set(memory, task(), plug);
        }
    }

    /** {@code blk_finish_plug}: gives them to the driver. Task context. */
    public void finishPlug(long plug) {
        if (TaskLayout.PLUG.get(memory, task()) == plug) {
            flushPlug();
            TaskLayout.PLUG.set(memory, task(), 0);
        }
    }

    private void flushPlug() {
        long plug = TaskLayout.PLUG.get(memory, task());
        long queue = plug == 0 ? 0 : BlkPlugLayout.QUEUE.get(memory, plug);
        if (queue != 0) {
            BlkPlugLayout.QUEUE.set(memory, plug, 0);
            queues.run(queue);
        }
    }

    private void runUnlessPlugged(long queue) {
        long plug = TaskLayout.PLUG.get(memory, task());
        if (plug == 0) {
            queues.run(queue);
        } else if (BlkPlugLayout.QUEUE.get(memory, plug) != queue) {
            flushPlug();
            BlkPlugLayout.QUEUE.set(memory, plug, queue);
        }
    }
}

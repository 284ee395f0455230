package ferrite.kernel.block;

import static ferrite.kernel.block.RequestLayout.BIO;
import static ferrite.kernel.block.RequestLayout.CMD_FLAGS;
import static ferrite.kernel.block.RequestLayout.DATA_LEN;
import static ferrite.kernel.block.RequestLayout.QUEUE;
import static ferrite.kernel.block.RequestLayout.RQ_DISK;
import static ferrite.kernel.block.RequestLayout.SEGMENTS;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.dma.ScatterList;

/** Requests: a driver fetches them, moves their bytes, and ends them in one or several steps (LDD3 pages 481-489). */
public final class Requests {

    private static final int SECTOR = 512;

    private final BlockState state;
    private final KernelMemory memory;
    private final RequestQueues queues;
    private final Elevator elevator;
    private final DiskStats stats;
    private final Bios bios;

    Requests(BlockState state, RequestQueues queues, Bios bios) {
        this.state = state;
        this.memory = state.base().memory();
        this.queues = queues;
        this.elevator = new Elevator(state);
        this.stats = bios.stats();
        this.bios = bios;
    }

    private long pool() {
        return BlockLayout.REQUEST_POOL.get(memory, state.get());
    }

    // ---- making ----

    /**
     * Puts a bio into its disk's queue: to a request of its neighbours, or into a new one. Task context; sleeps while
     * the queue is full.
     */
    void queue(long queue, long bio) {
        int flags = queues.lock(queue);
        boolean merged = elevator.merge(queue, bio);
        if (merged) {
            stats.merged(BioLayout.DISK.get(memory, bio), BioLayout.OPF.get(memory, bio));
        }
        boolean hasRoom = merged || takeSlot(queue);
        if (!hasRoom) {
            queues.runLocked(queue);                   // a plug must not keep the others from ending
        }
        queues.unlock(queue, flags);
        if (merged) {
            return;
        }
        if (!hasRoom) {
            state.tasks().sleep().waitEvent(RequestQueueLayout.WAIT.at(queue), () -> takeSlotLocked(queue));
        }
        long request = make(queue, bio);
        flags = queues.lock(queue);
        elevator.insert(queue, request);
        queues.unlock(queue, flags);
    }

    /** Counts one more request, if the queue has room for it. The lock is held. */
    private boolean takeSlot(long queue) {
        boolean hasRoom = RequestQueueLayout.ALLOCATED.get(memory, queue) < RequestQueueLayout.NR_REQUESTS;
        if (hasRoom) {
            RequestQueueLayout.ALLOCATED.add(memory, queue, 1);
        }
        return hasRoom;
    }

    private boolean takeSlotLocked(long queue) {
        int flags = queues.lock(queue);
        boolean taken = takeSlot(queue);
        queues.unlock(queue, flags);
        return taken;
    }

    private long make(long queue, long bio) {
        long request = state.mm().mempools().mempoolAlloc(pool(), Gfp.GFP_NOWAIT);
        if (request == 0) {
            queues.run(queue);
            request = state.mm().mempools().mempoolAlloc(pool(), Gfp.GFP_NOIO);
        }
        memory.fill(request, 0, RequestLayout.SIZE);
        ListHead.init(memory, RequestLayout.QUEUELIST.at(request));
        ListHead.init(memory, RequestLayout.FIFO.at(request));
        QUEUE.set(memory, request, queue);
        RQ_DISK.set(memory, request, BioLayout.DISK.get(memory, bio));
        CMD_FLAGS.set(memory, request, BioLayout.OPF.get(memory, bio));
        RequestLayout.SECTOR.set(memory, request, BioLayout.SECTOR.get(memory, bio));
        DATA_LEN.set(memory, request, BioLayout.SIZE_LEFT.get(memory, bio));
        SEGMENTS.set(memory, request, BioLayout.VCNT.get(memory, bio));
        RequestLayout.START.set(memory, request, state.now());
        BioLayout.NEXT.set(memory, bio, 0);
        BIO.set(memory, request, bio);
        RequestLayout.BIOTAIL.set(memory, request, bio);
        return request;
    }

    // ---- serving ----

    /** {@code blk_fetch_request}: takes the next request; 0 if there is none. The lock is held (LDD3 page 476). */
    public long fetch(long queue) {
        long request = elevator.next(queue);
        if (request != 0) {
            stats.begins(RQ_DISK.get(memory, request));
        }
        return request;
    }

    /**
     * {@code __blk_end_request}: ends bytes at the front of a request, and the bios that they fill (LDD3 page 486). The
     * lock is held.
     *
     * @param error 0 or a negative {@link Errno}
     * @return whether bytes are left; if not, the request is gone
     */
    public boolean end(long request, int error, int bytes) {
        if (error == -Errno.EIO && bytes >= DATA_LEN.get(memory, request) && takeApart(request)) {
            return false;
        }
        int left = bytes;
        long bio = BIO.get(memory, request);
        while (bio != 0 && (left > 0 || BioLayout.SIZE_LEFT.get(memory, bio) == 0)) {
            int piece = Math.min(left, BioLayout.SIZE_LEFT.get(memory, bio));
            bios.advance(bio, piece, error);
            RequestLayout.SECTOR.add(memory, request, piece / SECTOR);
            DATA_LEN.add(memory, request, -piece);
            stats.moved(RQ_DISK.get(memory, request), CMD_FLAGS.get(memory, request), piece);
            left -= piece;
            if (BioLayout.SIZE_LEFT.get(memory, bio) > 0) {
                break;
            }
            long next = BioLayout.NEXT.get(memory, bio);
            BIO.set(memory, request, next);
            if (next == 0) {
                finish(request);
                bios.end(bio);
                return false;
            }
            SEGMENTS.add(memory, request, -BioLayout.VCNT.get(memory, bio));
            bios.end(bio);
            bio = next;
        }
        return true;
    }

    private void finish(long request) {
        long queue = QUEUE.get(memory, request);
        stats.ended(RQ_DISK.get(memory, request), CMD_FLAGS.get(memory, request),
                RequestLayout.START.get(memory, request));
        release(queue, request);
    }

    private void release(long queue, long request) {
        RequestQueueLayout.ALLOCATED.add(memory, queue, -1);
        state.mm().mempools().mempoolFree(request, pool());
        state.tasks().waitQueues().wakeUp(RequestQueueLayout.WAIT.at(queue));
    }

    /**
     * Makes a request of each bio of one that has failed. So an error reaches the owner of the bad sector only. Returns
     * false if there is just one bio, or no memory: then the error is that of the whole request.
     */
    private boolean takeApart(long request) {
        long queue = QUEUE.get(memory, request);
        long second = BioLayout.NEXT.get(memory, BIO.get(memory, request));
        if (second == 0) {
            return false;
        }
        long rest = state.mm().mempools().mempoolAlloc(pool(), Gfp.GFP_NOWAIT);
        if (rest == 0) {
            return false;
        }
        long first = BIO.get(memory, request);
        memory.copy(rest, request, RequestLayout.SIZE);
        int bytes = BioLayout.SIZE_LEFT.get(memory, first);
        BIO.set(memory, rest, second);
        RequestLayout.SECTOR.add(memory, rest, bytes / SECTOR);
        DATA_LEN.add(memory, rest, -bytes);
        SEGMENTS.add(memory, rest, -BioLayout.VCNT.get(memory, first));
        BioLayout.NEXT.set(memory, first, 0);
        RequestLayout.BIOTAIL.set(memory, request, first);
        DATA_LEN.set(memory, request, bytes);
        SEGMENTS.set(memory, request, BioLayout.VCNT.get(memory, first));
        stats.requeued(RQ_DISK.get(memory, request));
        RequestQueueLayout.ALLOCATED.add(memory, queue, 1);
        for (long part : new long[] {rest, request}) {
            ListHead.init(memory, RequestLayout.QUEUELIST.at(part));
            ListHead.init(memory, RequestLayout.FIFO.at(part));
            CMD_FLAGS.set(memory, part, CMD_FLAGS.get(memory, part) | BioLayout.REQ_NOMERGE);
            elevator.insert(queue, part);
        }
        return true;
    }

    /** {@code __blk_end_request_all}: ends a whole request. The lock is held. */
    public void endAll(long request, int error) {
        end(request, error, DATA_LEN.get(memory, request));
    }

    /** {@code blk_end_request}: as {@link #end}, and takes the lock. Any context. */
    public boolean endUnlocked(long request, int error, int bytes) {
        long queue = QUEUE.get(memory, request);
        int flags = queues.lock(queue);
        boolean more = end(request, error, bytes);
        queues.unlock(queue, flags);
        return more;
    }

    /** {@code blk_end_request_all}: as {@link #endAll}, and takes the lock. Any context. */
    public void endAllUnlocked(long request, int error) {
        endUnlocked(request, error, DATA_LEN.get(memory, request));
    }

    // ---- looking ----

    /** {@code blk_rq_pos}: the first sector that has not ended. */
    public long position(long request) {
        return RequestLayout.SECTOR.get(memory, request);
    }

    /** {@code blk_rq_bytes}: the bytes that have not ended. */
    public int bytes(long request) {
        return DATA_LEN.get(memory, request);
    }

    /** {@code blk_rq_nr_phys_segments}: the pieces of memory, as the bios have them. */
    public int segments(long request) {
        return SEGMENTS.get(memory, request);
    }

    /** {@code req_op}: the operation. */
    public int operation(long request) {
        return Elevator.operation(CMD_FLAGS.get(memory, request));
    }

    /** {@code rq_for_each_segment}: calls a body for each page, or part of one, that has not ended. */
    public void forEachSegment(long request, BvecBody body) {
        for (long bio = BIO.get(memory, request); bio != 0; bio = BioLayout.NEXT.get(memory, bio)) {
            bios.forEachSegment(bio, body);
        }
    }

    /**
     * {@code blk_rq_map_sg}: describes the memory of a request in a scatterlist (LDD3 chapter 16, "Block requests and
     * DMA"), with an entry for each piece that {@code bio_add_page} has added. Linux joins entries that are neighbours
     * in memory; here each has one owner, with which the device's accesses are compared.
     *
     * @param sgl room for the queue's limit of segments
     * @return the number of entries
     */
    public int mapSg(long request, long sgl, ScatterList lists) {
        int segments = SEGMENTS.get(memory, request);
        if (segments == 0) {
            return 0;
        }
        lists.sgInitTable(sgl, segments);
        int[] count = new int[1];
        long[] sg = {sgl};
        for (long bio = BIO.get(memory, request); bio != 0; bio = BioLayout.NEXT.get(memory, bio)) {
            bios.forEachVec(bio, (page, offset, bytes) -> {
                sg[0] = count[0] == 0 ? sgl : lists.sgNext(sg[0]);
                count[0]++;
                lists.sgSetPage(sg[0], page, bytes, offset);
            });
        }
        return count[0];
    }
}

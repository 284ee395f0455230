package ferrite.kernel.block;

import static ferrite.kernel.block.RequestLayout.BIO;
import static ferrite.kernel.block.RequestLayout.BIOTAIL;
import static ferrite.kernel.block.RequestLayout.CMD_FLAGS;
import static ferrite.kernel.block.RequestLayout.DATA_LEN;
import static ferrite.kernel.block.RequestLayout.FIFO;
import static ferrite.kernel.block.RequestLayout.QUEUELIST;
import static ferrite.kernel.block.RequestLayout.SEGMENTS;
import static ferrite.kernel.block.RequestQueueLayout.SORTED;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.ListHead;

/**
 * The order of the waiting requests. They are sorted by sector, and neighbours are merged (LDD3 page 478). The next one
 * is the first at or after the sector where the last one ended, in one direction as an elevator; but a request that
 * has waited too long goes first, as with Linux's deadline scheduler. A flush goes before all others. The queue's lock
 * is held.
 */
final class Elevator {

    private static final int SECTOR = 512;
    /** Linux's times after which a read or a write goes first. */
    private static final long READ_EXPIRE = 500_000L * Clock.TICKS_PER_MICROSECOND;
    private static final long WRITE_EXPIRE = 5_000_000L * Clock.TICKS_PER_MICROSECOND;

    private final BlockState state;
    private final KernelMemory memory;

    Elevator(BlockState state) {
        this.state = state;
        this.memory = state.base().memory();
    }

    static int operation(int flags) {
        return flags & BioLayout.REQ_OP_MASK;
    }

    private long end(long request) {
        return RequestLayout.SECTOR.get(memory, request) + DATA_LEN.get(memory, request) / SECTOR;
    }

    private boolean mayMerge(int flags) {
        return operation(flags) != BioLayout.REQ_OP_FLUSH && (flags & BioLayout.REQ_NOMERGE) == 0;
    }

    // ---- merging ----

    /** Adds a bio to a request of its neighbours, before or behind them. Returns false if there is none. */
    boolean merge(long queue, long bio) {
        int flags = BioLayout.OPF.get(memory, bio);
        long head = SORTED.at(queue);
        for (long node = mayMerge(flags) ? ListHead.last(memory, head) : head; node != head;
                node = ListHead.prev(memory, node)) {
            long request = QUEUELIST.containerOf(node);
            if (fits(queue, request, flags, BioLayout.SIZE_LEFT.get(memory, bio), BioLayout.VCNT.get(memory, bio))) {
                long sector = BioLayout.SECTOR.get(memory, bio);
                if (end(request) == sector) {
                    append(request, bio);
                    mergeWith(queue, request, ListHead.next(memory, node));
                    return true;
                }
                if (sector + BioLayout.SIZE_LEFT.get(memory, bio) / SECTOR
                        == RequestLayout.SECTOR.get(memory, request)) {
                    BioLayout.NEXT.set(memory, bio, BIO.get(memory, request));
                    BIO.set(memory, request, bio);
                    RequestLayout.SECTOR.set(memory, request, sector);
                    grow(request, BioLayout.SIZE_LEFT.get(memory, bio), BioLayout.VCNT.get(memory, bio));
                    long before = ListHead.prev(memory, node);
                    if (before != head) {
                        mergeWith(queue, QUEUELIST.containerOf(before), node);
                    }
                    return true;
                }
            }
        }
        return false;
    }

    private boolean fits(long queue, long request, int flags, int bytes, int segments) {
        return operation(CMD_FLAGS.get(memory, request)) == operation(flags) && mayMerge(CMD_FLAGS.get(memory, request))
                && (DATA_LEN.get(memory, request) + bytes) / SECTOR <= RequestQueueLayout.MAX_SECTORS.get(memory, queue)
                && SEGMENTS.get(memory, request) + segments <= RequestQueueLayout.MAX_SEGMENTS.get(memory, queue);
    }

    private void append(long request, long bio) {
        BioLayout.NEXT.set(memory, BIOTAIL.get(memory, request), bio);
        BIOTAIL.set(memory, request, bio);
        grow(request, BioLayout.SIZE_LEFT.get(memory, bio), BioLayout.VCNT.get(memory, bio));
    }

    private void grow(long request, int bytes, int segments) {
        DATA_LEN.add(memory, request, bytes);
        SEGMENTS.add(memory, request, segments);
    }

    /** Merges a request with the one behind it, if a bio has filled the gap between them. */
    private void mergeWith(long queue, long request, long nextNode) {
        if (nextNode == SORTED.at(queue)) {
            return;
        }
        long next = QUEUELIST.containerOf(nextNode);
        if (end(request) != RequestLayout.SECTOR.get(memory, next) || !fits(queue, request,
                CMD_FLAGS.get(memory, next), DATA_LEN.get(memory, next), SEGMENTS.get(memory, next))) {
            return;
        }
        BioLayout.NEXT.set(memory, BIOTAIL.get(memory, request), BIO.get(memory, next));
        BIOTAIL.set(memory, request, BIOTAIL.get(memory, next));
        grow(request, DATA_LEN.get(memory, next), SEGMENTS.get(memory, next));
        remove(next);
        RequestQueueLayout.ALLOCATED.add(memory, queue, -1);
        state.mm().mempools().mempoolFree(next, BlockLayout.REQUEST_POOL.get(memory, state.get()));
    }

    // ---- the order ----

    void insert(long queue, long request) {
        long sector = RequestLayout.SECTOR.get(memory, request);
        long head = SORTED.at(queue);
        long node = ListHead.last(memory, head);
        while (node != head && RequestLayout.SECTOR.get(memory, QUEUELIST.containerOf(node)) > sector) {
            node = ListHead.prev(memory, node);
        }
        ListHead.add(memory, QUEUELIST.at(request), node);
        if (operation(CMD_FLAGS.get(memory, request)) == BioLayout.REQ_OP_FLUSH) {
            ListHead.add(memory, FIFO.at(request), RequestQueueLayout.FIFO.at(queue));
        } else {
            ListHead.addTail(memory, FIFO.at(request), RequestQueueLayout.FIFO.at(queue));
        }
    }

    private void remove(long request) {
        ListHead.delete(memory, QUEUELIST.at(request));
        ListHead.delete(memory, FIFO.at(request));
    }

    /** Takes the next request from the queue; 0 if there is none. */
    long next(long queue) {
        long oldest = ListHead.first(memory, RequestQueueLayout.FIFO.at(queue));
        if (oldest == RequestQueueLayout.FIFO.at(queue)) {
            return 0;
        }
        long request = FIFO.containerOf(oldest);
        if (!isUrgent(request)) {
            request = inDirection(queue);
        }
        remove(request);
        RequestQueueLayout.HEAD_SECTOR.set(memory, queue, end(request));
        return request;
    }

    private boolean isUrgent(long request) {
        int operation = operation(CMD_FLAGS.get(memory, request));
        return operation == BioLayout.REQ_OP_FLUSH || state.now() - RequestLayout.START.get(memory, request)
                > (operation == BioLayout.REQ_OP_WRITE ? WRITE_EXPIRE : READ_EXPIRE);
    }

    private long inDirection(long queue) {
        long from = RequestQueueLayout.HEAD_SECTOR.get(memory, queue);
        long head = SORTED.at(queue);
        long node = ListHead.first(memory, head);
        while (node != head && RequestLayout.SECTOR.get(memory, QUEUELIST.containerOf(node)) < from) {
            node = ListHead.next(memory, node);
        }
        return QUEUELIST.containerOf(node != head ? node : ListHead.first(memory, head));
    }
}

package ferrite.kernel.mm;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.core.Context;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.sched.WaitQueue;

/**
 * {@code register_shrinker}: lets reclaim free memory of drivers' caches. A shrinker stays on the list while a task
 * calls it, so that several tasks may reclaim at the same time.
 */
public final class Shrinkers {

    private static final int MAX_SHRINKERS = 4096;

    private final KernelMemory memory;
    private final Context context;
    private final TextTable text;
    private final SpinLock locks;
    private final WaitQueue queues;
    private final long list;
    private final long lock;
    private final long queue;

    Shrinkers(KernelBase base, WaitQueue queues, long reclaim) {
        this.memory = base.memory();
        this.context = base.context();
        this.text = base.text();
        this.locks = base.locks();
        this.queues = queues;
        this.list = reclaim + ReclaimLayout.SHRINKERS;
        this.lock = reclaim + ReclaimLayout.LOCK;
        this.queue = reclaim + ReclaimLayout.SHRINKER_WAIT;
    }

    void init() {
        ListHead.init(memory, list);
        queues.init(queue);
    }

    /** Registers a shrinker. Task context; may sleep. */
    public void register(long shrinker) {
        context.mightSleep("register_shrinker", "register shrinkers when the driver starts");
        memory.store32(shrinker + ShrinkerLayout.USERS, 0);
        memory.store32(shrinker + ShrinkerLayout.DYING, 0);
        memory.store32(shrinker + ShrinkerLayout.NR_DEFERRED, 0);
        int flags = locks.lockIrqSave(lock);
        ListHead.addTail(memory, shrinker + ShrinkerLayout.NODE, list);
        locks.unlockIrqRestore(lock, flags);
    }

    /** Unregisters a shrinker. Task context; waits until no task calls the shrinker any more. */
    public void unregister(long shrinker) {
        context.mightSleep("unregister_shrinker", "unregister shrinkers when the driver is removed");
        memory.store32(shrinker + ShrinkerLayout.DYING, 1);
        queues.waitEvent(queue, () -> unlink(shrinker));
    }

    private boolean unlink(long shrinker) {
        int flags = locks.lockIrqSave(lock);
        boolean idle = memory.load32(shrinker + ShrinkerLayout.USERS) == 0;
        if (idle) {
            ListHead.delete(memory, shrinker + ShrinkerLayout.NODE);
        }
        locks.unlockIrqRestore(lock, flags);
        return idle;
    }

    /**
     * Linux's {@code shrink_slab}: asks each shrinker that the flags allow to free a share of its objects.
     *
     * @param priority from 12, a 4096th of the objects, to 0, all objects
     * @return the objects freed
     */
    long shrink(int gfp, int priority) {
        long freed = 0;
        long shrinker = next(list, gfp);
        for (int i = 0; shrinker != 0 && i < MAX_SHRINKERS; i++) {
            freed += shrinkHeld(shrinker, gfp, priority);
            long after = next(shrinker + ShrinkerLayout.NODE, gfp);
            release(shrinker);
            shrinker = after;
        }
        if (shrinker != 0) {
            release(shrinker);
        }
        return freed;
    }

    /** Calls a shrinker and releases it if the callback throws. The exception ends the task. */
    private long shrinkHeld(long shrinker, int gfp, int priority) {
        try {
            return shrink(shrinker, gfp, priority);
        } catch (RuntimeException mistake) {
            release(shrinker);
            throw mistake;
        }
    }

    /** Returns the next shrinker that the flags allow, and counts a user of it; 0 at the end. */
    private long next(long node, int gfp) {
        int flags = locks.lockIrqSave(lock);
        long next = ListHead.next(memory, node);
        while (next != list && !mayCall(next - ShrinkerLayout.NODE, gfp)) {
            next = ListHead.next(memory, next);
        }
        long shrinker = next == list ? 0 : next - ShrinkerLayout.NODE;
        if (shrinker != 0) {
            memory.store32(shrinker + ShrinkerLayout.USERS, memory.load32(shrinker + ShrinkerLayout.USERS) + 1);
        }
        locks.unlockIrqRestore(lock, flags);
        return shrinker;
    }

    private boolean mayCall(long shrinker, int gfp) {
        int needs = memory.load32(shrinker + ShrinkerLayout.FLAGS);
        return memory.load32(shrinker + ShrinkerLayout.DYING) == 0
                && ((needs & ShrinkerLayout.NEEDS_IO) == 0 || (gfp & Gfp.__GFP_IO) != 0)
                && ((needs & ShrinkerLayout.NEEDS_FS) == 0 || (gfp & Gfp.__GFP_FS) != 0);
    }

    private void release(long shrinker) {
        int flags = locks.lockIrqSave(lock);
        memory.store32(shrinker + ShrinkerLayout.USERS, memory.load32(shrinker + ShrinkerLayout.USERS) - 1);
        boolean dying = memory.load32(shrinker + ShrinkerLayout.DYING) != 0;
        locks.unlockIrqRestore(lock, flags);
        if (dying) {
            queues.wakeAll(queue);
        }
    }

    /** Linux's {@code do_shrink_slab}. */
    private long shrink(long shrinker, int gfp, int priority) {
        long data = memory.loadAddress(shrinker + ShrinkerLayout.DATA);
        long freeable = text.at(memory.loadAddress(shrinker + ShrinkerLayout.COUNT_OBJECTS), Shrinker.class).call(data, new ShrinkControl(gfp, 0));
        if (freeable <= 0) {
            return 0;
        }
        int seeks = orDefault(memory.load32(shrinker + ShrinkerLayout.SEEKS), ShrinkerLayout.DEFAULT_SEEKS);
        int batch = orDefault(memory.load32(shrinker + ShrinkerLayout.BATCH), ShrinkerLayout.SHRINK_BATCH);
        long deferred = memory.amoSwap32(shrinker + ShrinkerLayout.NR_DEFERRED, 0) & 0xffff_ffffL;
        long delta = (freeable >> priority) * 4 / seeks;
        long total = Math.min((deferred >> priority) + delta, 2 * freeable);
        Shrinker scan = text.at(memory.loadAddress(shrinker + ShrinkerLayout.SCAN_OBJECTS), Shrinker.class);
        long freed = 0;
        long scanned = 0;
        while (total - scanned >= batch || total > scanned && total - scanned >= freeable) {
            long nrToScan = Math.min(batch, total - scanned);
            long got = scan.call(data, new ShrinkControl(gfp, nrToScan));
            if (got == Shrinker.SHRINK_STOP) {
                break;
            }
            freed += got;
            scanned += nrToScan;
        }
        long left = Math.min(Math.max(0, deferred + delta - scanned), 2 * freeable);
        memory.amoAdd32(shrinker + ShrinkerLayout.NR_DEFERRED, (int) left);
        return freed;
    }

    private static int orDefault(int value, int otherwise) {
        return value == 0 ? otherwise : value;
    }
}

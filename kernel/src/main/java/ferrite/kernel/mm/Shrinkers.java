package ferrite.kernel.mm;

import static ferrite.kernel.mm.ShrinkerLayout.BATCH;
import static ferrite.kernel.mm.ShrinkerLayout.COUNT_OBJECTS;
import static ferrite.kernel.mm.ShrinkerLayout.DATA;
import static ferrite.kernel.mm.ShrinkerLayout.DYING;
import static ferrite.kernel.mm.ShrinkerLayout.FLAGS;
import static ferrite.kernel.mm.ShrinkerLayout.NODE;
import static ferrite.kernel.mm.ShrinkerLayout.NR_DEFERRED;
import static ferrite.kernel.mm.ShrinkerLayout.SCAN_OBJECTS;
import static ferrite.kernel.mm.ShrinkerLayout.SEEKS;
import static ferrite.kernel.mm.ShrinkerLayout.USERS;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.core.Context;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.sched.Sleep;
import ferrite.kernel.sched.TaskSystem;
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
    private final Sleep sleep;
    private final WaitQueue queues;
    private final long list;
    private final long lock;
    private final long queue;

    Shrinkers(KernelBase base, TaskSystem tasks, long reclaim) {
        this.memory = base.memory();
        this.context = base.context();
        this.text = base.text();
        this.locks = base.locks();
        this.sleep = tasks.sleep();
        this.queues = tasks.waitQueues();
        this.list = ReclaimLayout.SHRINKERS.at(reclaim);
        this.lock = ReclaimLayout.LOCK.at(reclaim);
        this.queue = ReclaimLayout.SHRINKER_WAIT.at(reclaim);
    }

    void init() {
        ListHead.init(memory, list);
        queues.init(queue);
    }

    /** Registers a shrinker. Task context; may sleep. */
    public void register(long shrinker) {
        context.mightSleep("register_shrinker", "register shrinkers when the driver starts");
        USERS.set(memory, shrinker, 0);
        DYING.set(memory, shrinker, 0);
        NR_DEFERRED.set(memory, shrinker, 0);
        int flags = locks.lockIrqSave(lock);
        ListHead.addTail(memory, NODE.at(shrinker), list);
        locks.unlockIrqRestore(lock, flags);
    }

    /** Unregisters a shrinker. Task context; waits until no task calls the shrinker any more. */
    public void unregister(long shrinker) {
        context.mightSleep("unregister_shrinker", "unregister shrinkers when the driver is removed");
        DYING.set(memory, shrinker, 1);
        sleep.waitEvent(queue, () -> unlink(shrinker));
    }

    private boolean unlink(long shrinker) {
        int flags = locks.lockIrqSave(lock);
        boolean idle = USERS.get(memory, shrinker) == 0;
        if (idle) {
            ListHead.delete(memory, NODE.at(shrinker));
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
            long after = next(NODE.at(shrinker), gfp);
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
        while (next != list && !mayCall(NODE.containerOf(next), gfp)) {
            next = ListHead.next(memory, next);
        }
        long shrinker = next == list ? 0 : NODE.containerOf(next);
        if (shrinker != 0) {
            USERS.add(memory, shrinker, 1);
        }
        locks.unlockIrqRestore(lock, flags);
        return shrinker;
    }

    private boolean mayCall(long shrinker, int gfp) {
        int needs = FLAGS.get(memory, shrinker);
        return DYING.get(memory, shrinker) == 0
                && ((needs & ShrinkerLayout.NEEDS_IO) == 0 || (gfp & Gfp.__GFP_IO) != 0)
                && ((needs & ShrinkerLayout.NEEDS_FS) == 0 || (gfp & Gfp.__GFP_FS) != 0);
    }

    private void release(long shrinker) {
        int flags = locks.lockIrqSave(lock);
        USERS.add(memory, shrinker, -1);
        boolean dying = DYING.get(memory, shrinker) != 0;
        locks.unlockIrqRestore(lock, flags);
        if (dying) {
            queues.wakeUpAll(queue);
        }
    }

    /** Linux's {@code do_shrink_slab}. */
    private long shrink(long shrinker, int gfp, int priority) {
        long data = DATA.get(memory, shrinker);
        long freeable = text.at(COUNT_OBJECTS.get(memory, shrinker), Shrinker.class)
                .call(data, new ShrinkControl(gfp, 0));
        if (freeable <= 0) {
            return 0;
        }
        int seeks = orDefault(SEEKS.get(memory, shrinker), ShrinkerLayout.DEFAULT_SEEKS);
        int batch = orDefault(BATCH.get(memory, shrinker), ShrinkerLayout.SHRINK_BATCH);
        long deferred = NR_DEFERRED.amoSwap(memory, shrinker, 0) & 0xffff_ffffL;
        long delta = (freeable >> priority) * 4 / seeks;
        long total = Math.min((deferred >> priority) + delta, 2 * freeable);
        Shrinker scan = text.at(SCAN_OBJECTS.get(memory, shrinker), Shrinker.class);
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
        NR_DEFERRED.amoAdd(memory, shrinker, (int) left);
        return freed;
    }

    private static int orDefault(int value, int otherwise) {
        return value == 0 ? otherwise : value;
    }
}

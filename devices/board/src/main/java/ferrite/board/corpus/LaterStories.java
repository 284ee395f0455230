package ferrite.board.corpus;

import ferrite.kernel.base.Gfp;
import ferrite.kernel.work.DelayedWorkLayout;
import ferrite.kernel.work.WorkLayout;
import java.util.ArrayList;
import java.util.List;

/** Mistakes with deferred work: softirqs, tasklets, work items, high-resolution timers. */
final class LaterStories {

    private static final int K = Gfp.GFP_KERNEL;

    private LaterStories() { }

    static List<Story> all() {
        List<Story> all = new ArrayList<>();
        softirqs(all);
        work(all);
        return all;
    }

    private static void story(List<Story> all, String name, String rule, Story.Body body) {
        all.add(Story.of(name, rule, body));
    }

    private static void softirqs(List<Story> all) {
        story(all, "a timer's lock is taken with softirqs enabled", "lock-irq-unsafe", (b, k, w) -> {
            long lock = b.buffer(4);
            b.inTimer(data -> {
                k.spinLock(data);
                k.spinUnlock(data);
            }, lock);
            if (w) {
                k.spinLock(lock);
                k.spinUnlock(lock);
            } else {
                k.spinLockBh(lock);
                k.spinUnlockBh(lock);
            }
            b.free(lock);
        });
        story(all, "spin_lock_bh of a lock that a handler takes", "lock-irq-unsafe", (b, k, w) -> {
            long lock = b.buffer(4);
            b.inInterrupt(data -> {
                k.spinLock(data);
                k.spinUnlock(data);
            }, lock);
            if (w) {
                k.spinLockBh(lock);
                k.spinUnlockBh(lock);
            } else {
                int flags = k.spinLockIrqsave(lock);
                k.spinUnlockIrqrestore(lock, flags);
            }
            b.free(lock);
        });
        story(all, "a sleep with softirqs disabled", "sleep-in-atomic", (b, k, w) -> {
            k.localBhDisable();
            if (!w) {
                k.localBhEnable();
            }
            k.kfree(k.kmalloc(64, K));
            if (w) {
                k.localBhEnable();
            }
        });
        story(all, "an inner spin_unlock_irq turns interrupts on", "lock-left", (b, k, w) -> {
            long outer = b.buffer(4);
            long inner = b.buffer(4);
            int flags = k.spinLockIrqsave(outer);
            if (w) {
                k.spinLockIrq(inner);
                k.spinUnlockIrq(inner);
            } else {
                k.spinLock(inner);
                k.spinUnlock(inner);
            }
            k.spinUnlockIrqrestore(outer, flags);
            b.free(outer, inner);
        });
        story(all, "open initialises a lock that another task holds", "lock-not-held", (b, k, w) -> {
            long lock = b.buffer(4);
            k.spinLockInit(lock);
            k.spinLock(lock);
            if (w) {
                k.spinLockInit(lock);
                k.preemptEnable();
            } else {
                k.spinUnlock(lock);
            }
            b.free(lock);
        });
        story(all, "the error path forgets local_bh_enable", "lock-left", (b, k, w) -> {
            k.localBhDisable();
            if (!w) {
                k.localBhEnable();
            }
        });
    }

    private static void work(List<Story> all) {
        story(all, "a work item's memory is freed while it is queued", "use-after-free", (b, k, w) -> {
            long work = k.kzalloc(DelayedWorkLayout.SIZE, K);
            k.initDelayedWork(work, b.workFunction(data -> { }));
            k.scheduleDelayedWork(work, 1);
            if (!w) {
                k.cancelDelayedWorkSync(work);
            }
            k.kfree(work);
        });
        story(all, "a work item cancels itself and waits", "lock-recursion", (b, k, w) -> {
            long work = b.buffer(WorkLayout.SIZE);
            k.initWork(work, b.workFunction(item -> {
                if (w) {
                    k.cancelWorkSync(item);
                }
            }));
            k.scheduleWork(work);
            k.flushWork(work);
            b.free(work);
        });
        story(all, "cancel_work_sync under the mutex of the item's function", "lock-order", (b, k, w) -> {
            long work = b.buffer(WorkLayout.SIZE);
            long mutex = b.buffer(64);
            k.mutexInit(mutex);
            k.initWork(work, b.workFunction(item -> {
                k.mutexLock(mutex);
                k.mutexUnlock(mutex);
            }));
            k.scheduleWork(work);
            k.flushWork(work);
            k.mutexLock(mutex);
            if (w) {
                k.cancelWorkSync(work);
            }
            k.mutexUnlock(mutex);
            k.cancelWorkSync(work);
            b.free(work, mutex);
        });
        story(all, "a work item's function returns with a mutex held", "lock-left", (b, k, w) -> {
            long work = b.buffer(WorkLayout.SIZE);
            long mutex = b.buffer(64);
            k.mutexInit(mutex);
            k.initWork(work, b.workFunction(item -> {
                k.mutexLock(mutex);
                if (!w) {
                    k.mutexUnlock(mutex);
                }
            }));
            k.scheduleWork(work);
            k.flushWork(work);
            b.free(work);
        });
        story(all, "cancel_work_sync with softirqs disabled", "sleep-in-atomic", (b, k, w) -> {
            long work = b.buffer(WorkLayout.SIZE);
            k.initWork(work, b.workFunction(item -> { }));
            if (w) {
                k.localBhDisable();
            }
            k.cancelWorkSync(work);
            if (w) {
                k.localBhEnable();
            }
            b.free(work);
        });
        story(all, "queue_work of kmalloc memory, never initialised", "lock-uninitialized", (b, k, w) -> {
            long work = w ? k.kmalloc(WorkLayout.SIZE, K) : b.buffer(WorkLayout.SIZE);
            if (!w) {
                k.initWork(work, b.workFunction(item -> { }));
            }
            k.scheduleWork(work);
            k.flushWork(work);
            b.free(work);
        });
    }
}

package ferrite.board.corpus;

import ferrite.board.corpus.Story.Bench;
import ferrite.kernel.base.Gfp;
import java.util.ArrayList;
import java.util.List;

/** Mistakes and correct code that testers who did not know the checks wrote, and that the checks judged wrongly. */
final class FoundLockStories {

    private static final int K = Gfp.GFP_KERNEL;

    private FoundLockStories() { }

    private static void story(List<Story> all, String name, String rule, Story.Body body) {
        all.add(Story.of(name, rule, body));
    }

    private static void pair(Bench b, long outer, long inner) {
        b.kernel.spinLock(outer);
        b.kernel.spinLock(inner);
        b.kernel.spinUnlock(inner);
        b.kernel.spinUnlock(outer);
    }

    static List<Story> all() {
        List<Story> all = new ArrayList<>();
        first(all);
        second(all);
        third(all);
        return all;
    }

    private static void first(List<Story> all) {
        story(all, "new per-CPU area, locks in another order", "lock-order", (b, k, w) -> {
            for (int round = 0; round < 2; round++) {
                long var = k.allocPercpu(128);
                long one = k.perCpuPtr(var, 0);
                long two = one + 64;
                k.preemptDisable();
                pair(b, round == 0 ? one : two, round == 0 ? two : one);
                if (w) {
                    pair(b, round == 0 ? two : one, round == 0 ? one : two);
                }
                k.preemptEnable();
                k.freePercpu(var);
            }
        });
        story(all, "new per-CPU area, lock no longer a handler's", "lock-irq-unsafe", (b, k, w) -> {
            for (int round = 0; round < 2; round++) {
                long var = k.allocPercpu(64);
                long lock = k.perCpuPtr(var, 1);
                if (round == 0) {
                    b.inInterrupt(data -> {
                        k.spinLock(data);
                        k.spinUnlock(data);
                    }, lock);
                }
                if (round == 1 || w) {
                    k.spinLock(lock);
                    k.spinUnlock(lock);
                }
                k.freePercpu(var);
            }
        });
        story(all, "mutexes are initialised anew", "lock-order", (b, k, w) -> {
            long one = b.buffer(64);
            long two = b.buffer(64);
            for (int round = 0; round < 2; round++) {
                if (round == 0 || !w) {
                    k.mutexInit(one);
                    k.mutexInit(two);
                }
                long outer = round == 0 ? one : two;
                long inner = round == 0 ? two : one;
                k.mutexLock(outer);
                k.mutexLock(inner);
                k.mutexUnlock(inner);
                k.mutexUnlock(outer);
            }
            b.free(one, two);
        });
        story(all, "del_timer_sync in the timer's own function", "lock-recursion", (b, k, w) -> {
            long timer = b.buffer(64);
            long done = b.buffer(4);
            b.setTimer(data -> {
                if (w) {
                    k.delTimerSync(timer);
                }
                b.store(done, 1);
            }, timer, 1);
            b.awaitSet(done);
            k.delTimerSync(timer);
            b.free(timer, done);
        });
        story(all, "a spinlock in kmalloc memory, never initialised", "lock-uninitialized", (b, k, w) -> {
            long lock = k.kmalloc(4, K);
            if (!w) {
                b.store(lock, 0);
            }
            k.spinLock(lock);
            k.spinUnlock(lock);
            k.kfree(lock);
        });
        story(all, "a mutex in kmalloc memory, never initialised", "lock-uninitialized", (b, k, w) -> {
            long mutex = w ? k.kmalloc(64, K) : b.buffer(64);
            if (!w) {
                k.mutexInit(mutex);
            }
            k.mutexLock(mutex);
            k.mutexUnlock(mutex);
            k.kfree(mutex);
        });
        story(all, "waiting with the mutex that the waker needs", "hung-task", (b, k, w) -> {
            long mutex = b.buffer(64);
            long queue = b.buffer(64);
            long done = b.buffer(4);
            k.mutexInit(mutex);
            k.initWaitqueueHead(queue);
            if (w) {
                k.mutexLock(mutex);
            }
            b.startThread(data -> {
                k.mutexLock(mutex);
                b.store(done, 1);
                k.wakeUp(queue);
                k.mutexUnlock(mutex);
            }, 0);
            k.waitEvent(queue, () -> b.load(done) != 0);
            if (w) {
                k.mutexUnlock(mutex);
            }
            k.usleepRange(200, 300);
            b.free(mutex, queue, done);
        });
    }

    private static void second(List<Story> all) {
        story(all, "del_timer_sync of kmalloc memory, never set", "lock-uninitialized", (b, k, w) -> {
            long timer = w ? k.kmalloc(64, K) : b.buffer(64);
            k.delTimerSync(timer);
            k.kfree(timer);
        });
        story(all, "local_irq_restore is forgotten", "lock-left", (b, k, w) -> {
            int flags = k.localIrqSave();
            if (!w) {
                k.localIrqRestore(flags);
            }
        });
        story(all, "the flags of two locks are swapped", "lock-left", (b, k, w) -> {
            long rx = b.buffer(4);
            long tx = b.buffer(4);
            int outer = k.spinLockIrqsave(rx);
            int inner = k.spinLockIrqsave(tx);
            k.spinUnlockIrqrestore(tx, w ? outer : inner);
            k.spinUnlockIrqrestore(rx, w ? inner : outer);
            b.free(rx, tx);
        });
        story(all, "spin_unlock after spin_lock_irqsave", "lock-left", (b, k, w) -> {
            long lock = b.buffer(4);
            int flags = k.spinLockIrqsave(lock);
            if (w) {
                k.spinUnlock(lock);
            } else {
                k.spinUnlockIrqrestore(lock, flags);
            }
            k.kfree(lock);
        });
        story(all, "the error path forgets mutex_unlock", "lock-left", (b, k, w) -> {
            long mutex = b.buffer(64);
            k.mutexInit(mutex);
            k.mutexLock(mutex);
            if (w) {
                return;
            }
            k.mutexUnlock(mutex);
            k.kfree(mutex);
        });
        story(all, "a mutex is unlocked by another task", "lock-not-held", (b, k, w) -> {
            long mutex = b.buffer(64);
            long done = b.buffer(4);
            k.mutexInit(mutex);
            k.mutexLock(mutex);
            b.startThread(data -> {
                if (w) {
                    k.mutexUnlock(mutex);
                }
                b.store(done, 1);
            }, 0);
            b.awaitSet(done);
            if (!w) {
                k.mutexUnlock(mutex);
            }
            b.free(mutex, done);
        });
        story(all, "a session is cleared with its lock held", "lock-not-held", (b, k, w) -> {
            long session = b.buffer(64);
            k.spinLock(session + 32);
            k.memory().fill32(session, 0, w ? 16 : 8);
            k.spinUnlock(session + 32);
            k.kfree(session);
        });
    }

    private static void third(List<Story> all) {
        story(all, "claim_dma_lock and a lock in two orders", "lock-order", (b, k, w) -> {
            long lock = b.buffer(4);
            int dma = k.claimDmaLock();
            k.spinLock(lock);
            k.spinUnlock(lock);
            k.releaseDmaLock(dma);
            int flags = k.spinLockIrqsave(lock);
            if (w) {
                k.releaseDmaLock(k.claimDmaLock());
            }
            k.spinUnlockIrqrestore(lock, flags);
            k.kfree(lock);
        });
        story(all, "a task's lock inside a handler's lock", "lock-irq-unsafe", (b, k, w) -> {
            long irqLock = b.buffer(4);
            long taskLock = b.buffer(4);
            b.inInterrupt(data -> {
                k.spinLock(irqLock);
                k.spinUnlock(irqLock);
            }, 0);
            k.spinLock(taskLock);
            k.spinUnlock(taskLock);
            int flags = k.spinLockIrqsave(irqLock);
            if (w) {
                k.spinLock(taskLock);
                k.spinUnlock(taskLock);
            }
            k.spinUnlockIrqrestore(irqLock, flags);
            b.free(irqLock, taskLock);
        });
        story(all, "del_timer_sync with the lock of the timer's function", "lock-order", (b, k, w) -> {
            long lock = b.buffer(4);
            long timer = b.buffer(64);
            b.setTimer(data -> {
                k.spinLock(lock);
                k.spinUnlock(lock);
            }, timer, 1);
            k.msleep(5);
            b.setTimer(data -> {
                k.spinLock(lock);
                k.spinUnlock(lock);
            }, timer, 100);
            int flags = k.spinLockIrqsave(lock);
            if (w) {
                k.delTimerSync(timer);
            }
            k.spinUnlockIrqrestore(lock, flags);
            k.delTimerSync(timer);
            b.free(timer, lock);
        });
        story(all, "free_irq of an interrupt that was refused", "irq-bad-free", (b, k, w) -> {
            int result = k.requestIrq(4, 0, 0, "story", 0);
            if (w || result == 0) {
                k.freeIrq(4, 0);
            }
        });
        story(all, "finish_wait is forgotten, and the queue freed", "use-after-free", (b, k, w) -> {
            long queue = b.buffer(64);
            k.initWaitqueueHead(queue);
            k.prepareToWait(queue);
            if (!w) {
                k.finishWait(queue);
            }
            k.kfree(queue);
        });
        story(all, "the condition of wait_event takes a mutex", "sleep-in-atomic", (b, k, w) -> {
            long mutex = b.buffer(64);
            long queue = b.buffer(64);
            k.mutexInit(mutex);
            k.initWaitqueueHead(queue);
            k.waitEvent(queue, () -> {
                if (w) {
                    k.mutexLock(mutex);
                    k.mutexUnlock(mutex);
                }
                return true;
            });
            b.free(mutex, queue);
        });
        story(all, "release_dma_lock is forgotten", "lock-left", (b, k, w) -> {
            int flags = k.claimDmaLock();
            if (!w) {
                k.releaseDmaLock(flags);
            }
        });
    }
}

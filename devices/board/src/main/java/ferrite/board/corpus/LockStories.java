package ferrite.board.corpus;

import ferrite.board.corpus.Story.Bench;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.sched.MutexLayout;
import java.util.List;

/** Mistakes with locks. */
final class LockStories {

    private LockStories() { }

    private static void errorPath(Bench bench, boolean forgets) {
        long lock = bench.buffer(4);
        bench.kernel.spinLock(lock);
        boolean failed = bench.load(lock) != 0;
        if (failed && forgets) {
            return;
        }
        bench.kernel.spinUnlock(lock);
        bench.kernel.kfree(lock);
    }

    private static void perCpuCounter(Bench bench, boolean forgets) {
        long counters = bench.kernel.allocPercpu(8);
        long mine = bench.kernel.getCpuVar(counters);
        bench.store(mine, bench.load(mine) + 1);
        if (!forgets) {
            bench.kernel.putCpuVar();
            bench.kernel.freePercpu(counters);
        }
    }

    private static void unlockTwice(Bench bench, boolean twice) {
        long lock = bench.buffer(4);
        bench.kernel.preemptDisable();
        bench.kernel.spinLock(lock);
        bench.kernel.spinUnlock(lock);
        if (twice) {
            bench.kernel.spinUnlock(lock);
        } else {
            bench.kernel.preemptEnable();
        }
        bench.kernel.kfree(lock);
    }

    private static void twoOrders(Bench bench, boolean swapped) {
        long tx = bench.buffer(4);
        long rx = bench.buffer(4);
        bench.kernel.spinLock(tx);
        bench.kernel.spinLock(rx);
        bench.kernel.spinUnlock(rx);
        bench.kernel.spinUnlock(tx);
        bench.kernel.spinLock(swapped ? rx : tx);
        bench.kernel.spinLock(swapped ? tx : rx);
        bench.kernel.spinUnlock(swapped ? tx : rx);
        bench.kernel.spinUnlock(swapped ? rx : tx);
        bench.kernel.kfree(rx);
        bench.kernel.kfree(tx);
    }

    private static void mutexesInACircle(Bench bench, boolean circle) {
        long[] mutexes = new long[3];
        for (int i = 0; i < mutexes.length; i++) {
            mutexes[i] = bench.buffer(64);
            bench.kernel.mutexInit(mutexes[i]);
        }
        int[][] pairs = {{0, 1}, {1, 2}, circle ? new int[] {2, 0} : new int[] {0, 2}};
        for (int[] pair : pairs) {
            bench.kernel.mutexLock(mutexes[pair[0]]);
            bench.kernel.mutexLock(mutexes[pair[1]]);
            bench.kernel.mutexUnlock(mutexes[pair[1]]);
            bench.kernel.mutexUnlock(mutexes[pair[0]]);
        }
        bench.free(mutexes);
    }

    private static void twoTasksMeet(Bench bench, boolean swapped) {
        long rx = bench.buffer(64);
        long tx = bench.buffer(64);
        long started = bench.buffer(4);
        long finished = bench.buffer(4);
        bench.kernel.mutexInit(rx);
        bench.kernel.mutexInit(tx);
        bench.kernel.mutexLock(rx);
        bench.startThread(data -> {
            if (swapped) {
                bench.kernel.mutexLock(tx);
                bench.store(started, 1);
                bench.kernel.mutexLock(rx);
            } else {
                bench.store(started, 1);
                bench.kernel.mutexLock(rx);
                bench.kernel.mutexLock(tx);
            }
            bench.kernel.mutexUnlock(tx);
            bench.kernel.mutexUnlock(rx);
            bench.store(finished, 1);
        }, 0);
        bench.awaitSet(started);
        bench.kernel.mutexLock(tx);
        bench.kernel.mutexUnlock(tx);
        bench.kernel.mutexUnlock(rx);
        bench.awaitSet(finished);
        bench.free(rx, tx, started, finished);
    }

    private static void twoHartsSpin(Bench bench, boolean swapped) {
        long rx = bench.buffer(4);
        long tx = bench.buffer(4);
        long started = bench.buffer(4);
        long taken = bench.buffer(4);
        long finished = bench.buffer(4);
        bench.startThread(data -> {
            bench.kernel.spinLock(swapped ? tx : rx);
            bench.store(started, 1);
            while (swapped && bench.load(taken) == 0) {
                bench.kernel.cpuRelax();
            }
            bench.kernel.spinLock(swapped ? rx : tx);
            bench.kernel.spinUnlock(swapped ? rx : tx);
            bench.kernel.spinUnlock(swapped ? tx : rx);
            bench.store(finished, 1);
        }, 0);
        bench.awaitSet(started);
        bench.kernel.spinLock(rx);
        bench.store(taken, 1);
        bench.kernel.spinLock(tx);
        bench.kernel.spinUnlock(tx);
        bench.kernel.spinUnlock(rx);
        bench.awaitSet(finished);
        bench.free(rx, tx, started, taken, finished);
    }

    private static void unlockWithoutLock(Bench bench, boolean without) {
        long mutex = bench.buffer(64);
        bench.kernel.mutexInit(mutex);
        if (!without) {
            bench.kernel.mutexLock(mutex);
        }
        bench.kernel.mutexUnlock(mutex);
        bench.kernel.kfree(mutex);
    }

    private static void sleepUnderALock(Bench bench, boolean under) {
        long lock = bench.buffer(4);
        bench.kernel.spinLock(lock);
        if (under) {
            bench.kernel.kfree(bench.buffer(64));
        }
        bench.kernel.spinUnlock(lock);
        bench.kernel.kfree(lock);
    }

    private static void napUnderALock(Bench bench, boolean under) {
        long lock = bench.buffer(4);
        bench.kernel.spinLock(lock);
        if (!under) {
            bench.kernel.spinUnlock(lock);
        }
        bench.kernel.usleepRange(10, 20);
        if (under) {
            bench.kernel.spinUnlock(lock);
        }
        bench.kernel.kfree(lock);
    }

    private static void sharedWithAHandler(Bench bench, boolean careful) {
        long lock = bench.buffer(4);
        bench.inInterrupt(data -> {
            bench.kernel.spinLock(data);
            bench.kernel.spinUnlock(data);
        }, lock);
        int flags = 0;
        if (careful) {
            flags = bench.kernel.spinLockIrqsave(lock);
        } else {
            bench.kernel.spinLock(lock);
        }
        if (careful) {
            bench.kernel.spinUnlockIrqrestore(lock, flags);
        } else {
            bench.kernel.spinUnlock(lock);
        }
        bench.kernel.kfree(lock);
    }

    private static void handlerForgets(Bench bench, boolean forgets) {
        long lock = bench.buffer(4);
        bench.inInterrupt(data -> {
            int flags = bench.kernel.spinLockIrqsave(data);
            if (!forgets) {
                bench.kernel.spinUnlockIrqrestore(data, flags);
            }
        }, lock);
        if (forgets) {
            bench.kernel.spinUnlock(lock);
        }
        bench.kernel.kfree(lock);
    }

    private static void sleepInATimer(Bench bench, boolean sleeps) {
        bench.inTimer(data -> bench.kernel.kfree(bench.kernel.kmalloc(64, sleeps ? Gfp.GFP_KERNEL : Gfp.GFP_ATOMIC)),
                0);
    }

    private static void lockInAFreedObject(Bench bench, boolean early) {
        long lock = bench.buffer(64);
        if (early) {
            bench.kernel.kfree(lock);
        }
        int flags = bench.kernel.spinLockIrqsave(lock);
        bench.kernel.spinUnlockIrqrestore(lock, flags);
        if (!early) {
            bench.kernel.kfree(lock);
        }
    }

    private static void wakeAFreedQueue(Bench bench, boolean early) {
        long queue = bench.buffer(64);
        bench.kernel.initWaitqueueHead(queue);
        if (early) {
            bench.kernel.kfree(queue);
        }
        bench.kernel.wakeUp(queue);
        if (!early) {
            bench.kernel.kfree(queue);
        }
    }

    private static void mutexInTooFewBytes(Bench bench, int bytes) {
        long mutex = bench.buffer(bytes);
        bench.kernel.mutexInit(mutex);
        bench.kernel.mutexLock(mutex);
        bench.kernel.mutexUnlock(mutex);
        bench.kernel.kfree(mutex);
    }

    private static void freeWithATimer(Bench bench, boolean forgets) {
        long timer = bench.buffer(64);
        bench.setTimer(data -> { }, timer, 100);
        if (!forgets) {
            bench.kernel.delTimerSync(timer);
        }
        bench.kernel.kfree(timer);
    }

    private static void freeWithAHeldMutex(Bench bench, boolean forgets) {
        long session = bench.buffer(64);
        bench.kernel.mutexInit(session + 16);
        bench.kernel.mutexLock(session + 16);
        bench.store(session, 1);
        if (!forgets) {
            bench.kernel.mutexUnlock(session + 16);
        }
        bench.kernel.kfree(session);
    }

    static List<Story> all() {
        return List.of(
                new Story("the error path forgets the unlock", "lock-left", bench -> errorPath(bench, true),
                        bench -> errorPath(bench, false)),
                new Story("put_cpu_var is forgotten", "lock-left", bench -> perCpuCounter(bench, true),
                        bench -> perCpuCounter(bench, false)),
                new Story("a second unlock", "lock-not-held", bench -> unlockTwice(bench, true),
                        bench -> unlockTwice(bench, false)),
                new Story("two spinlocks in two orders", "lock-order", bench -> twoOrders(bench, true),
                        bench -> twoOrders(bench, false)),
                new Story("three mutexes in a circle", "lock-order", bench -> mutexesInACircle(bench, true),
                        bench -> mutexesInACircle(bench, false)),
                new Story("two tasks wait for each other's mutexes", "lock-order",
                        bench -> twoTasksMeet(bench, true), bench -> twoTasksMeet(bench, false)),
                new Story("two harts spin for each other's locks", "lock-order",
                        bench -> twoHartsSpin(bench, true), bench -> twoHartsSpin(bench, false)),
                new Story("a lock in a freed object", "use-after-free", bench -> lockInAFreedObject(bench, true),
                        bench -> lockInAFreedObject(bench, false)),
                new Story("a freed wait queue is woken", "use-after-free", bench -> wakeAFreedQueue(bench, true),
                        bench -> wakeAFreedQueue(bench, false)),
                new Story("a mutex in too few bytes", "object-overrun", bench -> mutexInTooFewBytes(bench, 8),
                        bench -> mutexInTooFewBytes(bench, MutexLayout.SIZE)),
                new Story("an object is freed with its timer set", "use-after-free",
                        bench -> freeWithATimer(bench, true), bench -> freeWithATimer(bench, false)),
                new Story("an object is freed with its mutex held", "use-after-free",
                        bench -> freeWithAHeldMutex(bench, true), bench -> freeWithAHeldMutex(bench, false)),
                new Story("an unlock without a lock", "lock-not-held", bench -> unlockWithoutLock(bench, true),
                        bench -> unlockWithoutLock(bench, false)),
                new Story("an allocation that sleeps under a lock", "sleep-in-atomic",
                        bench -> sleepUnderALock(bench, true), bench -> sleepUnderALock(bench, false)),
                new Story("a lock shared with a handler", "lock-irq-unsafe",
                        bench -> sharedWithAHandler(bench, false), bench -> sharedWithAHandler(bench, true)),
                new Story("a handler forgets the unlock", "lock-left", bench -> handlerForgets(bench, true),
                        bench -> handlerForgets(bench, false)),
                new Story("an allocation that sleeps in a timer", "sleep-in-atomic",
                        bench -> sleepInATimer(bench, true), bench -> sleepInATimer(bench, false)),
                new Story("a nap under a lock", "sleep-in-atomic", bench -> napUnderALock(bench, true),
                        bench -> napUnderALock(bench, false)));
    }
}

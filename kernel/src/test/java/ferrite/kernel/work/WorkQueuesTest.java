package ferrite.kernel.work;

import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.report.Violation;
import ferrite.hardware.turn.Interleavings;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.KernelFixture.Job;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.sched.HrTimerFunction;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Work queues do what their sentences say, under all interleavings. */
@Timeout(60)
class WorkQueuesTest {

    private static final long MILLISECOND = 100_000;

    private KernelFixture fixture;
    /** Room for items, and words to count in. */
    private long items;
    private long counter;

    @AfterEach
    void close() {
        if (fixture != null) {
            fixture.close();
        }
    }

    private void boot(int harts, Interleavings policy) {
        fixture = KernelFixture.options().harts(harts).interleaving(policy, 5).boot();
        fixture.run(() -> {
            items = kernel().kzalloc(2048, Gfp.GFP_KERNEL);
            counter = kernel().kzalloc(64, Gfp.GFP_KERNEL);
        });
    }

    private KernelCalls kernel() {
        return fixture.kernel().calls();
    }

    private long item(int number) {
        return items + 128L * number;
    }

    private int load(long va) {
        return kernel().memory().load32(va);
    }

    private long function(String name, WorkFunction function) {
        return fixture.text(name, function);
    }

    private List<String> rules() {
        return fixture.takeViolations().stream().map(Violation::rule).toList();
    }

    private void spin(long ticks) {
        long end = kernel().getCycles() + ticks;
        while (kernel().getCycles() < end) {
            kernel().cpuRelax();
        }
    }

    private List<String> names() {
        return fixture.kernel().tasks().tasks().all(fixture.peek()).stream()
                .map(task -> TaskLayout.COMM.get(fixture.peek(), task)).toList();
    }

    @Test
    void anItemIsCalledByAKernelTaskThatMaySleepOnTheHartThatQueuedIt() {
        boot(2, Interleavings.RR);
        List<String> seen = new ArrayList<>();
        long function = function("looks", work -> {
            kernel().msleep(1);
            seen.add(TaskLayout.COMM.get(fixture.memory(), fixture.cpu().tp()) + " " + (work - items) + " "
                    + fixture.cpu().hartId() + " " + kernel().inAtomic());
        });
        assertThat(names()).noneMatch(name -> name.startsWith("kworker"));
        fixture.run(List.of(Job.on(1, () -> {
            kernel().initWork(item(1), function);
            check(kernel().scheduleWork(item(1)), "it was queued");
            check(!kernel().scheduleWork(item(1)) && kernel().workPending(item(1)), "it is not queued");
            kernel().flushWork(item(1));
            check(seen.size() == 1 && !kernel().workBusy(item(1)), "flush_work did not wait");
            check(!kernel().flushWork(item(1)), "there is nothing to flush");
        })));
        assertThat(seen).containsExactly("kworker/1:0 128 1 false");
        assertThat(names()).contains("kworker/1:0").doesNotContain("kworker/0:0");
        assertThat(rules()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void anItemIsCalledOnceForEachTimeItIsQueuedAndNotOnTwoHartsAtOnce(Interleavings policy) {
        boot(4, policy);
        int[] inside = new int[1];
        int[] queued = new int[1];
        long function = function("once", work -> {
            check(++inside[0] == 1, "it runs on two harts");
            kernel().atomicInc(counter);
            if (load(counter) % 3 == 0) {
                kernel().usleepRange(20, 30);
            }
            inside[0]--;
        });
        fixture.run(() -> kernel().initWork(item(0), function));
        fixture.run(fixture.onEveryHart(hart -> {
            for (int i = 0; i < 40; i++) {
                boolean mine = kernel().scheduleWork(item(0));
                queued[0] += mine ? 1 : 0;
                kernel().usleepRange(1 + i % 7, 10);
            }
        }));
        fixture.run(() -> kernel().flushScheduledWork());
        assertThat(fixture.peek().load32(counter)).isEqualTo(queued[0]).isGreaterThan(4);
        assertThat(rules()).isEmpty();
    }

    @Test
    void whenAnItemSleepsTheNextOneIsCalledByAnotherWorker() {
        boot(1, Interleavings.RR);
        List<String> order = new ArrayList<>();
        long slow = function("slow", work -> {
            order.add("slow begins");
            kernel().msleep(50);
            order.add("slow ends");
        });
        long quick = function("quick", work -> order.add("quick"));
        fixture.run(() -> {
            for (int i = 0; i < 5; i++) {
                kernel().initWork(item(i), slow);
                kernel().scheduleWork(item(i));
            }
            kernel().initWork(item(5), quick);
            kernel().scheduleWork(item(5));
            kernel().flushWork(item(5));
            check(order.size() == 6 && order.get(5).equals("quick"), "the order was " + order);
            kernel().flushScheduledWork();
            check(order.size() == 11, "flush_scheduled_work did not wait: " + order);
        });
        assertThat(names().stream().filter(name -> name.startsWith("kworker/0"))).hasSizeGreaterThanOrEqualTo(6);
        assertThat(rules()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void anOrderedQueueRunsOneItemAtATimeInTheirOrder(Interleavings policy) {
        boot(4, policy);
        List<Integer> order = new ArrayList<>();
        int[] inside = new int[1];
        long[] queue = new long[1];
        long function = function("ordered", work -> {
            check(++inside[0] == 1, "two items at once");
            int number = (int) (work - items) / 128;
            kernel().usleepRange(30 - 5 * (number % 4), 100);
            order.add(number);
            inside[0]--;
        });
        fixture.run(() -> {
            queue[0] = kernel().allocOrderedWorkqueue("ordered", 0);
            for (int i = 0; i < 10; i++) {
                kernel().initWork(item(i), function);
                kernel().queueWork(queue[0], item(i));
            }
            kernel().flushWorkqueue(queue[0]);
            check(order.size() == 10, "flush_workqueue did not wait");
            kernel().destroyWorkqueue(queue[0]);
        });
        assertThat(order).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        assertThat(rules()).isEmpty();
    }

    @Test
    void aQueueWorksOnSoManyItemsAtOnceAsItsLimitSays() {
        boot(2, Interleavings.RR);
        int[] inside = new int[1];
        int[] most = new int[1];
        long function = function("limited", work -> {
            most[0] = Math.max(most[0], ++inside[0]);
            kernel().usleepRange(100, 200);
            inside[0]--;
        });
        fixture.run(List.of(Job.on(0, () -> {
            long queue = kernel().allocWorkqueue("limited", 0, 3);
            for (int i = 0; i < 10; i++) {
                kernel().initWork(item(i), function);
                kernel().queueWork(queue, item(i));
            }
            kernel().drainWorkqueue(queue);
            check(most[0] == 3, most[0] + " at once");
            kernel().destroyWorkqueue(queue);
        })));
        assertThat(rules()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void afterCancelWorkSyncTheItemDoesNotRunAlthoughItQueuesItself(Interleavings policy) {
        boot(2, policy);
        boolean[] running = new boolean[1];
        long function = function("again", work -> {
            running[0] = true;
            kernel().atomicInc(counter);
            kernel().usleepRange(10, 20);
            kernel().scheduleWork(work);
            running[0] = false;
        });
        for (int round = 0; round < 15; round++) {
            int delay = 300 * round;
            fixture.run(() -> {
                kernel().initWork(item(0), function);
                kernel().scheduleWork(item(0));
                spin(delay);
                kernel().cancelWorkSync(item(0));
                check(!running[0] && !kernel().workBusy(item(0)), "it runs after cancel_work_sync");
                int before = load(counter);
                kernel().msleep(1);
                check(load(counter) == before, "it ran after cancel_work_sync");
                check(!kernel().cancelWorkSync(item(0)), "it was cancelled already");
            });
        }
        assertThat(rules()).isEmpty();
    }

    @Test
    void twoTasksMayCancelAndOthersQueueOneItem() {
        boot(4, Interleavings.RANDOM);
        long function = function("counted", work -> {
            kernel().usleepRange(10, 20);
            kernel().atomicInc(counter);
        });
        fixture.run(() -> kernel().initDelayedWork(item(0), function));
        fixture.run(fixture.onEveryHart(hart -> {
            for (int i = 0; i < 30; i++) {
                switch ((hart + i) % 4) {
                    case 0 -> kernel().cancelDelayedWorkSync(item(0));
                    case 1 -> kernel().scheduleDelayedWork(item(0), i % 2);
                    case 2 -> kernel().modDelayedWork(kernel().systemWq(), item(0), 0);
                    default -> kernel().cancelDelayedWork(item(0));
                }
                spin(200L * (i % 5));
            }
        }));
        fixture.run(() -> {
            kernel().cancelDelayedWorkSync(item(0));
            check(!kernel().workBusy(item(0)), "it is busy after all have cancelled it");
            kernel().scheduleWork(item(0));
            kernel().flushWork(item(0));
        });
        assertThat(rules()).isEmpty();
    }

    // ---- delays ----

    @Test
    void aDelayedItemRunsAtItsJiffyAndItsDelayCanBeChanged() {
        boot(1, Interleavings.RR);
        List<Integer> ran = new ArrayList<>();
        long function = function("delayed", work -> ran.add(kernel().jiffies()));
        fixture.run(() -> {
            kernel().initDelayedWork(item(0), function);
            int start = kernel().jiffies();
            check(kernel().scheduleDelayedWork(item(0), 3), "it was queued");
            check(!kernel().scheduleDelayedWork(item(0), 9), "it is queued twice");
            kernel().msleep(30);
            check(ran.equals(List.of(start + 3)), "it ran at " + ran + ", from " + start);
            start = kernel().jiffies();
            check(!kernel().modDelayedWork(kernel().systemWq(), item(0), 100), "it was queued");
            check(kernel().modDelayedWork(kernel().systemWq(), item(0), 2), "it was not queued");
            kernel().msleep(30);
            check(ran.size() == 2 && ran.get(1) == start + 2, "it ran at " + ran + ", from " + start);
            kernel().scheduleDelayedWork(item(0), 1000);
            check(kernel().cancelDelayedWork(item(0)) && !kernel().cancelDelayedWork(item(0)), "cancel_delayed_work");
            kernel().scheduleDelayedWork(item(0), 1000);
            check(kernel().flushDelayedWork(item(0)) && ran.size() == 3, "flush_delayed_work waits for no delay");
            kernel().scheduleDelayedWork(item(0), 1000);
            check(kernel().cancelDelayedWorkSync(item(0)), "cancel_delayed_work_sync");
        });
        assertThat(rules()).isEmpty();
    }

    @Test
    void anInterruptMayQueueAndChangeAnItem() {
        boot(1, Interleavings.RR);
        long function = function("counted", work -> kernel().atomicInc(counter));
        long interrupt = fixture.text("queues", (HrTimerFunction) timer -> {
            kernel().scheduleWork(item(0));
            kernel().modDelayedWork(kernel().systemWq(), item(1), 0);
            return kernel().hrtimerForwardNow(timer, 5000) < 0 || load(counter) < 200;
        });
        fixture.run(() -> {
            kernel().initWork(item(0), function);
            kernel().initDelayedWork(item(1), function);
            kernel().hrtimerInit(item(2), interrupt);
            kernel().hrtimerStart(item(2), 1000, KernelCalls.HRTIMER_MODE_REL);
            for (int i = 0; i < 300; i++) {
                kernel().modDelayedWork(kernel().systemWq(), item(1), i % 2);
                spin(30);
            }
            kernel().msleep(20);
            kernel().hrtimerCancel(item(2));
            kernel().cancelDelayedWorkSync(item(1));
            kernel().flushScheduledWork();
        });
        assertThat(fixture.peek().load32(counter)).isGreaterThanOrEqualTo(200);
        assertThat(rules()).isEmpty();
    }

    // ---- mistakes ----

    @Test
    void anItemThatWaitsForItselfIsReportedAndGoesOn() {
        boot(1, Interleavings.RR);
        long[] queue = new long[1];
        long function = function("own", work -> {
            kernel().cancelWorkSync(work);
            kernel().flushWork(work);
            kernel().flushWorkqueue(queue[0]);
        });
        fixture.run(() -> {
            queue[0] = kernel().allocWorkqueue("own", 0, 0);
            kernel().initWork(item(0), function);
            kernel().queueWork(queue[0], item(0));
            kernel().flushWorkqueue(queue[0]);
        });
        assertThat(rules()).containsExactly("lock-recursion", "lock-recursion", "lock-recursion");
    }

    @Test
    void aMutexOfTheItemsFunctionThatTheCancellingTaskHoldsIsReported() {
        boot(1, Interleavings.RR);
        long function = function("locks", work -> {
            kernel().mutexLock(counter);
            kernel().mutexUnlock(counter);
        });
        fixture.run(() -> {
            kernel().mutexInit(counter);
            kernel().initWork(item(0), function);
            kernel().scheduleWork(item(0));
            kernel().flushWork(item(0));
            kernel().cancelWorkSync(item(0));
        });
        assertThat(rules()).isEmpty();
        fixture.run(() -> {
            kernel().mutexLock(counter);
            kernel().cancelWorkSync(item(0));
            kernel().mutexUnlock(counter);
        });
        assertThat(rules()).containsExactly("lock-order");
    }

    @Test
    void freeingAnItemThatIsQueuedIsReportedAndOneThatFreesItselfIsNot() {
        boot(1, Interleavings.RR);
        long frees = function("frees", work -> kernel().kfree(work));
        fixture.run(() -> {
            long item = kernel().kzalloc(WorkLayout.SIZE, Gfp.GFP_KERNEL);
            kernel().initWork(item, frees);
            kernel().scheduleWork(item);
            kernel().flushScheduledWork();
        });
        assertThat(rules()).isEmpty();
        fixture.runToStop(List.of(Job.on(0, () -> {
            long item = kernel().kzalloc(DelayedWorkLayout.SIZE, Gfp.GFP_KERNEL);
            kernel().initDelayedWork(item, frees);
            kernel().scheduleDelayedWork(item, 1000);
            kernel().kfree(item);
        })));
        assertThat(rules()).contains("use-after-free");
    }

    @Test
    void anExceptionInAnItemEndsItsWorkerAndTheQueueGoesOn() {
        boot(1, Interleavings.RR);
        long broken = function("broken", work -> {
            throw new IllegalStateException("broken item");
        });
        long wild = function("wild", work -> kernel().memory().store32(0x10, 1));
        long good = function("good", work -> kernel().atomicInc(counter));
        fixture.run(() -> {
            for (int i = 0; i < 6; i++) {
                kernel().initWork(item(i), i % 3 == 0 ? broken : i % 3 == 1 ? wild : good);
                kernel().scheduleWork(item(i));
            }
            kernel().flushScheduledWork();
            check(load(counter) == 2, load(counter) + " good items");
            check(!kernel().workBusy(item(0)), "the broken item is busy for ever");
        });
        assertThat(rules()).containsOnly("kernel-oops").hasSize(4);
    }

    // ---- what a tester found ----

    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void waitingForARunningItemIsNoLockOrder(Interleavings policy) {
        boot(2, policy);
        long function = function("sleeps", work -> kernel().usleepRange(20, 30));
        fixture.run(List.of(Job.on(0, () -> {
            kernel().initWork(item(0), function);
            kernel().initWork(item(1), function);
            for (int i = 0; i < 6; i++) {
                kernel().scheduleWork(item(i % 2));
                kernel().usleepRange(5, 10);
                if (i < 3) {
                    kernel().flushWork(item(i % 2));
                } else {
                    kernel().cancelWorkSync(item(i % 2));
                }
                kernel().msleep(1);
            }
        })));
        assertThat(rules()).isEmpty();
    }

    @Test
    void anItemThatDestroysItsOwnQueueIsReportedAndGoesOn() {
        boot(1, Interleavings.RR);
        long[] queue = new long[1];
        long function = function("destroys", work -> kernel().destroyWorkqueue(queue[0]));
        fixture.run(() -> {
            queue[0] = kernel().allocWorkqueue("own", 0, 0);
            kernel().initWork(item(0), function);
            kernel().queueWork(queue[0], item(0));
            kernel().flushWork(item(0));
            kernel().destroyWorkqueue(queue[0]);
        });
        assertThat(rules()).containsExactly("lock-recursion");
    }

    @Test
    void anItemAtTheAddressOfOneThatFreedItselfIsAnotherOne() {
        boot(1, Interleavings.RR);
        long done = function("completes", work -> kernel().complete(counter));
        long frees = function("frees", work -> {
            kernel().kfree(work);
            long again = kernel().kzalloc(WorkLayout.SIZE, Gfp.GFP_KERNEL);
            check(again == work, "it has another address");
            kernel().initWork(again, done);
            kernel().scheduleWork(again);
            check(kernel().waitForCompletionTimeout(counter, 50) > 0, "the other item was not called");
            kernel().flushWork(again);
            kernel().kfree(again);
        });
        fixture.run(() -> {
            kernel().initCompletion(counter);
            long item = kernel().kzalloc(WorkLayout.SIZE, Gfp.GFP_KERNEL);
            kernel().initWork(item, frees);
            kernel().scheduleWork(item);
            kernel().flushScheduledWork();
        });
        assertThat(rules()).isEmpty();
    }

    @Test
    void anOrderedQueueKeepsItsOrderAlthoughAnItemStillRunsOnAnotherQueue() {
        boot(2, Interleavings.RR);
        List<String> order = new ArrayList<>();
        long function = function("x", work -> {
            order.add("x");
            kernel().msleep(10);
            order.add("/x");
        });
        long other = function("y", work -> order.add("y"));
        fixture.run(() -> {
            long queue = kernel().allocOrderedWorkqueue("ordered", 0);
            kernel().initWork(item(0), function);
            kernel().initWork(item(1), other);
            kernel().scheduleWork(item(0));
            kernel().msleep(1);
            kernel().queueWork(queue, item(0));
            kernel().queueWork(queue, item(1));
            kernel().flushWorkqueue(queue);
            kernel().flushScheduledWork();
            kernel().destroyWorkqueue(queue);
        });
        assertThat(order).last().isEqualTo("y");
    }

    @Test
    void aFlushOfAQueueUnderAMutexThatItsItemsTakeIsReported() {
        boot(1, Interleavings.RR);
        long function = function("locks", work -> {
            kernel().mutexLock(counter);
            kernel().mutexUnlock(counter);
        });
        fixture.run(() -> {
            long queue = kernel().allocWorkqueue("locking", 0, 0);
            kernel().mutexInit(counter);
            kernel().initWork(item(0), function);
            kernel().queueWork(queue, item(0));
            kernel().flushWorkqueue(queue);
            kernel().mutexLock(counter);
            kernel().flushWorkqueue(queue);
            kernel().mutexUnlock(counter);
            kernel().destroyWorkqueue(queue);
        });
        assertThat(rules()).containsExactly("lock-order");
    }

    @Test
    void aFlushThatWaitsForItsOwnMutexIsReportedWhenItHappens() {
        boot(1, Interleavings.RR);
        long function = function("locks", work -> kernel().mutexLock(counter));
        fixture.runToStop(List.of(Job.on(0, () -> {
            kernel().mutexInit(counter);
            kernel().initWork(item(0), function);
            kernel().mutexLock(counter);
            kernel().scheduleWork(item(0));
            kernel().flushWork(item(0));
        })));
        assertThat(rules()).containsExactly("lock-order");
    }

    @Test
    void aQueueThatIsDestroyedBeforeItsDelayedItemIsCancelledIsReported() {
        boot(1, Interleavings.RR);
        long function = function("late", work -> { });
        fixture.run(() -> {
            long queue = kernel().allocWorkqueue("gone", 0, 0);
            long other = kernel().allocWorkqueue("other", 0, 0);
            kernel().initDelayedWork(item(0), function);
            kernel().queueDelayedWork(queue, item(0), 100);
            kernel().destroyWorkqueue(other);
            check(fixture.violations.isEmpty(), "another queue's item was told");
            kernel().destroyWorkqueue(queue);
            kernel().cancelDelayedWorkSync(item(0));
        });
        List<Violation> told = fixture.takeViolations();
        assertThat(told).extracting(Violation::rule).containsExactly("use-after-free");
        assertThat(told.toString()).contains("queue_delayed_work at WorkQueuesTest.java:");
    }
}

package ferrite.kernel.sched;

import static ferrite.kernel.KernelFixture.bugOf;
import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.report.Violation;
import ferrite.hardware.turn.Interleavings;
import ferrite.hardware.turn.Turn;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.KernelFixture.Job;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.driver.KernelCalls;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Softirqs, tasklets and both kinds of timers: what runs where, and when. */
@Timeout(60)
class SoftirqTest {

    private static final long MILLISECOND = 100_000;

    private KernelFixture fixture;
    private long record;
    private long counter;

    @AfterEach
    void close() {
        if (fixture != null) {
            fixture.close();
        }
    }

    private void boot(int harts, Interleavings policy) {
        fixture = KernelFixture.options().harts(harts).interleaving(policy, 11).boot();
        fixture.run(() -> {
            record = kernel().kzalloc(64, Gfp.GFP_KERNEL);
            counter = kernel().kzalloc(64, Gfp.GFP_KERNEL);
        });
    }

    private KernelCalls kernel() {
        return fixture.kernel().calls();
    }

    private int load(long va) {
        return kernel().memory().load32(va);
    }

    private List<String> rules() {
        return fixture.takeViolations().stream().map(Violation::rule).toList();
    }

    private long function(String name, TimerFunction function) {
        return fixture.text(name, function);
    }

    private void spin(long ticks) {
        long end = kernel().getCycles() + ticks;
        while (kernel().getCycles() < end) {
            kernel().cpuRelax();
        }
    }

    private List<String> names() {
        return fixture.kernel().tasks().tasks().all(fixture.peek()).stream()
                .map(task -> ferrite.kernel.base.TaskLayout.COMM.get(fixture.peek(), task)).toList();
    }

    // ---- where things run ----

    @Test
    void aTimersFunctionRunsInASoftirqWithInterruptsOnAndAnHrtimersInTheInterrupt() {
        boot(1, Interleavings.RR);
        List<String> seen = new ArrayList<>();
        long soft = function("soft", data -> seen.add("softirq " + kernel().inServingSoftirq()
                + kernel().inHardirq() + kernel().inInterrupt() + kernel().irqsDisabled()));
        long hard = fixture.text("hard", (HrTimerFunction) timer -> {
            seen.add("hardirq " + kernel().inServingSoftirq() + kernel().inHardirq() + kernel().inInterrupt()
                    + kernel().irqsDisabled());
            return false;
        });
        fixture.run(() -> {
            kernel().addTimer(record, kernel().jiffies() + 1, soft, 0);
            kernel().hrtimerInit(counter, hard);
            kernel().hrtimerStart(counter, 1000, KernelCalls.HRTIMER_MODE_REL);
            check(!kernel().inInterrupt() && !kernel().inHardirq() && !kernel().inServingSoftirq(), "in a task");
            kernel().msleep(10);
        });
        assertThat(seen).containsExactly("hardirq falsetruetruetrue", "softirq truefalsetruefalse");
        assertThat(rules()).isEmpty();
    }

    @Test
    void softirqsWaitUntilTheyAreEnabledAndRunThenAtOnce() {
        boot(1, Interleavings.RR);
        long function = function("counts", data -> kernel().atomicInc(counter));
        fixture.run(() -> {
            kernel().taskletInit(record, function, 0);
            kernel().localBhDisable();
            kernel().localBhDisable();
            kernel().taskletSchedule(record);
            spin(10 * MILLISECOND);
            check(load(counter) == 0 && kernel().inInterrupt() && kernel().inAtomic(), "it ran while disabled");
            kernel().localBhEnable();
            check(load(counter) == 0, "it ran while disabled once more");
            kernel().localBhEnable();
            check(load(counter) == 1 && !kernel().inAtomic(), "it did not run when enabled");
        });
        assertThat(rules()).isEmpty();
    }

    @Test
    void anInterruptMayComeOnTopOfASoftirqButNoOtherSoftirq() {
        boot(1, Interleavings.RR);
        List<String> order = new ArrayList<>();
        long second = function("second", data -> order.add("second"));
        long hard = fixture.text("hard", (HrTimerFunction) timer -> {
            order.add("interrupt");
            kernel().taskletSchedule(record + 32);
            return false;
        });
        long first = function("first", data -> {
            kernel().hrtimerStart(counter, 1000, KernelCalls.HRTIMER_MODE_REL);
            spin(1000);
            order.add("first");
        });
        fixture.run(() -> {
            kernel().taskletInit(record, first, 0);
            kernel().taskletInit(record + 32, second, 0);
            kernel().hrtimerInit(counter, hard);
            kernel().localBhDisable();
            kernel().taskletSchedule(record);
            kernel().localBhEnable();
            check(order.equals(List.of("interrupt", "first", "second")), "the order was " + order);
        });
    }

    @Test
    void aSoftirqThatIsRaisedWithoutEndLeavesTheHartToTasksByKsoftirqd() {
        boot(1, Interleavings.RR);
        boolean[] stop = new boolean[1];
        long again = function("again", data -> {
            kernel().atomicInc(counter);
            if (!stop[0]) {
                kernel().taskletSchedule(record);
            }
        });
        assertThat(names()).doesNotContain("ksoftirqd/0");
        fixture.run(() -> {
            kernel().taskletInit(record, again, 0);
            kernel().taskletSchedule(record);
            spin(10 * MILLISECOND);
            check(load(counter) > 20, "it ran " + load(counter) + " times");
            stop[0] = true;
            kernel().taskletKill(record);
        });
        assertThat(names()).contains("ksoftirqd/0");
        assertThat(rules()).isEmpty();
    }

    // ---- tasklets ----

    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void aTaskletRunsOnOneHartAtATimeAndOnceForEachTimeThatItIsScheduled(Interleavings policy) {
        boot(4, policy);
        int[] inside = new int[1];
        int[] runs = new int[1];
        int[] newly = new int[1];
        long function = function("tasklet", data -> {
            check(++inside[0] == 1, "it runs on two harts");
            spin(200);
            runs[0]++;
            inside[0]--;
        });
        fixture.run(() -> kernel().taskletInit(record, function, 0));
        fixture.run(fixture.onEveryHart(hart -> {
            for (int i = 0; i < 20; i++) {
                kernel().taskletSchedule(record);
                newly[0]++;
                spin(50);
            }
        }));
        fixture.run(() -> kernel().taskletKill(record));
        assertThat(runs[0]).isBetween(1, newly[0]);
        assertThat(rules()).isEmpty();
    }

    @Test
    void hiTaskletsRunBeforeTimersAndTimersBeforeOtherTasklets() {
        boot(1, Interleavings.RR);
        List<String> order = new ArrayList<>();
        long low = function("low", data -> order.add("tasklet"));
        long timer = function("timer", data -> order.add("timer"));
        long high = function("high", data -> order.add("hi"));
        fixture.run(() -> {
            kernel().taskletInit(record, low, 0);
            kernel().taskletInit(record + 32, high, 0);
            kernel().localBhDisable();
            kernel().addTimer(counter, kernel().jiffies() + 1, timer, 0);
            kernel().taskletSchedule(record);
            kernel().taskletHiSchedule(record + 32);
            spin(5 * MILLISECOND);
            kernel().localBhEnable();
        });
        assertThat(order).containsExactly("hi", "timer", "tasklet");
    }

    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void aDisabledTaskletStaysScheduledAndRunsWhenItIsEnabled(Interleavings policy) {
        boot(2, policy);
        boolean[] disabled = new boolean[1];
        long function = function("tasklet", data -> {
            check(!disabled[0], "it runs while it is disabled");
            kernel().atomicInc(counter);
        });
        fixture.run(() -> kernel().taskletInit(record, function, 0));
        for (int round = 0; round < 20; round++) {
            int delay = 10 * round;
            fixture.run(List.of(
                    Job.on(0, () -> {
                        kernel().taskletDisable(record);
                        disabled[0] = true;
                        spin(500 + delay);
                        disabled[0] = false;
                        kernel().taskletEnable(record);
                        kernel().taskletKill(record);
                    }),
                    Job.on(1, () -> {
                        spin(delay);
                        kernel().taskletSchedule(record);
                        spin(1000);
                    })));
        }
        assertThat(fixture.peek().load32(counter)).isEqualTo(20);
        assertThat(rules()).isEmpty();
        fixture.run(() -> {
            check(bugOf(() -> kernel().taskletEnable(record)).contains("which is not disabled"), "enable");
            kernel().taskletDisable(record);
            kernel().taskletSchedule(record);
            check(bugOf(() -> kernel().taskletKill(record)).contains("it would wait for ever"), "kill");
            kernel().taskletEnable(record);
            kernel().taskletKill(record);
        });
    }

    @Test
    void taskletKillOfATaskletThatSchedulesItselfForEverSaysSo() {
        boot(2, Interleavings.RANDOM);
        boolean[] stop = new boolean[1];
        long again = function("again", data -> {
            kernel().atomicInc(counter);
            if (!stop[0]) {
                kernel().taskletSchedule(record);
            }
        });
        fixture.run(() -> {
            kernel().taskletInit(record, again, 0);
            kernel().taskletSchedule(record);
            check(bugOf(() -> kernel().taskletKill(record)).contains("stop what schedules it first"),
                    "tasklet_kill waits for ever");
            stop[0] = true;
            kernel().taskletKill(record);
            int runs = load(counter);
            spin(MILLISECOND);
            check(runs > 0 && load(counter) == runs, "it ran after tasklet_kill");
        });
    }

    // ---- high-resolution timers ----

    @Test
    void anHrtimerIsExactAndPeriodicWithoutDrift() {
        boot(1, Interleavings.RR);
        List<Long> times = new ArrayList<>();
        long function = fixture.text("periodic", (HrTimerFunction) timer -> {
            times.add(kernel().ktimeGet());
            check(kernel().hrtimerForwardNow(timer, 30_000) == 1, "an interval was missed");
            return times.size() < 5;
        });
        long[] first = new long[1];
        fixture.run(() -> {
            kernel().hrtimerInit(record, function);
            first[0] = kernel().ktimeGet() + 12_340;
            kernel().hrtimerStart(record, first[0], KernelCalls.HRTIMER_MODE_ABS);
            check(kernel().hrtimerActive(record), "it is not set");
            check(kernel().hrtimerGetExpires(record) == first[0], "hrtimer_get_expires");
            kernel().msleep(1);
            check(!kernel().hrtimerActive(record), "it is set still");
            kernel().hrtimerStart(record, 1_000_000, KernelCalls.HRTIMER_MODE_REL);
            check(kernel().hrtimerCancel(record) && !kernel().hrtimerCancel(record), "hrtimer_cancel");
            check(kernel().hrtimerTryToCancel(record) == 0, "hrtimer_try_to_cancel");
            kernel().msleep(5);
        });
        assertThat(times).hasSize(5);
        for (int i = 0; i < times.size(); i++) {
            assertThat(times.get(i)).isBetween(first[0] + i * 30_000L, first[0] + i * 30_000L + 1000);
        }
        assertThat(rules()).isEmpty();
    }

    @Test
    void anHrtimerThatForwardsPastMissedIntervalsSaysHowMany() {
        boot(1, Interleavings.RR);
        long[] missed = new long[1];
        long function = fixture.text("late", (HrTimerFunction) timer -> {
            missed[0] = kernel().hrtimerForwardNow(timer, 1000);
            return false;
        });
        fixture.run(() -> {
            kernel().hrtimerInit(record, function);
            kernel().localIrqDisable();
            kernel().hrtimerStart(record, 1000, KernelCalls.HRTIMER_MODE_REL);
            kernel().udelay(10);
            kernel().localIrqEnable();
            spin(100);
            check(missed[0] >= 9 && missed[0] <= 11, missed[0] + " intervals");
        });
    }

    // ---- the checks ----

    @Test
    void aLockOfATimersFunctionIsTakenWithSoftirqsDisabled() {
        boot(1, Interleavings.RR);
        long function = function("locks", data -> {
            kernel().spinLock(record);
            kernel().spinUnlock(record);
        });
        fixture.run(() -> {
            kernel().addTimer(counter, kernel().jiffies() + 1, function, 0);
            kernel().msleep(5);
            kernel().spinLockBh(record);
            kernel().spinUnlockBh(record);
            check(kernel().spinTrylockBh(record), "spin_trylock_bh");
            kernel().spinUnlockBh(record);
            int flags = kernel().spinLockIrqsave(record);
            kernel().spinUnlockIrqrestore(record, flags);
        });
        assertThat(rules()).isEmpty();
        fixture.run(() -> {
            kernel().spinLock(record);
            kernel().spinUnlock(record);
        });
        List<Violation> told = fixture.takeViolations();
        assertThat(told).singleElement().satisfies(one -> {
            assertThat(one.rule()).isEqualTo("lock-irq-unsafe");
            assertThat(one.toString()).contains("a softirq").contains("spin_lock_bh");
        });
    }

    @Test
    void aLockThatOnlySoftirqsDisabledProtectIsNotSafeFromAHandler() {
        boot(1, Interleavings.RR);
        long function = fixture.text("locks", (HrTimerFunction) timer -> {
            kernel().spinLock(record);
            kernel().spinUnlock(record);
            return false;
        });
        fixture.run(() -> {
            kernel().hrtimerInit(counter, function);
            kernel().hrtimerStart(counter, 100, KernelCalls.HRTIMER_MODE_REL);
            spin(1000);
            kernel().spinLockBh(record);
            kernel().spinUnlockBh(record);
        });
        assertThat(rules()).containsExactly("lock-irq-unsafe");
    }

    @Test
    void aSleepInASoftirqIsReportedWithTheFunctionThatItCalls() {
        boot(1, Interleavings.RR);
        long function = function("sleepy_tasklet", data -> kernel().kfree(kernel().kmalloc(8, Gfp.GFP_KERNEL)));
        fixture.run(() -> {
            kernel().taskletInit(record, function, 0);
            kernel().localBhDisable();
            kernel().taskletSchedule(record);
            kernel().localBhEnable();
        });
        List<Violation> told = fixture.takeViolations();
        assertThat(told).singleElement().satisfies(one -> assertThat(one.toString()).contains("sleep-in-atomic")
                .contains("in a softirq, which calls sleepy_tasklet"));
        fixture.run(() -> {
            kernel().localBhDisable();
            kernel().kfree(kernel().kmalloc(8, Gfp.GFP_KERNEL));
            kernel().localBhEnable();
        });
        assertThat(fixture.takeViolations()).singleElement()
                .satisfies(one -> assertThat(one.toString()).contains("since local_bh_disable at SoftirqTest.java:"));
    }

    @Test
    void aFunctionThatLeavesSoftirqsDisabledIsReported() {
        boot(1, Interleavings.RR);
        long function = fixture.text("forgets", (HrTimerFunction) timer -> {
            kernel().spinLockBh(record);
            return false;
        });
        fixture.runToStop(List.of(Job.on(0, () -> {
            kernel().hrtimerInit(counter, function);
            kernel().hrtimerStart(counter, 100, KernelCalls.HRTIMER_MODE_REL);
            spin(1000);
        })));
        assertThat(rules()).contains("lock-left");
    }

    @Test
    void anExceptionInATaskletStopsTheMachineAndSaysWhere() {
        boot(1, Interleavings.RR);
        long function = function("broken_tasklet", data -> {
            throw new IllegalStateException("broken");
        });
        Turn.Stop stop = fixture.runToStop(List.of(Job.on(0, () -> {
            kernel().taskletInit(record, function, 0);
            kernel().taskletSchedule(record);
            kernel().msleep(10);
        })));
        assertThat(stop).isEqualTo(Turn.Stop.PANIC);
        assertThat(fixture.machine.turn().panic()).hasMessageContaining("broken_tasklet")
                .hasMessageContaining("SoftirqTest.java:");
        assertThat(rules()).containsExactly("kernel-oops");
    }

    @Test
    void freeingMemoryWithAScheduledTaskletOrASetHrtimerIsReported() {
        boot(1, Interleavings.RR);
        long nothing = function("nothing", data -> { });
        long never = fixture.text("never", (HrTimerFunction) timer -> false);
        fixture.runToStop(List.of(Job.on(0, () -> {
            long memory = kernel().kzalloc(64, Gfp.GFP_KERNEL);
            kernel().taskletInit(memory, nothing, 0);
            kernel().localBhDisable();
            kernel().taskletSchedule(memory);
            kernel().kfree(memory);
            memory = kernel().kzalloc(64, Gfp.GFP_KERNEL);
            kernel().hrtimerInit(memory, never);
            kernel().hrtimerStart(memory, 1_000_000_000, KernelCalls.HRTIMER_MODE_REL);
            kernel().kfree(memory);
        })));
        List<Violation> told = fixture.takeViolations();
        assertThat(told).extracting(Violation::rule).contains("use-after-free");
        assertThat(told.toString()).contains("with a tasklet in it that is still scheduled")
                .contains("with a timer in it that is still set").contains("call hrtimer_cancel before the free");
    }

    // ---- jiffies ----

    @Test
    void jiffiesOverflowFiveMinutesAfterBootAndTimeAfterKnows() {
        boot(1, Interleavings.RR);
        fixture.run(() -> {
            check(kernel().jiffies() < 0 && kernel().getJiffies64() > 0, "the count begins just before an overflow");
            int later = kernel().jiffies() + 301 * Jiffies.HZ;
            check(later > 0 && kernel().timeAfter(later, kernel().jiffies())
                    && kernel().timeBefore(kernel().jiffies(), later), "time_after across the overflow");
            check(kernel().timeAfterEq(later, later) && kernel().timeBeforeEq(later, later)
                    && !kernel().timeAfter(later, later), "equal");
            check(kernel().msecsToJiffies(1) == 1 && kernel().msecsToJiffies(1000) == Jiffies.HZ
                    && kernel().usecsToJiffies(4001) == 2 && kernel().jiffiesToMsecs(3) == 12
                    && kernel().jiffiesToUsecs(3) == 12_000, "conversions");
            kernel().ssleep(301);
            check(kernel().timeAfterEq(kernel().jiffies(), later) && kernel().jiffies() > 0, "after 301 s");
        });
    }

    @Test
    void scheduleTimeoutEndsWithTheTimeOrAWakeUp() {
        boot(2, Interleavings.RR);
        long[] task = new long[1];
        fixture.run(List.of(
                Job.on(0, () -> {
                    task[0] = fixture.cpu().tp();
                    check(kernel().scheduleTimeoutUninterruptible(2) == 0, "the time is over");
                    int left = kernel().scheduleTimeoutInterruptible(100);
                    check(left > 50 && left < 100, left + " jiffies are left after a wake-up");
                    kernel().setCurrentState(KernelCalls.TASK_INTERRUPTIBLE);
                    check(kernel().scheduleTimeout(Jiffies.MAX_SCHEDULE_TIMEOUT) == Jiffies.MAX_SCHEDULE_TIMEOUT,
                            "without an end");
                }),
                Job.on(1, () -> {
                    kernel().msleep(30);
                    check(kernel().wakeUpProcess(task[0]), "it does not sleep");
                    kernel().msleep(30);
                    check(kernel().wakeUpProcess(task[0]), "it does not sleep without an end");
                })));
    }

    // ---- what a tester found ----

    @Test
    void aTimerThatIsSetToNowRunsWithTheNextJiffy() {
        boot(1, Interleavings.RR);
        long again = function("again", data -> {
            kernel().atomicInc(counter);
            kernel().modTimer(record, kernel().jiffies());
        });
        fixture.run(() -> {
            kernel().setupTimer(record, again, 0);
            kernel().modTimer(record, kernel().jiffies());
            kernel().msleep(40);
            kernel().delTimerSync(record);
        });
        assertThat(fixture.peek().load32(counter)).isBetween(9, 12);
    }

    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void taskletKillWaitsWhileAnotherTaskHasItDisabled(Interleavings policy) {
        boot(2, policy);
        long function = function("tasklet", data -> kernel().atomicInc(counter));
        fixture.run(() -> kernel().taskletInit(record, function, 0));
        fixture.run(List.of(
                Job.on(0, () -> {
                    for (int i = 0; i < 10; i++) {
                        kernel().taskletSchedule(record);
                        kernel().taskletKill(record);
                    }
                }),
                Job.on(1, () -> {
                    for (int i = 0; i < 10; i++) {
                        kernel().taskletDisable(record);
                        spin(300);
                        kernel().taskletEnable(record);
                        spin(200);
                    }
                })));
        assertThat(fixture.peek().load32(counter)).isEqualTo(10);
        assertThat(rules()).isEmpty();
    }

    @Test
    void aTaskletThatWaitsForItselfIsReported() {
        boot(1, Interleavings.RR);
        long function = function("own", data -> {
            kernel().taskletDisable(record);
            kernel().taskletEnable(record);
        });
        fixture.run(() -> {
            kernel().taskletInit(record, function, 0);
            kernel().taskletSchedule(record);
            kernel().taskletKill(record);
        });
        assertThat(rules()).containsExactly("lock-recursion");
    }

    @Test
    void delTimerSyncUnderTheLockForWhichTheFunctionSpinsIsReportedWhenItHappens() {
        boot(2, Interleavings.RR);
        long function = function("spins", data -> kernel().spinLock(record));
        Turn.Stop stop = fixture.runToStop(List.of(
                Job.on(1, () -> {
                    kernel().addTimer(counter, kernel().jiffies() + 1, function, 0);
                    spin(10 * MILLISECOND);
                }),
                Job.on(0, () -> {
                    spin(MILLISECOND);
                    int flags = kernel().spinLockIrqsave(record);
                    spin(8 * MILLISECOND);
                    kernel().delTimerSync(counter);
                    kernel().spinUnlockIrqrestore(record, flags);
                })));
        assertThat(stop).isEqualTo(Turn.Stop.PANIC);
        assertThat(rules()).containsExactly("lock-order");
    }

    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void waitingForARunningTimerIsNoLockOrder(Interleavings policy) {
        boot(2, policy);
        long function = function("spins", data -> spin(2000));
        fixture.run(() -> {
            kernel().setupTimer(record, function, 0);
            kernel().setupTimer(counter, function, 0);
        });
        for (int round = 0; round < 4; round++) {
            long timer = round % 2 == 0 ? record : counter;
            fixture.run(List.of(
                    Job.on(1, () -> {
                        kernel().modTimer(timer, kernel().jiffies() + 1);
                        spin(5 * MILLISECOND);
                    }),
                    Job.on(0, () -> {
                        kernel().usleepRange(4001, 4002);
                        kernel().delTimerSync(timer);
                    })));
        }
        assertThat(rules()).isEmpty();
    }

    @Test
    void anEnableWithoutItsDisableIsReported() {
        boot(1, Interleavings.RR);
        fixture.run(() -> {
            kernel().localBhEnable();
            kernel().rcuReadUnlock();
            check(!kernel().inAtomic(), "the preempt count is wrong");
        });
        assertThat(rules()).containsExactly("lock-not-held", "lock-not-held");
        fixture.run(() -> {
            kernel().localBhDisable();
            kernel().localIrqDisable();
            kernel().localBhEnable();
            kernel().localIrqEnable();
        });
        assertThat(rules()).containsExactly("lock-irq-unsafe");
    }

    // ---- readers and writers ----

    private List<String> rulesOf(Runnable inTimer, Runnable inTask) {
        boot(1, Interleavings.RR);
        long function = function("locks", data -> inTimer.run());
        fixture.run(() -> {
            kernel().addTimer(counter, kernel().jiffies() + 1, function, 0);
            kernel().msleep(10);
            inTask.run();
        });
        List<String> rules = rules();
        fixture.close();
        return rules;
    }

    private void write() {
        kernel().writeLock(record);
        kernel().writeUnlock(record);
    }

    private void read() {
        kernel().readLock(record);
        kernel().readUnlock(record);
    }

    private void seqRead() {
        int begun = kernel().readSeqbegin(record);
        check(!kernel().readSeqretry(record, begun), "a writer");
    }

    private void seqWrite() {
        kernel().writeSeqlock(record);
        kernel().writeSequnlock(record);
    }

    @Test
    void aReaderOrWriterThatASoftirqMayInterruptToWaitForItIsReported() {
        assertThat(rulesOf(this::write, this::read)).containsExactly("lock-irq-unsafe");
        assertThat(rulesOf(this::read, this::write)).containsExactly("lock-irq-unsafe");
        assertThat(rulesOf(this::write, this::write)).containsExactly("lock-irq-unsafe");
        assertThat(rulesOf(this::seqRead, this::seqWrite)).containsExactly("lock-irq-unsafe");
    }

    @Test
    void readersBesideReadersAndSoftirqsThatAreDisabledAreNoMistake() {
        assertThat(rulesOf(this::read, this::read)).isEmpty();
        assertThat(rulesOf(this::seqWrite, this::seqRead)).as("the reader reads again").isEmpty();
        assertThat(rulesOf(this::write, () -> {
            kernel().readLockBh(record);
            kernel().readUnlockBh(record);
        })).isEmpty();
        assertThat(rulesOf(this::read, () -> {
            kernel().writeLockBh(record);
            kernel().writeUnlockBh(record);
        })).isEmpty();
        assertThat(rulesOf(this::seqRead, () -> {
            kernel().writeSeqlockBh(record);
            kernel().writeSequnlockBh(record);
        })).isEmpty();
    }

    @Test
    void aReaderOnTopOfTheWriterThatItWaitsForEndsTheMachineWithASentence() {
        boot(1, Interleavings.RR);
        long function = function("reads", data -> kernel().readLock(record));
        Turn.Stop stop = fixture.runToStop(List.of(Job.on(0, () -> {
            kernel().addTimer(counter, kernel().jiffies() + 1, function, 0);
            kernel().writeLock(record);
            spin(10 * MILLISECOND);
        })));
        assertThat(stop).isEqualTo(Turn.Stop.PANIC);
        assertThat(rules()).contains("lock-recursion");
    }

    @Test
    void anHrtimerThatIsSetAgainWithoutAForwardLetsTheTaskGoOn() {
        boot(1, Interleavings.RR);
        long function = fixture.text("greedy", (HrTimerFunction) timer -> {
            kernel().atomicInc(counter);
            return load(counter) < 500;
        });
        fixture.run(() -> {
            kernel().hrtimerInit(record, function);
            kernel().hrtimerStart(record, 1000, KernelCalls.HRTIMER_MODE_REL);
            for (int i = 0; load(counter) < 500; i++) {
                check(i < 100_000, "it ran " + load(counter) + " times");
            }
            check(!kernel().hrtimerCancel(record), "it is set still");
        });
    }
}

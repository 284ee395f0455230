package ferrite.kernel.driver;

import static ferrite.kernel.KernelFixture.bugOf;
import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.report.Violation;
import ferrite.hardware.turn.Interleavings;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.KernelFixture.Job;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.SeqLockLayout;
import ferrite.kernel.base.Signal;
import ferrite.kernel.sched.CompletionLayout;
import ferrite.kernel.sched.HrTimerFunction;
import ferrite.kernel.sched.HrTimerLayout;
import ferrite.kernel.sched.TaskEntry;
import ferrite.kernel.sched.Tasks;
import ferrite.kernel.sched.TimerFunction;
import ferrite.kernel.sched.TimerLayout;
import ferrite.kernel.work.WorkFunction;
import ferrite.kernel.work.WorkLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Initialisations of locks, sections with interrupts off, contexts, and the end of a kernel task by its own call. */
@Timeout(60)
class LockCallsTest {

    private static final int ROUNDS = 40;

    private KernelFixture fixture;
    private long record;
    private long words;

    @AfterEach
    void close() {
        fixture.close();
    }

    private void boot(int harts, Interleavings policy) {
        fixture = KernelFixture.options().harts(harts).interleaving(policy, 11).boot();
        fixture.run(() -> {
            record = kernel().kzalloc(64, Gfp.GFP_KERNEL);
            words = kernel().kzalloc(64, Gfp.GFP_KERNEL);
        });
    }

    private KernelCalls kernel() {
        return fixture.kernel().calls();
    }

    private List<String> rules() {
        return fixture.takeViolations().stream().map(Violation::rule).toList();
    }

    // ---- initialisation ----

    @Test
    void aLockInMemoryThatHoldsAnythingIsFreeAfterItsInitialisation() {
        boot(1, Interleavings.RR);
        fixture.run(() -> {
            long lock = kernel().kmalloc(SeqLockLayout.SIZE, Gfp.GFP_KERNEL);
            kernel().memory().store32(lock, 0x55);
            kernel().spinLockInit(lock);
            check(!kernel().spinIsLocked(lock) && kernel().spinTrylock(lock), "spin_lock_init");
            kernel().spinUnlock(lock);
            kernel().memory().store32(lock, -1);
            kernel().rwlockInit(lock);
            check(kernel().writeTrylock(lock), "rwlock_init");
            kernel().writeUnlock(lock);
            kernel().memory().store32(lock, 3);
            kernel().memory().store32(lock + 4, 1);
            kernel().seqlockInit(lock);
            check(kernel().readSeqbegin(lock) == 0, "the sequence of seqlock_init");
            kernel().writeSeqlock(lock);
            kernel().writeSequnlock(lock);
        });
        assertThat(rules()).isEmpty();
    }

    @Test
    void anInitialisationIsTheFirstWriteThatALockNeeds() {
        boot(1, Interleavings.RR);
        fixture.run(() -> {
            long lock = kernel().kmalloc(SeqLockLayout.SIZE, Gfp.GFP_KERNEL);
            kernel().seqlockInit(lock);
            kernel().writeSeqlock(lock);
            kernel().writeSequnlock(lock);
            long other = kernel().kmalloc(4, Gfp.GFP_KERNEL);
            kernel().spinLockInit(other);
            kernel().spinLock(other);
            kernel().spinUnlock(other);
        });
        assertThat(rules()).isEmpty();
    }

    @Test
    void anInitialisationOfALockThatIsHeldIsReported() {
        boot(1, Interleavings.RR);
        fixture.run(() -> {
            kernel().spinLock(record);
            kernel().spinLockInit(record);
            kernel().preemptEnable();
            kernel().writeLock(record + 8);
            kernel().rwlockInit(record + 8);
            kernel().preemptEnable();
            kernel().writeSeqlock(record + 16);
            kernel().seqlockInit(record + 16);
            kernel().preemptEnable();
        });
        List<Violation> all = fixture.takeViolations();
        assertThat(all).extracting(Violation::rule).containsOnly("lock-not-held").hasSize(3);
        assertThat(all.get(0).summary()).startsWith("spin_lock_init of the lock at");
        assertThat(all.get(1).summary()).startsWith("rwlock_init");
        assertThat(all.get(2).summary()).startsWith("seqlock_init");
        assertThat(all.get(0).line("held")).startsWith("spin_lock at LockCallsTest.java:");
    }

    @Test
    void anInitialisationAfterTheReleaseIsNotReported() {
        boot(1, Interleavings.RR);
        fixture.run(() -> {
            kernel().spinLock(record);
            kernel().spinUnlock(record);
            kernel().spinLockInit(record);
            kernel().writeSeqlock(record + 16);
            kernel().writeSequnlock(record + 16);
            kernel().seqlockInit(record + 16);
        });
        assertThat(rules()).isEmpty();
    }

    // ---- sections with interrupts off ----

    @Test
    void theIrqCallsTurnInterruptsOffForTheirSectionAlone() {
        boot(1, Interleavings.RR);
        fixture.run(() -> {
            kernel().readLockIrq(record);
            check(kernel().irqsDisabled() && kernel().inAtomic(), "read_lock_irq");
            kernel().readUnlockIrq(record);
            check(!kernel().irqsDisabled() && !kernel().inAtomic(), "read_unlock_irq");
            kernel().writeLockIrq(record);
            check(kernel().irqsDisabled() && !kernel().readTrylock(record), "write_lock_irq");
            kernel().writeUnlockIrq(record);
            check(!kernel().irqsDisabled() && !kernel().inAtomic(), "write_unlock_irq");
            kernel().writeSeqlockIrq(record + 8);
            check(kernel().irqsDisabled() && kernel().memory().load32(record + 8) == 1, "write_seqlock_irq");
            kernel().writeSequnlockIrq(record + 8);
            check(!kernel().irqsDisabled() && !kernel().inAtomic(), "write_sequnlock_irq");
            int flags = kernel().writeSeqlockIrqsave(record + 8);
            check(kernel().irqsDisabled(), "write_seqlock_irqsave");
            kernel().writeSequnlockIrqrestore(record + 8, flags);
            check(!kernel().irqsDisabled() && !kernel().inAtomic(), "write_sequnlock_irqrestore");
            int off = kernel().localIrqSave();
            flags = kernel().writeSeqlockIrqsave(record + 8);
            kernel().writeSequnlockIrqrestore(record + 8, flags);
            check(kernel().irqsDisabled(), "interrupts were off before");
            kernel().localIrqRestore(off);
            check(kernel().memory().load32(record + 8) == 6, "three writers");
        });
        assertThat(rules()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void writersAreAloneWhicheverCallsTheyUse(Interleavings policy) {
        boot(4, policy);
        fixture.run(fixture.onEveryHart(hart -> {
            for (int i = 0; i < ROUNDS; i++) {
                switch (hart) {
                    case 0 -> kernel().writeLockIrq(record);
                    case 1 -> {
                        while (!kernel().writeTrylock(record)) {
                            kernel().cpuRelax();
                        }
                    }
                    default -> kernel().writeLock(record);
                }
                int value = kernel().memory().load32(words);
                kernel().cpuRelax();
                kernel().memory().store32(words, value + 1);
                if (hart == 0) {
                    kernel().writeUnlockIrq(record);
                } else {
                    kernel().writeUnlock(record);
                }
            }
        }));
        assertThat(fixture.peek().load32(words)).isEqualTo(4 * ROUNDS);
        assertThat(rules()).isEmpty();
    }

    @Test
    void readersShareALockThatAWriterOnlyTries() {
        boot(1, Interleavings.RR);
        fixture.run(() -> {
            check(kernel().readTrylock(record) && kernel().readTrylock(record), "two readers");
            check(!kernel().writeTrylock(record), "a writer beside readers");
            kernel().readUnlock(record);
            kernel().readUnlock(record);
            check(kernel().writeTrylock(record), "a writer alone");
            check(!kernel().writeTrylock(record) && !kernel().readTrylock(record), "others beside a writer");
            kernel().writeUnlock(record);
            check(!kernel().inAtomic(), "a section is left");
        });
        assertThat(rules()).isEmpty();
    }

    @Test
    void aReleaseThatTurnsInterruptsOnUnderAnotherLockIsReported() {
        boot(1, Interleavings.RR);
        fixture.run(() -> {
            kernel().spinLockIrq(record);
            kernel().writeLockIrq(record + 8);
            kernel().writeUnlockIrq(record + 8);
            kernel().spinUnlockIrq(record);
            int flags = kernel().spinLockIrqsave(record);
            kernel().spinLockIrq(record + 16);
            kernel().spinUnlockIrq(record + 16);
            kernel().spinUnlockIrqrestore(record, flags);
        });
        List<Violation> all = fixture.takeViolations();
        assertThat(all).extracting(Violation::rule).containsExactly("lock-left", "lock-left");
        assertThat(all.get(0).summary()).startsWith("write_unlock_irq of the lock at").contains("turns interrupts on");
        assertThat(all.get(1).summary()).startsWith("spin_unlock_irq");
        assertThat(all.get(0).line("instead")).startsWith("take the inner lock without _irq");
    }

    @Test
    void locksThatAreTakenOneInTheOtherTurnInterruptsOnWithTheLast() {
        boot(1, Interleavings.RR);
        fixture.run(() -> {
            kernel().spinLockIrq(record);
            kernel().writeLock(record + 8);
            kernel().spinUnlock(record);               // hand over hand
            kernel().writeUnlockIrq(record + 8);
            kernel().writeLockIrq(record + 8);
            kernel().spinLock(record + 16);
            kernel().spinUnlock(record + 16);
            kernel().writeUnlockIrq(record + 8);
        });
        assertThat(rules()).isEmpty();
    }

    @Test
    void aHandlerThatOnlyTriesToReadIsSafe() {
        boot(1, Interleavings.RR);
        List<Boolean> got = new ArrayList<>();
        long function = fixture.text("tries", (HrTimerFunction) timer -> {
            boolean taken = kernel().readTrylock(record);
            got.add(taken);
            if (taken) {
                kernel().readUnlock(record);
            }
            return false;
        });
        fixture.run(() -> {
            long timer = kernel().kzalloc(HrTimerLayout.SIZE, Gfp.GFP_KERNEL);
            kernel().hrtimerInit(timer, function);
            kernel().writeLock(record);
            kernel().hrtimerStart(timer, 1000, KernelCalls.HRTIMER_MODE_REL);
            kernel().udelay(10);
            kernel().writeUnlock(record);
            kernel().hrtimerStart(timer, 1000, KernelCalls.HRTIMER_MODE_REL);
            kernel().udelay(10);
            kernel().hrtimerCancel(timer);
        });
        assertThat(got).containsExactly(false, true);
        assertThat(rules()).isEmpty();
    }

    @Test
    void aHandlerThatWaitsToReadIsReportedIfItsWriterDoesNotTurnInterruptsOff() {
        boot(1, Interleavings.RR);
        long function = fixture.text("reads", (HrTimerFunction) timer -> {
            kernel().readLock(record);
            kernel().readUnlock(record);
            return false;
        });
        fixture.run(() -> {
            long timer = kernel().kzalloc(HrTimerLayout.SIZE, Gfp.GFP_KERNEL);
            kernel().hrtimerInit(timer, function);
            kernel().hrtimerStart(timer, 1000, KernelCalls.HRTIMER_MODE_REL);
            kernel().udelay(10);
            kernel().writeLockIrq(record);
            kernel().writeUnlockIrq(record);
        });
        assertThat(rules()).isEmpty();
        fixture.run(() -> {
            kernel().writeTrylock(record);
            kernel().writeUnlock(record);
        });
        assertThat(rules()).containsExactly("lock-irq-unsafe");
    }

    // ---- contexts and order ----

    @Test
    void aContextIsNamedByItsCalls() {
        boot(1, Interleavings.RR);
        List<String> found = new ArrayList<>();
        long softirq = fixture.text("in_timer", (TimerFunction) data -> found.add(contexts()));
        long handler = fixture.text("in_hrtimer", (HrTimerFunction) timer -> {
            found.add(contexts());
            return false;
        });
        fixture.run(() -> {
            found.add(contexts());
            kernel().localBhDisable();
            found.add(contexts());
            kernel().localBhEnable();
            long timer = kernel().kzalloc(TimerLayout.SIZE, Gfp.GFP_KERNEL);
            kernel().addTimer(timer, kernel().jiffies() + 1, softirq, 0);
            kernel().msleep(12);
            long other = kernel().kzalloc(HrTimerLayout.SIZE, Gfp.GFP_KERNEL);
            kernel().hrtimerInit(other, handler);
            kernel().hrtimerStart(other, 1000, KernelCalls.HRTIMER_MODE_REL);
            kernel().udelay(10);
        });
        assertThat(found).containsExactly("", "softirq interrupt", "softirq serving interrupt", "hardirq interrupt");
    }

    private String contexts() {
        return ((kernel().inHardirq() ? "hardirq " : "") + (kernel().inSoftirq() ? "softirq " : "")
                + (kernel().inServingSoftirq() ? "serving " : "") + (kernel().inInterrupt() ? "interrupt" : "")).trim();
    }

    @Test
    void aTaskThatYieldsLetsTheOthersOfItsHartRun() {
        boot(1, Interleavings.RR);
        List<String> order = new ArrayList<>();
        fixture.run(List.of(
                Job.on(0, () -> {
                    order.add("first");
                    kernel().setCurrentState(KernelCalls.TASK_INTERRUPTIBLE);
                    kernel().yield();                  // stays runnable, whatever the state was
                    order.add("first again");
                }),
                Job.on(0, () -> order.add("second"))));
        assertThat(order).containsExactly("first", "second", "first again");
        fixture.run(() -> {
            kernel().spinLock(record);
            kernel().yield();
            kernel().spinUnlock(record);
        });
        assertThat(rules()).containsExactly("sleep-in-atomic");
    }

    @Test
    void aMessageIsSeenAfterItsFlagOnAnotherHart() {
        boot(2, Interleavings.RANDOM);
        fixture.run(List.of(
                Job.on(0, () -> {
                    for (int i = 1; i <= ROUNDS; i++) {
                        kernel().memory().store32(words, i);
                        kernel().smpWmb();
                        kernel().smpStoreMb(words + 4, i);
                        kernel().barrier();
                        while (kernel().memory().load32(words + 8) != i) {
                            kernel().cpuRelax();
                        }
                    }
                }),
                Job.on(1, () -> {
                    for (int i = 1; i <= ROUNDS; i++) {
                        while (kernel().memory().load32(words + 4) != i) {
                            kernel().cpuRelax();
                        }
                        kernel().smpRmb();
                        check(kernel().memory().load32(words) == i, "an old message");
                        kernel().smpStoreMb(words + 8, i);
                    }
                })));
        assertThat(rules()).isEmpty();
    }

    // ---- completions ----

    @Test
    void aWaitForACompletionEndsWithASignalOrATimeOrTheCall() {
        boot(1, Interleavings.RR);
        int[] results = new int[3];
        long entry = fixture.text("waits", (TaskEntry) argument -> {
            for (int i = 0; i < results.length; i++) {
                results[i] = kernel().waitForCompletionInterruptibleTimeout(record, i == 0 ? 2 : 1000);
            }
            return 0;
        });
        fixture.run(() -> {
            kernel().initCompletion(record);
            Tasks tasks = fixture.kernel().tasks().tasks();
            long program = tasks.createProgram("waits", entry, 0);
            kernel().msleep(20);
            kernel().complete(record);
            kernel().msleep(20);
            kernel().killPid(tasks.pid(program), Signal.SIGINT);
            tasks.waitFor(program);
        });
        assertThat(results[0]).as("after the time").isZero();
        assertThat(results[1]).as("jiffies that are left").isBetween(990, 999);
        assertThat(results[2]).as("after the signal").isEqualTo(-Errno.ERESTARTSYS);
        assertThat(rules()).isEmpty();
    }

    @Test
    void aKernelTaskEndsItselfAfterItsCompletion() {
        boot(2, Interleavings.RR);
        List<String> order = new ArrayList<>();
        long entry = fixture.text("ends", (TaskEntry) argument -> {
            order.add("runs");
            try {
                inner(argument);
            } finally {
                order.add("unwound");
            }
            order.add("returned");
            return 3;
        });
        fixture.run(() -> {
            long done = kernel().kzalloc(CompletionLayout.SIZE, Gfp.GFP_KERNEL);
            kernel().initCompletion(done);
            long task = kernel().kthreadRun("ends", entry, done);
            kernel().waitForCompletion(done);
            kernel().kfree(done);
            check(kernel().kthreadStop(task) == 7, "the exit code");
            long other = kernel().kthreadRun("ends", entry, 0);
            check(kernel().kthreadStop(other) == 7, "without a completion");
        });
        assertThat(order).containsExactly("runs", "unwound", "runs", "unwound");
        assertThat(rules()).isEmpty();
    }

    private void inner(long done) {
        kernel().kthreadCompleteAndExit(done, 7);
        throw new AssertionError("it returned");
    }

    @Test
    void aWorkItemDoesNotEndItsWorker() {
        boot(1, Interleavings.RR);
        List<String> bugs = new ArrayList<>();
        long worker = fixture.text("work_ends", (WorkFunction) work ->
                bugs.add(bugOf(() -> kernel().kthreadCompleteAndExit(0, 0))));
        fixture.run(() -> {
            long work = kernel().kzalloc(WorkLayout.SIZE, Gfp.GFP_KERNEL);
            kernel().initWork(work, worker);
            kernel().scheduleWork(work);
            kernel().flushWork(work);
        });
        assertThat(bugs).hasSize(1);
        assertThat(bugs.get(0)).contains("kthread_complete_and_exit in kworker/0:")
                .contains("return from the function");
    }

    @Test
    void aTaskThatEndsItselfUnderALockIsReported() {
        boot(1, Interleavings.RR);
        long entry = fixture.text("ends_locked", (TaskEntry) argument -> {
            kernel().spinLock(record);
            kernel().kthreadCompleteAndExit(0, 1);
            return 0;
        });
        fixture.run(() -> check(kernel().kthreadStop(kernel().kthreadRun("ends", entry, 0)) == 1, "the exit code"));
        List<Violation> all = fixture.takeViolations();
        assertThat(all.get(0).rule()).isEqualTo("sleep-in-atomic");
        assertThat(all.get(0).summary()).startsWith("kthread_complete_and_exit may sleep");
    }
}

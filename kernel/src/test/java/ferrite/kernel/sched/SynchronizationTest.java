package ferrite.kernel.sched;

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
import ferrite.kernel.driver.KernelCalls;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Locks, semaphores, completions and atomic words: each does what its page of LDD3 says, under all interleavings. */
@Timeout(60)
class SynchronizationTest {

    private static final int ROUNDS = 60;
    private static final long MILLISECOND = 100_000;
    private static final long JIFFY = 4 * MILLISECOND;

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
        fixture = KernelFixture.options().harts(harts).interleaving(policy, 7).boot();
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

    /** Adds 1 with a pause between load and store, in which another hart's addition would be lost. */
    private void add() {
        int value = load(counter);
        kernel().cpuRelax();
        kernel().memory().store32(counter, value + 1);
    }

    private List<String> rules() {
        return fixture.takeViolations().stream().map(Violation::rule).toList();
    }

    /** Adds on every hart inside a section. None is lost. */
    private void assertExclusive(Runnable begin, Runnable end) {
        fixture.run(fixture.onEveryHart(hart -> {
            for (int i = 0; i < ROUNDS; i++) {
                begin.run();
                add();
                end.run();
            }
        }));
        assertThat(fixture.peek().load32(counter)).isEqualTo(4 * ROUNDS);
        assertThat(rules()).isEmpty();
    }

    // ---- sections that exclude each other ----

    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void whoHoldsALockIsAlone(Interleavings policy) {
        boot(4, policy);
        assertExclusive(() -> kernel().spinLockIrq(record), () -> kernel().spinUnlockIrq(record));
    }

    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void whoGetsALockByTryingIsAlone(Interleavings policy) {
        boot(4, policy);
        assertExclusive(() -> {
            while (!kernel().spinTrylock(record)) {
                kernel().cpuRelax();
            }
            check(kernel().spinIsLocked(record), "nobody has the lock");
        }, () -> kernel().spinUnlock(record));
    }

    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void aWriterIsAlone(Interleavings policy) {
        boot(4, policy);
        assertExclusive(() -> kernel().writeLock(record), () -> kernel().writeUnlock(record));
    }

    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void aSemaphoreWithACountOfOneExcludes(Interleavings policy) {
        boot(4, policy);
        fixture.run(() -> kernel().semaInit(record, 1));
        assertExclusive(() -> kernel().down(record), () -> kernel().up(record));
    }

    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void theWriterOfASemaphoreIsAlone(Interleavings policy) {
        boot(4, policy);
        fixture.run(() -> kernel().initRwsem(record));
        assertExclusive(() -> kernel().downWrite(record), () -> kernel().upWrite(record));
    }

    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void whoGetsAMutexByTryingIsAlone(Interleavings policy) {
        boot(4, policy);
        fixture.run(() -> kernel().mutexInit(record));
        assertExclusive(() -> {
            while (!kernel().mutexTrylock(record)) {
                kernel().cpuRelax();
            }
        }, () -> kernel().mutexUnlock(record));
    }

    // ---- readers and writers ----

    /** Readers see two words that a writer changes together, and at least two readers are inside at once. */
    private void assertReadersSeeBoth(Consumer<Runnable> read, Consumer<Runnable> write) {
        int[] most = new int[1];
        List<Job> jobs = new ArrayList<>();
        for (int hart = 0; hart < 3; hart++) {
            jobs.add(Job.on(hart, () -> {
                for (int i = 0; i < ROUNDS; i++) {
                    read.accept(() -> {
                        most[0] = Math.max(most[0], kernel().atomicIncReturn(counter + 8));
                        kernel().cpuRelax();
                        check(load(counter) == load(counter + 4), "a half of a change");
                        kernel().atomicDec(counter + 8);
                    });
                }
            }));
        }
        jobs.add(Job.on(3, () -> {
            for (int i = 1; i <= ROUNDS; i++) {
                int value = i;
                write.accept(() -> {
                    kernel().memory().store32(counter, value);
                    kernel().cpuRelax();
                    kernel().memory().store32(counter + 4, value);
                });
            }
        }));
        fixture.run(jobs);
        assertThat(fixture.peek().load32(counter)).isEqualTo(ROUNDS);
        assertThat(most[0]).as("readers at once").isGreaterThan(1);
        assertThat(rules()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void readersOfASpinlockShareItAndSeeNoHalfOfAChange(Interleavings policy) {
        boot(4, policy);
        assertReadersSeeBoth(body -> {
            int flags = kernel().readLockIrqsave(record);
            body.run();
            kernel().readUnlockIrqrestore(record, flags);
        }, body -> {
            int flags = kernel().writeLockIrqsave(record);
            body.run();
            kernel().writeUnlockIrqrestore(record, flags);
        });
    }

    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void readersOfASemaphoreShareItAndSeeNoHalfOfAChange(Interleavings policy) {
        boot(4, policy);
        fixture.run(() -> kernel().initRwsem(record));
        assertReadersSeeBoth(body -> {
            kernel().downRead(record);
            body.run();
            kernel().upRead(record);
        }, body -> {
            kernel().downWrite(record);
            body.run();
            kernel().upWrite(record);
        });
    }

    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void aReaderOfASequenceLockReadsAgainAfterAWriter(Interleavings policy) {
        boot(4, policy);
        int[] again = new int[1];
        List<Job> jobs = new ArrayList<>();
        for (int hart = 0; hart < 3; hart++) {
            jobs.add(Job.on(hart, () -> {
                for (int i = 0; i < ROUNDS; i++) {
                    int first;
                    int second;
                    int begun;
                    do {
                        begun = kernel().readSeqbegin(record);
                        first = load(counter);
                        kernel().cpuRelax();
                        second = load(counter + 4);
                        again[0]++;
                    } while (kernel().readSeqretry(record, begun));
                    check(first == second, "a half of a change");
                }
            }));
        }
        jobs.add(Job.on(3, () -> {
            for (int i = 1; i <= ROUNDS; i++) {
                kernel().writeSeqlock(record);
                kernel().memory().store32(counter, i);
                kernel().cpuRelax();
                kernel().memory().store32(counter + 4, i);
                kernel().writeSequnlock(record);
            }
        }));
        fixture.run(jobs);
        assertThat(again[0]).isGreaterThan(3 * ROUNDS);
        assertThat(fixture.peek().load32(record)).as("two for each writer").isEqualTo(2 * ROUNDS);
        assertThat(SeqLockLayout.SIZE).isEqualTo(8);
    }

    @Test
    void aWriterThatWaitsGoesBeforeLaterReaders() {
        boot(1, Interleavings.RR);
        List<String> order = new ArrayList<>();
        fixture.run(() -> {
            kernel().initRwsem(record);
            check(kernel().downReadTrylock(record) == 1 && kernel().downReadTrylock(record) == 1, "two readers");
            check(kernel().downWriteTrylock(record) == 0, "a writer beside readers");
            kernel().upRead(record);
        });
        fixture.run(List.of(
                Job.on(0, () -> {
                    kernel().downWrite(record);
                    order.add("writer");
                    kernel().downgradeWrite(record);
                    check(kernel().downReadTrylock(record) == 1, "a second reader after the downgrade");
                    kernel().upRead(record);
                    kernel().upRead(record);
                }),
                Job.on(0, () -> {
                    kernel().schedule();
                    check(kernel().downReadTrylock(record) == 0, "a reader before the writer that waits");
                    kernel().downRead(record);
                    order.add("reader");
                    kernel().upRead(record);
                }),
                Job.on(0, () -> {
                    kernel().msleep(1);
                    kernel().upRead(record);
                })));
        assertThat(order).containsExactly("writer", "reader");
        assertThat(rules()).isEmpty();
    }

    // ---- semaphores and completions ----

    @Test
    void aSemaphoreLetsSoManyInAsItsCountSays() {
        boot(1, Interleavings.RR);
        fixture.run(() -> {
            kernel().semaInit(record, 2);
            kernel().down(record);
            check(kernel().downTrylock(record) == 0 && kernel().downTrylock(record) == 1, "down_trylock");
            long before = kernel().getCycles();
            check(kernel().downTimeout(record, 2) == -Errno.ETIME, "down_timeout");
            check(kernel().getCycles() - before >= JIFFY, "it did not wait");
            kernel().up(record);
            check(kernel().downTimeout(record, 2) == 0, "down_timeout after up");
        });
    }

    @Test
    void waitsForASemaphoreAndACompletionEndWithTheirEvents() {
        boot(1, Interleavings.RR);
        int[] results = new int[3];
        fixture.run(() -> {
            kernel().semaInit(record, 0);
            kernel().initCompletion(record + 32);
        });
        int[] pid = new int[1];
        fixture.run(List.of(
                Job.of("waits", 1, () -> {
                    pid[0] = fixture.kernel().tasks().tasks().pid(fixture.cpu().tp());
                    results[0] = kernel().downInterruptible(record);
                    results[1] = kernel().waitForCompletionInterruptible(record + 32);
                    results[2] = kernel().waitForCompletionTimeout(record + 32, 100);
                }),
                Job.on(0, () -> {
                    kernel().msleep(1);
                    kernel().killPid(pid[0], Signal.SIGINT);
                    kernel().msleep(1);
                    kernel().up(record);
                    kernel().complete(record + 32);
                    kernel().complete(record + 32);
                })));
        assertThat(results[2]).as("jiffies that were left").isPositive();
        assertThat(results[0] == -Errno.EINTR || results[0] == 0).isTrue();
    }

    @Test
    void aCompletionIsTakenOnceAndAllAreLetGo() {
        boot(2, Interleavings.RR);
        fixture.run(() -> {
            kernel().initCompletion(record);
            check(!kernel().completionDone(record) && !kernel().tryWaitForCompletion(record), "nothing is done");
            check(kernel().waitForCompletionTimeout(record, 2) == 0, "the time is over");
            kernel().complete(record);
            check(kernel().completionDone(record), "done before anybody waits");
            kernel().waitForCompletion(record);
            check(!kernel().tryWaitForCompletion(record), "it was taken");
        });
        List<Integer> gone = new ArrayList<>();
        List<Job> jobs = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            int number = i;
            jobs.add(Job.on(i % 2, () -> {
                kernel().waitForCompletion(record);
                gone.add(number);
            }));
        }
        jobs.add(Job.on(0, () -> {
            kernel().msleep(1);
            kernel().complete(record);
            kernel().msleep(1);
            check(gone.size() == 1, "complete let go " + gone);
            kernel().completeAll(record);
            kernel().waitForCompletion(record);
            kernel().msleep(1);                        // reinit_completion would overtake those who were let go
            kernel().reinitCompletion(record);
            check(!kernel().completionDone(record), "done after reinit_completion");
        }));
        fixture.run(jobs);
        assertThat(gone).hasSize(5);
    }

    @Test
    void aHandlerCompletesWhatATaskWaitsFor() {
        boot(1, Interleavings.RR);
        long function = fixture.text("test_completes", (TimerFunction) data -> kernel().complete(data));
        fixture.run(() -> {
            kernel().initCompletion(record);
            long before = kernel().getCycles();
            kernel().addTimer(counter, kernel().jiffies() + 1, function, record);
            check(kernel().waitForCompletionTimeout(record, 5) == 4, "jiffies are left");
            check(kernel().getCycles() / JIFFY == before / JIFFY + 1, "it did not wait for the next jiffy");
        });
    }

    @Test
    void aTimerIsSetMovedAndSetAgainByItsOwnFunction() {
        boot(1, Interleavings.RR);
        List<Long> times = new ArrayList<>();
        long function = fixture.text("test_again", (TimerFunction) data -> {
            times.add(kernel().getCycles());
            if (times.size() < 3) {
                check(!kernel().modTimer(counter, kernel().jiffies() + 1), "it is set while its function runs");
            }
        });
        fixture.run(() -> {
            kernel().setupTimer(counter, function, 0);
            check(!kernel().timerPending(counter) && !kernel().delTimer(counter), "it is set by setup_timer");
            check(!kernel().modTimer(counter, kernel().jiffies() + 100), "it was set");
            check(kernel().timerPending(counter), "mod_timer sets");
            long before = kernel().getCycles();
            check(kernel().modTimer(counter, kernel().jiffies() + 2), "it was not set");
            kernel().msleep(40);
            check(times.size() == 3 && !kernel().timerPending(counter), "it ran " + times);
            for (int i = 0; i < times.size(); i++) {
                long due = (before / JIFFY + 2 + i) * JIFFY;
                check(times.get(i) >= due && times.get(i) < due + MILLISECOND / 10, "it ran at " + times);
            }
            kernel().modTimer(counter, kernel().jiffies() + 1);
            check(kernel().delTimer(counter), "it was not set");
            kernel().msleep(20);
            check(times.size() == 3, "it ran after del_timer");
        });
        assertThat(rules()).isEmpty();
        fixture.run(() -> {
            kernel().modTimer(counter, kernel().jiffies() + 1);
            check(KernelFixture.bugOf(() -> kernel().addTimer(counter, kernel().jiffies() + 1, function, 0))
                    .contains("which is set already; call mod_timer"), "a timer is added that is set");
            kernel().delTimerSync(counter);
        });
    }

    // ---- wait queues ----

    @Test
    void aWakeUpReachesAllButExclusiveWaitersAndOneOfThose() {
        boot(1, Interleavings.RR);
        List<String> woken = new ArrayList<>();
        List<Job> jobs = new ArrayList<>();
        fixture.run(() -> kernel().initWaitqueueHead(record));
        for (int i = 0; i < 3; i++) {
            int number = i;
            jobs.add(Job.on(0, () -> {
                kernel().waitEventInterruptibleExclusive(record, () -> load(counter) > woken.size());
                woken.add("exclusive " + number);
            }));
            jobs.add(Job.on(0, () -> {
                kernel().waitEventInterruptible(record, () -> load(counter) != 0);
                woken.add("shared " + number);
            }));
        }
        jobs.add(Job.on(0, () -> {
            kernel().msleep(1);
            check(kernel().waitqueueActive(record), "nobody waits");
            kernel().memory().store32(counter, 100);
            kernel().wakeUp(record);
            kernel().msleep(1);
            check(woken.size() == 4 && woken.contains("exclusive 0"), "wake_up woke " + woken);
            kernel().wakeUpNr(record, 2);
            kernel().msleep(1);
            check(woken.size() == 6 && !kernel().waitqueueActive(record), "wake_up_nr woke " + woken);
        }));
        fixture.run(jobs);
        assertThat(woken).containsExactly("exclusive 0", "shared 0", "shared 1", "shared 2", "exclusive 1",
                "exclusive 2");
    }

    @Test
    void aSynchronousWakeUpReachesATaskInAnySleep() {
        boot(1, Interleavings.RR);
        List<String> order = new ArrayList<>();
        fixture.run(() -> kernel().initWaitqueueHead(record));
        fixture.run(List.of(
                Job.on(0, () -> {
                    kernel().waitEvent(record, () -> load(counter) != 0);
                    order.add("woken");
                }),
                Job.on(0, () -> {
                    kernel().msleep(1);
                    kernel().memory().store32(counter, 1);
                    kernel().wakeUpSync(record);
                    order.add("goes on");
                })));
        assertThat(order).containsExactly("goes on", "woken");
    }

    @Test
    void aWaitWithATimeEndsByTheConditionOrTheTime() {
        boot(2, Interleavings.RR);
        fixture.run(() -> kernel().initWaitqueueHead(record));
        fixture.run(List.of(
                Job.on(0, () -> {
                    long before = kernel().getCycles();
                    check(kernel().waitEventTimeout(record, () -> false, 2) == 0, "it holds");
                    check(kernel().getCycles() - before >= JIFFY, "it did not wait");
                    check(kernel().waitEventTimeout(record, () -> true, 2) > 0, "it does not hold");
                    int left = kernel().waitEventInterruptibleTimeout(record, () -> load(counter) == 1, 100);
                    check(left > 90 && left < 100, left + " jiffies are left");
                }),
                Job.on(1, () -> {
                    kernel().msleep(20);
                    kernel().atomicSet(counter, 1);
                    kernel().wakeUp(record);
                })));
    }

    // ---- times ----

    @Test
    void sleepsAndDelaysTakeAtLeastTheirTime() {
        boot(1, Interleavings.RR);
        fixture.run(() -> {
            long before = kernel().getCycles();
            kernel().msleep(3);
            long slept = kernel().getCycles() - before;
            check(slept >= 3 * MILLISECOND && slept < 2 * JIFFY + MILLISECOND, "msleep took " + slept);
            before = kernel().getCycles();
            kernel().usleepRange(30, 60);
            slept = kernel().getCycles() - before;
            check(slept >= 3000 && slept < 6000, "usleep_range took " + slept);
            check(kernel().msleepInterruptible(1) == 0, "a signal came");
            before = kernel().getCycles();
            int flags = kernel().localIrqSave();
            kernel().udelay(7);
            kernel().ndelay(55);
            kernel().mdelay(1);
            kernel().localIrqRestore(flags);
            long spent = kernel().getCycles() - before;
            check(spent >= 700 + 5 + MILLISECOND && spent < 1000 + MILLISECOND, "the delays took " + spent);
        });
        assertThat(rules()).isEmpty();
        fixture.run(() -> {
            kernel().spinLock(record);
            kernel().msleep(1);
            kernel().spinUnlock(record);
        });
        assertThat(rules()).contains("sleep-in-atomic");
    }

    // ---- atomic words and bits ----

    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void noAdditionToAnAtomicWordIsLost(Interleavings policy) {
        boot(4, policy);
        fixture.run(fixture.onEveryHart(hart -> {
            for (int i = 0; i < ROUNDS; i++) {
                kernel().atomicInc(counter);
                kernel().atomicAdd(3, counter);
                kernel().atomicSub(2, counter);
                int old;
                do {
                    old = kernel().atomicRead(counter + 4);
                } while (kernel().atomicCmpxchg(counter + 4, old, old + 1) != old);
                kernel().changeBit(hart + 32, record);
                check(kernel().testAndSetBit(hart, record) == i > 0, "bit " + hart);
            }
        }));
        fixture.run(() -> {
            check(kernel().atomicRead(counter) == 8 * ROUNDS && kernel().atomicRead(counter + 4) == 4 * ROUNDS, "sums");
            check(load(record) == 0xf && load(record + 4) == 0, "bits");
            kernel().atomicSet(counter, 2);
            check(!kernel().atomicDecAndTest(counter) && kernel().atomicDecAndTest(counter), "atomic_dec_and_test");
            check(kernel().atomicAddNegative(-1, counter) && kernel().atomicIncAndTest(counter), "below 0 and back");
            check(kernel().atomicAddReturn(5, counter) == 5 && kernel().atomicSubReturn(2, counter) == 3, "results");
            check(kernel().atomicXchg(counter, 9) == 3 && kernel().atomicSubAndTest(9, counter), "atomic_xchg");
            check(kernel().atomicAddUnless(counter, 1, 7) && !kernel().atomicAddUnless(counter, 1, 1), "unless");
            check(kernel().testAndClearBit(3, record) && !kernel().testBit(3, record), "test_and_clear_bit");
            check(!kernel().testAndChangeBit(3, record) && kernel().testBit(3, record), "test_and_change_bit");
            kernel().setBit(40, record);
            kernel().clearBit(0, record);
            check(load(record) == 0xe && load(record + 4) == 0x100, "set_bit and clear_bit");
            kernel().mb();
            kernel().dmaWmb();
        });
        assertThat(rules()).isEmpty();
    }

    // ---- misuse ----

    @Test
    void aReleaseOfWhatIsNotHeldIsReported() {
        boot(1, Interleavings.RR);
        fixture.run(() -> {
            kernel().initRwsem(record);
            kernel().upRead(record);
        });
        assertThat(rules()).containsExactly("lock-not-held");
        fixture.run(() -> kernel().upWrite(record));
        assertThat(rules()).containsExactly("lock-not-held");
        fixture.run(() -> {
            kernel().preemptDisable();
            kernel().readUnlock(counter);
        });
        assertThat(rules()).containsExactly("lock-not-held");
    }

    @Test
    void aSleepUnderAReadersLockIsReportedAndAWaitForAHandlerToo() {
        boot(1, Interleavings.RR);
        fixture.run(() -> {
            kernel().semaInit(record, 1);
            kernel().readLock(counter);
            kernel().down(record);
            kernel().readUnlock(counter);
        });
        assertThat(fixture.takeViolations()).singleElement().satisfies(violation -> {
            assertThat(violation.rule()).isEqualTo("sleep-in-atomic");
            assertThat(violation.summary()).startsWith("down may sleep");
            assertThat(violation.line("context")).contains("read_lock at SynchronizationTest.java:");
        });
    }

    /** A task that sleeps in its section and takes the mutex at once again overtakes each waiter, without a handoff. */
    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void aMutexIsHandedToAWaiterThatIsOvertaken(Interleavings policy) {
        boot(2, policy);
        boolean[] stop = new boolean[1];
        int[] rounds = new int[2];
        fixture.run(() -> kernel().mutexInit(record));
        fixture.run(List.of(
                Job.on(0, () -> {
                    while (!stop[0]) {
                        kernel().mutexLock(record);
                        rounds[0]++;
                        kernel().usleepRange(50, 60);
                        kernel().mutexUnlock(record);
                    }
                }),
                Job.on(1, () -> {
                    for (int i = 0; i < 5; i++) {
                        int before = rounds[0];
                        kernel().mutexLock(record);
                        rounds[1] = Math.max(rounds[1], rounds[0] - before);
                        kernel().mutexUnlock(record);
                        kernel().usleepRange(20, 30);
                    }
                    stop[0] = true;
                })));
        assertThat(rounds[1]).as("turns that a waiter was overtaken").isLessThanOrEqualTo(4);
        assertThat(rules()).isEmpty();
    }
}

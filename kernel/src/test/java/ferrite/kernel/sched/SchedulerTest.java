package ferrite.kernel.sched;

import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.Seed;
import ferrite.hardware.turn.Interleavings;
import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.Kernel;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.KernelFixture.Job;
import ferrite.kernel.TestDevice;
import ferrite.kernel.base.PerCpuLayout;
import ferrite.kernel.irq.IrqHandler;
import ferrite.kernel.irq.IrqReturn;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class SchedulerTest {

    /** Ticks of a time slice. */
    private static final long SLICE = 400_000;

    private KernelFixture fixture;

    @AfterEach
    void close() {
        fixture.close();
    }

    private void boot(int harts, Interleavings interleaving, long seed) {
        fixture = KernelFixture.options().harts(harts).interleaving(interleaving, seed).boot();
    }

    private Kernel kernel() {
        return fixture.kernel();
    }

    private KernelMemory memory() {
        return fixture.memory();
    }

    private KernelCpu cpu() {
        return fixture.cpu();
    }

    private void spin(long ticks) {
        long end = cpu().time() + ticks;
        while (cpu().time() < end) {
            cpu().hartId();
        }
    }

    private static long[] zeroed(KernelFixture fixture, int count, int bytes) {
        long[] va = new long[count];
        fixture.run(() -> {
            for (int i = 0; i < count; i++) {
                va[i] = fixture.zeroed(bytes);
            }
        });
        return va;
    }

    private long newQueue() {
        long queue = zeroed(fixture, 1, 64)[0];
        fixture.run(() -> kernel().tasks().waitQueues().init(queue));
        return queue;
    }

    // ---- harts and time ----

    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void aPinnedTaskRunsOnItsHartAlone(Interleavings interleaving) {
        Seed seed = Seed.fresh();
        boot(4, interleaving, seed.value());
        List<Job> jobs = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            int hart = i % 4;
            Random random = seed.random(i);
            jobs.add(Job.on(hart, () -> {
                for (int step = 0; step < 100; step++) {
                    check(cpu().hartId() == hart, "a task of hart " + hart + " runs on hart " + cpu().hartId());
                    spin(random.nextInt(2000));
                    kernel().tasks().scheduler().schedule();
                }
            }));
        }
        fixture.run(jobs);
    }

    @Test
    void aSpinningTaskLosesItsHartWhenItsTimeIsOverAndAnotherWaits() {
        boot(1, Interleavings.RR, 1);
        long[] ranFor = new long[1];
        boolean[] otherRan = new boolean[1];
        fixture.run(List.of(Job.on(0, () -> {
            long start = cpu().time();
            while (!otherRan[0]) {
                ranFor[0] = cpu().time() - start;
            }
        }), Job.on(0, () -> otherRan[0] = true)));
        assertThat(ranFor[0]).isBetween(SLICE - 10_000, SLICE + 10_000);
    }

    @Test
    void spinningTasksOfOneHartShareItsTime() {
        boot(1, Interleavings.RR, 1);
        long[] spun = new long[4];
        List<Job> jobs = new ArrayList<>();
        long[] end = new long[1];
        for (int i = 0; i < spun.length; i++) {
            int task = i;
            jobs.add(Job.on(0, () -> {
                end[0] = end[0] == 0 ? cpu().time() + 40 * SLICE : end[0];
                while (cpu().time() < end[0]) {
                    spun[task]++;
                }
            }));
        }
        fixture.run(jobs);
        long sum = spun[0] + spun[1] + spun[2] + spun[3];
        for (long one : spun) {
            assertThat(one).as("share of one of four").isBetween(sum / 5, sum / 3);
        }
    }

    @Test
    void whileATaskIsAloneNothingSwitches() {
        boot(1, Interleavings.RR, 1);
        int[] switches = new int[1];
        fixture.run(() -> {
            long record = kernel().tasks().scheduler().record(0);
            int before = PerCpuLayout.SWITCHES.get(memory(), record);
            spin(10 * SLICE);
            switches[0] = PerCpuLayout.SWITCHES.get(memory(), record) - before;
        });
        assertThat(switches[0]).isZero();
        assertThat(kernel().interrupts().timerCount(fixture.peek(), 0)).isBetween(9L, 11L);
    }

    @Test
    void tasksSpreadOverIdleHarts() {
        boot(4, Interleavings.RR, 1);
        boolean[] used = new boolean[4];
        List<Job> jobs = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            jobs.add(Job.of("free", fixture.allHarts(), () -> {
                spin(50_000);
                used[cpu().hartId()] = true;
            }));
        }
        fixture.run(jobs);
        assertThat(used).containsExactly(true, true, true, true);
    }

    @Test
    void anIdleMachineTakesNoInterruptsAtAll() {
        boot(4, Interleavings.RR, 1);
        fixture.run(() -> spin(3 * SLICE));
        long events = fixture.machine.turn().eventNumber();
        long time = fixture.machine.clock().now();
        fixture.go();
        assertThat(fixture.machine.turn().eventNumber()).isEqualTo(events);
        assertThat(fixture.machine.clock().now()).isEqualTo(time);
    }

    // ---- creation and exit ----

    @ParameterizedTest
    @CsvSource({"1, RR", "4, RANDOM", "8, PCT"})
    void hundredsOfTasksComeAndGoWithoutATrace(int harts, Interleavings interleaving) {
        Seed seed = Seed.fresh();
        boot(harts, interleaving, seed.value());
        String before = fixture.accounting();
        int alive = kernel().tasks().tasks().all(fixture.peek()).size();
        int[] ran = new int[1];
        for (int round = 0; round < 4; round++) {
            List<Job> jobs = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                jobs.add(Job.of("mayfly", 1 + seed.random(i).nextInt(fixture.allHarts()), () -> ran[0]++));
            }
            fixture.run(jobs);
        }
        assertThat(ran[0]).isEqualTo(400);
        assertThat(fixture.accounting()).as(seed.replay(harts + " harts")).isEqualTo(before);
        assertThat(kernel().tasks().tasks().all(fixture.peek())).hasSize(alive);
        assertThat(kernel().isQuiescent()).isTrue();
    }

    @Test
    void aParentLearnsTheExitCodeOfItsChildOnce() {
        boot(2, Interleavings.RANDOM, 7);
        int[] calls = new int[1];
        long entry = fixture.text("three_then_42",
                (TaskEntry) argument -> ++calls[0] < 3 ? TaskEntry.AGAIN : (int) argument);
        fixture.run(() -> {
            long child = kernel().tasks().tasks().create("child", entry, 42, fixture.allHarts());
            check(kernel().tasks().tasks().waitFor(child) == 42, "the exit code was lost");
            check(calls[0] == 3, "an entry that returned AGAIN was not called again");
            check(!kernel().tasks().tasks().all(memory()).contains(child), "the child is not buried");
        });
    }

    @Test
    void aTaskThatMayRunOnNoHartOfTheMachineIsRefused() {
        boot(2, Interleavings.RR, 1);
        long entry = fixture.text("quick", (TaskEntry) argument -> 5);
        fixture.run(() -> {
            int before = kernel().tasks().tasks().all(memory()).size();
            for (int allowed : new int[] {0, 1 << 2, 0x80 | 1 << 31}) {
                String message = "";
                try {
                    kernel().tasks().tasks().create("nowhere", entry, 0, allowed);
                } catch (IllegalArgumentException refused) {
                    message = refused.getMessage();
                }
                check(message.contains("'nowhere'") && message.contains("bits 0 to 1"), "not refused: " + message);
            }
            check(kernel().tasks().tasks().all(memory()).size() == before, "a task is left of it");
            check(kernel().tasks().tasks().waitFor(kernel().tasks().tasks().create("second", entry, 0, 1 << 2 | 1 << 1))
                    == 5, "one hart of two is there");
        });
    }

    @Test
    void theDeadWaitForTheirParent() {
        boot(1, Interleavings.RR, 1);
        long entry = fixture.text("quick", (TaskEntry) argument -> 5);
        fixture.run(() -> {
            long child = kernel().tasks().tasks().create("child", entry, 0, 1);
            check(kernel().tasks().tasks().reap(child) == -1, "a living child was buried");
            spin(2 * SLICE);
            check(kernel().tasks().tasks().isDead(child), "the child did not run");
            check(kernel().tasks().tasks().all(memory()).contains(child), "a zombie is not listed");
            check(kernel().tasks().tasks().reap(child) == 5, "the exit code");
        });
    }

    // ---- sleeping and waking ----

    /** Each of two tasks waits for the other's step; a lost wake-up stops both for ever. */
    @ParameterizedTest
    @CsvSource({"1, RR", "2, RR", "2, RANDOM", "2, PCT", "8, RANDOM", "8, PCT"})
    void noWakeUpIsLost(int harts, Interleavings interleaving) {
        Seed seed = Seed.fresh();
        boot(harts, interleaving, seed.value());
        int pairs = 4;
        int steps = 300;
        long[] data = zeroed(fixture, pairs, 64);
        List<Job> jobs = new ArrayList<>();
        for (int pair = 0; pair < pairs; pair++) {
            long queue = data[pair];
            long turn = queue + WaitQueueLayout.SIZE;
            for (int side = 0; side < 2; side++) {
                int mine = side;
                Random random = seed.random(2 * pair + side);
                int allowed = 1 + random.nextInt(fixture.allHarts());
                jobs.add(Job.of("side", allowed, () -> {
                    for (int step = 0; step < steps; step++) {
                        check((allowed >> cpu().hartId() & 1) != 0, "a task runs where it may not");
                        kernel().tasks().sleep().waitEvent(queue, () -> memory().load32(turn) % 2 == mine);
                        memory().store32(turn, memory().load32(turn) + 1);
                        spin(random.nextInt(300));
                        kernel().tasks().waitQueues().wakeUp(queue);
                    }
                }));
            }
        }
        fixture.run(() -> {
            for (long queue : data) {
                kernel().tasks().waitQueues().init(queue);
            }
        });
        fixture.run(jobs);
        for (long queue : data) {
            assertThat(fixture.peek().load32(queue + WaitQueueLayout.SIZE)).as(seed.replay(harts + " harts"))
                    .isEqualTo(2 * steps);
        }
    }

    @Test
    void wakeAllWakesEveryoneAndWakeOneWhoWaitedLongest() {
        boot(1, Interleavings.RR, 1);
        long queue = newQueue();
        long go = queue + WaitQueueLayout.SIZE;
        List<Integer> woken = new ArrayList<>();
        List<Job> jobs = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            int number = i;
            jobs.add(Job.on(0, () -> {
                kernel().tasks().sleep().waitEvent(queue,
                        () -> memory().load32(go) > number || memory().load32(go) == 100);
                woken.add(number);
            }));
        }
        jobs.add(Job.on(0, () -> {
            for (int i = 1; i <= 3; i++) {
                memory().store32(go, i);
                kernel().tasks().waitQueues().wakeUp(queue);
                kernel().tasks().scheduler().schedule();
                check(woken.size() == i, "wake_up " + i + " woke " + woken);
            }
            memory().store32(go, 100);
            kernel().tasks().waitQueues().wakeUpAll(queue);
        }));
        fixture.run(jobs);
        assertThat(woken).containsExactly(0, 1, 2, 3, 4, 5);
    }

    /**
     * Preemption between prepare_to_wait and the second check of the condition: Linux leaves such a task on its run
     * queue.
     */
    @Test
    void aTaskThatIsPreemptedWhileItPreparesToSleepComesBackByItself() {
        boot(1, Interleavings.RR, 1);
        long queue = newQueue();
        boolean[] done = new boolean[2];
        fixture.run(List.of(Job.on(0, () -> {
            kernel().tasks().waitQueues().prepareToWait(queue);
            spin(2 * SLICE);
            kernel().tasks().waitQueues().finishWait(queue);
            done[0] = true;
        }), Job.on(0, () -> done[1] = true)));
        assertThat(done).containsExactly(true, true);
    }

    @Test
    void aTaskThatIsPreemptedWhileItPreparesToSleepCanBeWokenMeanwhile() {
        boot(2, Interleavings.RR, 1);
        long queue = newQueue();
        fixture.run(List.of(Job.on(0, () -> {
            kernel().tasks().waitQueues().prepareToWait(queue);
            spin(3 * SLICE);
            kernel().tasks().scheduler().schedule();
            kernel().tasks().waitQueues().finishWait(queue);
        }), Job.on(0, () -> spin(3 * SLICE)), Job.on(1, () -> {
            spin(SLICE + SLICE / 2);
            kernel().tasks().waitQueues().wakeUpAll(queue);
        })));
        assertThat(kernel().isQuiescent()).isTrue();
    }

    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void interruptHandlersWakeSleepingTasksWhereverTheySleep(Interleavings interleaving) {
        Seed seed = Seed.fresh();
        boot(4, interleaving, seed.value());
        long queue = newQueue();
        long count = queue + WaitQueueLayout.SIZE;
        fixture.runUnderInterrupts(3000, () -> {
            memory().store32(count, memory().load32(count) + 1);
            kernel().tasks().waitQueues().wakeUpAll(queue);
        }, fixture.onEveryHart(hart -> {
            for (int i = 1; i <= 50; i++) {
                int seen = memory().load32(count);
                kernel().tasks().sleep().waitEvent(queue, () -> memory().load32(count) != seen);
            }
        }));
        assertThat(fixture.peek().load32(count)).isGreaterThanOrEqualTo(50);
    }

    @Test
    void anInterruptWakesATaskOfAnIdleHartByAnother() {
        boot(2, Interleavings.RR, 1);
        long queue = newQueue();
        long gone = queue + WaitQueueLayout.SIZE;
        long handler = fixture.text("waker", (IrqHandler) (irq, data) -> {
            memory().store32(fixture.timerRegisters() + TestDevice.STATUS, 0);
            memory().store32(gone, 1);
            kernel().tasks().waitQueues().wakeUpAll(queue);
            return IrqReturn.IRQ_HANDLED;
        });
        long ipis = kernel().interrupts().ipiCount(fixture.peek(), 1);
        long[] took = new long[1];
        fixture.run(List.of(Job.on(1, () -> {
            check(kernel().interrupts().request(fixture.timerIrq(), handler, 0, 0, "waker", 0) == 0, "request_irq");
            memory().store32(fixture.timerRegisters() + TestDevice.DELAY, 1_000_000);
            long due = cpu().time() + 1_000_000;
            kernel().tasks().sleep().waitEvent(queue, () -> memory().load32(gone) != 0);
            took[0] = cpu().time() - due;
        })));
        assertThat(took[0]).as("ticks from the interrupt to the task").isBetween(0L, 12_000L);
        assertThat(kernel().interrupts().ipiCount(fixture.peek(), 1)).isGreaterThan(ipis);
    }

    // ---- mutexes ----

    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void oneTaskAtATimeHoldsAMutexAndTheOthersSleep(Interleavings interleaving) {
        Seed seed = Seed.fresh();
        boot(8, interleaving, seed.value());
        long mutex = zeroed(fixture, 1, 64)[0];
        long counter = mutex + MutexLayout.SIZE;
        fixture.run(() -> kernel().tasks().mutexes().init(mutex));
        List<Job> jobs = new ArrayList<>();
        int[] inside = new int[1];
        for (int i = 0; i < 16; i++) {
            Random random = seed.random(i);
            jobs.add(Job.on(i % 8, () -> {
                for (int step = 0; step < 60; step++) {
                    kernel().tasks().mutexes().lock(mutex);
                    check(++inside[0] == 1, "two tasks hold the mutex");
                    memory().store32(counter, memory().load32(counter) + 1);
                    spin(random.nextInt(200));
                    inside[0]--;
                    kernel().tasks().mutexes().unlock(mutex);
                }
            }));
        }
        fixture.run(jobs);
        assertThat(fixture.peek().load32(counter)).as(seed.replay(interleaving)).isEqualTo(16 * 60);
    }

    @Test
    void whoWaitsForAMutexLeavesTheHartToOthers() {
        boot(1, Interleavings.RR, 1);
        long mutex = zeroed(fixture, 1, 64)[0];
        fixture.run(() -> kernel().tasks().mutexes().init(mutex));
        long[] waited = new long[1];
        fixture.run(List.of(Job.on(0, () -> {
            kernel().tasks().mutexes().lock(mutex);
            kernel().tasks().scheduler().schedule();
            spin(1000);
            kernel().tasks().mutexes().unlock(mutex);
        }), Job.on(0, () -> {
            long start = cpu().time();
            kernel().tasks().mutexes().lock(mutex);
            waited[0] = cpu().time() - start;
            kernel().tasks().mutexes().unlock(mutex);
        })));
        assertThat(waited[0]).as("ticks in all, of which a time slice would be " + SLICE).isLessThan(10_000);
    }
}

package ferrite.kernel.sched;

import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.Seed;
import ferrite.hardware.turn.Interleavings;
import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.Kernel;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.KernelFixture.Body;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.Signal;
import ferrite.kernel.base.TaskLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class SignalsTest {

    private static final int MICROSECOND = 100;
    private static final long JIFFY = 4000 * MICROSECOND;
    private static final int ALL = 0xff;

    private KernelFixture fixture;
    private final List<Body> programs = new ArrayList<>();

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

    /** Starts a task that takes signals. In a task. */
    private long start(Body body) {
        long entry = fixture.text("program", (TaskEntry) argument -> {
            programs.get((int) argument).run();
            return 0;
        });
        programs.add(body);
        long task = kernel().tasks().tasks().createProgram("program", entry, programs.size() - 1);
        check(task != 0, "no memory for a task");
        return task;
    }

    private long newQueue() {
        long queue = fixture.zeroed(WaitQueueLayout.SIZE);
        kernel().tasks().waitQueues().init(queue);
        return queue;
    }

    private void awaitState(long task, int state) {
        while (TaskLayout.STATE.get(memory(), task) != state) {
            cpu().relax();
        }
    }

    private void spin(long ticks) {
        long end = cpu().time() + ticks;
        while (cpu().time() < end) {
            cpu().hartId();
        }
    }

    @Test
    void aSignalEndsAnInterruptibleSleepAndIsTakenOnce() {
        boot(2, Interleavings.RR, 1);
        int[] results = new int[4];
        fixture.run(() -> {
            long queue = newQueue();
            long task = start(() -> {
                results[0] = kernel().tasks().sleep().waitEventInterruptible(queue, () -> false);
                results[1] = kernel().tasks().signals().isPending() ? 1 : 0;
                results[2] = kernel().tasks().signals().take();
                results[3] = kernel().tasks().signals().take();
            });
            awaitState(task, TaskLayout.INTERRUPTIBLE);
            check(kernel().tasks().tasks().kill(kernel().tasks().tasks().pid(task), Signal.SIGINT) == 0,
                    "there is such a task");
            kernel().tasks().tasks().waitFor(task);
            check(memory().loadAddress(queue + 4) == queue + 4, "it still stands in the queue");
        });
        assertThat(results).containsExactly(-Errno.ERESTARTSYS, 1, Signal.SIGINT, 0);
    }

    @Test
    void aSignalThatIsPendingAlreadyLetsNoSleepBegin() {
        boot(1, Interleavings.RR, 1);
        int[] results = new int[2];
        fixture.run(() -> {
            long queue = newQueue();
            long task = start(() -> {
                kernel().tasks().signals().send(cpu().tp(), Signal.SIGTERM);
                kernel().tasks().signals().send(cpu().tp(), Signal.SIGINT);
                check(kernel().tasks().sleep().waitEventInterruptible(queue, () -> false) == -Errno.ERESTARTSYS,
                        "it slept");
                check(kernel().tasks().sleep().waitEventInterruptible(queue, () -> true) == 0,
                        "what holds needs no sleep");
                check(kernel().tasks().sleep().timeoutInterruptible(1000) == -Errno.EINTR, "it slept for a time");
                long record = fixture.zeroed(64);
                kernel().calls().semaInit(record, 0);
                check(kernel().calls().downInterruptible(record) == -Errno.EINTR, "down_interruptible");
                kernel().calls().initCompletion(record + 32);
                check(kernel().calls().waitForCompletionInterruptible(record + 32) == -Errno.ERESTARTSYS, "completion");
                check(kernel().calls().waitEventInterruptibleTimeout(queue, () -> false, 1000) == -Errno.ERESTARTSYS,
                        "wait_event_interruptible_timeout");
                check(kernel().calls().waitEventInterruptibleExclusive(queue, () -> false) == -Errno.ERESTARTSYS,
                        "wait_event_interruptible_exclusive");
                check(kernel().calls().msleepInterruptible(5) >= 5, "msleep_interruptible");
                check(kernel().calls().downTimeout(record, 1000) == -Errno.ETIME, "a signal ended down_timeout");
                results[0] = kernel().tasks().signals().take();
                results[1] = kernel().tasks().signals().take();
            });
            kernel().tasks().tasks().waitFor(task);
        });
        assertThat(results).containsExactly(Signal.SIGINT, Signal.SIGTERM);
    }

    @Test
    void nothingElseIsInterrupted() {
        boot(2, Interleavings.RR, 1);
        boolean[] may = new boolean[1];
        fixture.run(() -> {
            long queue = newQueue();
            boolean[] done = new boolean[1];
            long task = start(() -> {
                kernel().tasks().sleep().waitEvent(queue, () -> may[0]);
                done[0] = may[0];
            });
            awaitState(task, TaskLayout.UNINTERRUPTIBLE);
            kernel().tasks().signals().send(task, Signal.SIGINT);
            spin(100 * MICROSECOND);
            check(TaskLayout.STATE.get(memory(), task) == TaskLayout.UNINTERRUPTIBLE,
                    "an uninterruptible sleep was interrupted");
            may[0] = true;
            kernel().tasks().waitQueues().wakeUpAll(queue);
            kernel().tasks().tasks().waitFor(task);
            check(done[0], "it did not see what it waited for");
        });
    }

    @Test
    void aTaskOfTheKernelsOwnIsSentNothingAndOneThatIsNotThereIsAnError() {
        boot(2, Interleavings.RR, 1);
        fixture.run(() -> {
            check(kernel().tasks().tasks().kill(kernel().tasks().tasks().pid(cpu().tp()), Signal.SIGKILL) == 0,
                    "it exists");
            check(!kernel().tasks().signals().isPending(), "a kernel task has a signal");
            check(kernel().tasks().tasks().kill(0, Signal.SIGKILL) == -Errno.ESRCH, "the idle task has no number");
            check(kernel().tasks().tasks().kill(4711, Signal.SIGKILL) == -Errno.ESRCH, "nobody has that number");
        });
    }

    /** The task that is woken first has just been sent a signal: either it takes the token, or another task does. */
    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void aWakeUpForOneIsNotLostToOneThatIsInterrupted(Interleavings interleaving) {
        Seed seed = Seed.fresh();
        boot(4, interleaving, seed.value());
        Random random = seed.random(0);
        fixture.run(() -> {
            long queue = newQueue();
            long gate = newQueue();
            long tokens = fixture.zeroed(16);
            int[] round = new int[1];
            int[] signalled = new int[1];
            List<Long> consumers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                consumers.add(start(() -> consume(queue, gate, tokens, round, signalled)));
            }
            for (int i = 0; i < 600; i++) {
                while (ListHead.nodes(memory(), queue + 4, 9).size() < consumers.size()) {
                    cpu().relax();
                }
                long first = WaitEntryLayout.PRIVATE.get(memory(),
                        WaitEntryLayout.NODE.containerOf(memory().loadAddress(queue + 4)));
                signalled[0] = round[0];
                kernel().tasks().signals().send(first, Signal.SIGINT);
                spin(random.nextInt(20 * MICROSECOND));
                memory().store32(tokens, 1);
                kernel().tasks().waitQueues().wakeUp(queue);
                long end = cpu().time() + 2000 * MICROSECOND;
                while (memory().load32(tokens) != 0 && cpu().time() < end) {
                    cpu().relax();
                }
                check(memory().load32(tokens) == 0,
                        "the wake-up was lost in round " + i + " " + seed.replay(interleaving));
                round[0]++;
                kernel().tasks().waitQueues().wakeUpAll(gate);
            }
            round[0] = -1;
            consumers.forEach(consumer -> kernel().tasks().signals().send(consumer, Signal.SIGTERM));
            kernel().tasks().waitQueues().wakeUpAll(gate);
            consumers.forEach(kernel().tasks().tasks()::waitFor);
        });
    }

    /**
     * Takes a token when there is one. If interrupted, it stays away until the round after that of the signal; that
     * round may have begun by then.
     */
    private void consume(long queue, long gate, long tokens, int[] round, int[] signalled) {
        while (round[0] >= 0) {
            boolean interrupted = kernel().tasks().sleep().waitEventInterruptible(queue,
                    () -> memory().amoSwap32(tokens, 0) == 1) < 0;
            int mine = signalled[0];
            kernel().tasks().signals().take();
            if (!interrupted) {
                continue;
            }
            kernel().tasks().sleep().waitEvent(gate, () -> round[0] != mine);
        }
    }

    /** An interrupted task releases its resources wherever the signal arrives, and locks still exclude. */
    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void signalsAtRandomMomentsLoseNoWakeUpAndNoMemory(Interleavings interleaving) {
        Seed seed = Seed.fresh();
        boot(8, interleaving, seed.value());
        int[] counts = new int[2];
        fixture.run(() -> {
            long mutex = fixture.zeroed(MutexLayout.SIZE);
            long inside = fixture.zeroed(16);
            kernel().tasks().mutexes().init(mutex);
            String before = kernel().mm().kmalloc().liveObjects(memory()).toString();
            List<Long> tasks = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                Random random = seed.random(i);
                boolean patient = i % 3 == 0;
                tasks.add(start(() -> work(random, patient, mutex, inside, counts)));
            }
            Random random = seed.random(99);
            for (int i = 0; i < 150; i++) {
                kernel().tasks().signals().send(tasks.get(random.nextInt(tasks.size())), Signal.SIGINT);
                spin(random.nextInt(20 * MICROSECOND));
            }
            tasks.forEach(kernel().tasks().tasks()::waitFor);
            String after = kernel().mm().kmalloc().liveObjects(memory()).toString();
            check(after.equals(before), "memory before " + before + " and after " + after);
        });
        assertThat(counts[0]).as("locked, " + seed.replay(interleaving)).isPositive();
        assertThat(counts[1]).as("interrupted, " + seed.replay(interleaving)).isPositive();
    }

    /** Takes the lock repeatedly, as a driver's read does, and releases its resources on every path. */
    private void work(Random random, boolean patient, long mutex, long inside, int[] counts) {
        for (int i = 0; i < 30; i++) {
            long buffer = kernel().calls().kmalloc(100, Gfp.GFP_KERNEL);
            if (patient) {
                kernel().tasks().mutexes().lock(mutex);
            }
            if (patient || kernel().tasks().mutexes().lockInterruptible(mutex) == 0) {
                check(memory().amoAdd32(inside, 1) == 0, "two are inside");
                kernel().tasks().sleep().timeoutInterruptible(random.nextInt(10 * MICROSECOND));
                memory().amoAdd32(inside, -1);
                kernel().tasks().mutexes().unlock(mutex);
                counts[0]++;
            }
            kernel().calls().kfree(buffer);
            counts[1] += kernel().tasks().signals().take() == 0 ? 0 : 1;
        }
    }

    // ---- timers ----

    @Test
    void sleepsEndWhenTheirTimeIsOverEachOnItsOwn() {
        boot(4, Interleavings.RR, 1);
        long[] slept = new long[20];
        fixture.run(() -> {
            List<Long> tasks = new ArrayList<>();
            for (int i = 0; i < slept.length; i++) {
                int number = i;
                tasks.add(start(() -> {
                    long start = cpu().time();
                    kernel().tasks().sleep().timeoutInterruptible((20 - number) * 100L * MICROSECOND);
                    slept[number] = cpu().time() - start;
                }));
            }
            tasks.forEach(kernel().tasks().tasks()::waitFor);
        });
        for (int i = 0; i < slept.length; i++) {
            assertThat(slept[i]).as("sleep " + i)
                    .isBetween((20 - i) * 100L * MICROSECOND, (20 - i) * 100L * MICROSECOND + 50 * MICROSECOND);
        }
    }

    @Test
    void aTimerIsCalledOnceAtItsJiffyAndNotWhenItWasDeleted() {
        boot(2, Interleavings.RR, 1);
        List<Long> called = new ArrayList<>();
        long[] when = new long[4];
        fixture.run(() -> {
            long function = fixture.text("timer", (TimerFunction) data -> {
                called.add(data);
                when[(int) data] = cpu().time();
            });
            long timers = fixture.zeroed(4 * TimerLayout.SIZE);
            long start = cpu().time() / JIFFY * JIFFY;
            int now = kernel().calls().jiffies();
            kernel().tasks().timers().add(timers, now + 4, function, 0);
            kernel().tasks().timers().add(timers + TimerLayout.SIZE, now + 1, function, 1);
            kernel().tasks().timers().add(timers + 2 * TimerLayout.SIZE, now + 2, function, 2);
            kernel().tasks().timers().add(timers + 3 * TimerLayout.SIZE, now + 3, function, 3);
            check(kernel().tasks().timers().delete(timers + 2 * TimerLayout.SIZE), "it was set");
            spin(5 * JIFFY);
            check(!kernel().tasks().timers().delete(timers), "it had been due");
            when[1] -= start;
            when[3] -= start;
            when[0] -= start;
        });
        assertThat(called).containsExactly(1L, 3L, 0L);
        assertThat(when[1]).isBetween(JIFFY, JIFFY + 20 * MICROSECOND);
        assertThat(when[3]).isBetween(3 * JIFFY, 3 * JIFFY + 20 * MICROSECOND);
        assertThat(when[0]).isBetween(4 * JIFFY, 4 * JIFFY + 20 * MICROSECOND);
    }
}

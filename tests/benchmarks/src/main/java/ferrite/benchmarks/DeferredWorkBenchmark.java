package ferrite.benchmarks;

import ferrite.board.options.BoardOptions;
import ferrite.kernel.Kernel;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.check.Checks;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.sched.HrTimerFunction;
import ferrite.kernel.sched.TaskEntry;
import ferrite.kernel.sched.TimerFunction;
import ferrite.kernel.work.WorkFunction;
import io.netty.util.HashedWheelTimer;
import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Deferred work: a wake-up, a timer, a tasklet, a work item; in the kernel, and in the JDK and Netty
 * for programs on the host.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class DeferredWorkBenchmark {

    private static final int OPERATIONS = 2000;

    /** A machine with a hart, and a task that answers. */
    @State(Scope.Benchmark)
    public static class Machine {

        @Param({"default", "none"})
        private String checks;

        private KernelUnderTest machine;
        private long ping;
        private long pong;
        private long timer;
        private long hrtimer;
        private long tasklet;
        private long work;

        @Setup(Level.Trial)
        public void start() throws IOException {
            machine = new KernelUnderTest(new BoardOptions().checks(Checks.parse(checks)));
            machine.run(this::prepare);
        }

        private void prepare(Kernel kernel) {
            KernelCalls calls = kernel.calls();
            TextTable.Module text = kernel.base().text().newModule();
            long room = calls.kzalloc(4096, Gfp.GFP_KERNEL);
            ping = room;
            pong = room + 128;
            timer = room + 256;
            hrtimer = room + 384;
            tasklet = room + 512;
            work = room + 640;
            calls.initCompletion(ping);
            calls.initCompletion(pong);
            calls.setupTimer(timer, text.add("timer", (TimerFunction) data -> { }), 0);
            calls.hrtimerInit(hrtimer, text.add("hrtimer", (HrTimerFunction) expired -> {
                calls.complete(pong);
                return false;
            }));
            calls.taskletInit(tasklet, text.add("tasklet", (TimerFunction) data -> { }), 0);
            calls.initWork(work, text.add("work", (WorkFunction) item -> { }));
            calls.kthreadRun("partner", text.add("partner", (TaskEntry) argument -> {
                calls.waitForCompletion(ping);
                calls.complete(pong);
                return TaskEntry.AGAIN;
            }), 0);
        }

        @TearDown(Level.Trial)
        public void stop() throws IOException {
            machine.close();
        }
    }

    /** Wakes a task that sleeps for a completion, and sleeps until it answers: two wake-ups and two switches. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public void wakeUpAndAnswer(Machine it) {
        it.machine.run(kernel -> {
            for (int i = 0; i < OPERATIONS; i++) {
                kernel.calls().complete(it.ping);
                kernel.calls().waitForCompletion(it.pong);
            }
        });
    }

    /** The same with two threads and the queues of the JDK. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public void jdkWakeUpAndAnswer(Host host) throws InterruptedException {
        for (int i = 0; i < OPERATIONS; i++) {
            host.ping.put(i);
            host.pong.take();
        }
    }

    /** Sets a timer and deletes it, as a driver does for each request that is answered in time. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public void timerSetAndDeleted(Machine it) {
        it.machine.run(kernel -> {
            for (int i = 0; i < OPERATIONS; i++) {
                kernel.calls().modTimer(it.timer, kernel.calls().jiffies() + 100);
                kernel.calls().delTimer(it.timer);
            }
        });
    }

    /** The same with Netty's timer wheel. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public void nettyTimerSetAndCancelled(Host host) {
        for (int i = 0; i < OPERATIONS; i++) {
            host.wheel.newTimeout(timeout -> { }, 400, TimeUnit.MILLISECONDS).cancel();
        }
    }

    /** Sleeps until a high-resolution timer expires: an interrupt, a wake-up and two switches. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public void hrtimerExpires(Machine it) {
        it.machine.run(kernel -> {
            for (int i = 0; i < OPERATIONS; i++) {
                kernel.calls().hrtimerStart(it.hrtimer, 1000, KernelCalls.HRTIMER_MODE_REL);
                kernel.calls().waitForCompletion(it.pong);
            }
        });
    }

    /** Schedules a tasklet, which runs at once when softirqs are enabled. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public void tasklet(Machine it) {
        it.machine.run(kernel -> {
            for (int i = 0; i < OPERATIONS; i++) {
                kernel.calls().localBhDisable();
                kernel.calls().taskletSchedule(it.tasklet);
                kernel.calls().localBhEnable();
            }
        });
    }

    /** Queues a work item and waits for it. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public void workItem(Machine it) {
        it.machine.run(kernel -> {
            for (int i = 0; i < OPERATIONS; i++) {
                kernel.calls().scheduleWork(it.work);
                kernel.calls().flushWork(it.work);
            }
        });
    }

    /** The same with an executor of the JDK. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public void jdkWorkItem(Host host) throws InterruptedException, ExecutionException {
        for (int i = 0; i < OPERATIONS; i++) {
            host.executor.submit(() -> { }).get();
        }
    }

    /** The peers, with a thread each. */
    @State(Scope.Benchmark)
    public static class Host {

        private final SynchronousQueue<Integer> ping = new SynchronousQueue<>();
        private final SynchronousQueue<Integer> pong = new SynchronousQueue<>();
        private final HashedWheelTimer wheel = new HashedWheelTimer();
        private final ExecutorService executor = Executors.newSingleThreadExecutor();
        private Thread partner;

        @Setup(Level.Trial)
        public void start() {
            partner = new Thread(() -> {
                try {
                    for (;;) {
                        pong.put(ping.take());
                    }
                } catch (InterruptedException end) {
                    Thread.currentThread().interrupt();
                }
            });
            partner.setDaemon(true);
            partner.start();
        }

        @TearDown(Level.Trial)
        public void stop() {
            partner.interrupt();
            wheel.stop();
            executor.shutdownNow();
        }
    }
}

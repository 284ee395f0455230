package ferrite.benchmarks;

import ferrite.board.options.BoardOptions;
import ferrite.kernel.sched.TaskEntry;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A switch from one task to another on the same hart. Each task schedules while the other can run, so two host threads
 * hand over the turn.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class SwitchBenchmark {

    private static final int SWITCHES = 2000;

    private KernelUnderTest machine;

    @Setup(Level.Trial)
    public void start() throws IOException {
        machine = new KernelUnderTest(new BoardOptions());
        machine.run(kernel -> {
            long entry = kernel.base().text().newModule().add("partner", (TaskEntry) argument -> {
                for (;;) {
                    kernel.tasks().scheduler().schedule();
                }
            });
            kernel.tasks().tasks().create("partner", entry, 0, 1);
        });
    }

    @TearDown(Level.Trial)
    public void stop() throws IOException {
        machine.close();
    }

    /** There and back is two switches. */
    @Benchmark
    @OperationsPerInvocation(SWITCHES)
    public void contextSwitch() {
        machine.run(kernel -> {
            for (int i = 0; i < SWITCHES / 2; i++) {
                kernel.tasks().scheduler().schedule();
            }
        });
    }
}

package ferrite.benchmarks;

import ferrite.board.options.BoardOptions;
import ferrite.kernel.Kernel;
import ferrite.kernel.check.Checks;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
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
 * Counting in the kernel's per-CPU counter, from {@code get_cpu_var} to {@code put_cpu_var}, and in one shared word, by
 * an atomic addition; beside them Java's {@link LongAdder}, which has the same idea. One thread counts in each case,
 * because one hart runs at a time.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class PerCpuBenchmark {

    private static final int OPERATIONS = 10_000;

    /** With the default checks, the kernel records the line of source each time preemption is disabled. */
    @Param({"default", "none"})
    private String checks;

    private final LongAdder adder = new LongAdder();
    private KernelUnderTest machine;
    private long counter;

    @Setup(Level.Trial)
    public void start() throws IOException {
        machine = new KernelUnderTest(new BoardOptions().checks(Checks.parse(checks)), 4);
        machine.run(kernel -> counter = kernel.mm().perCpu().allocPercpu(4));
    }

    @TearDown(Level.Trial)
    public void stop() throws IOException {
        machine.close();
    }

    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public void perCpuCounter() {
        machine.run(this::count);
    }

    private void count(Kernel kernel) {
        for (int i = 0; i < OPERATIONS; i++) {
            long mine = kernel.mm().perCpu().getCpuVar(counter);
            kernel.base().memory().store32(mine, kernel.base().memory().load32(mine) + 1);
            kernel.mm().perCpu().putCpuVar();
        }
    }

    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public void sharedAtomic() {
        machine.run(kernel -> {
            for (int i = 0; i < OPERATIONS; i++) {
                kernel.base().memory().amoAdd32(counter, 1);
            }
        });
    }

    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public void longAdder() {
        for (int i = 0; i < OPERATIONS; i++) {
            adder.increment();
        }
    }
}

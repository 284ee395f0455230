package ferrite.benchmarks;

import ferrite.board.options.BoardOptions;
import ferrite.kernel.base.Gfp;
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
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** {@code alloc_pages} and {@code __free_pages} by order. Order 0 uses the hart's own list. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class PageAllocationBenchmark {

    private static final int OPERATIONS = 10_000;

    @Param({"0", "1", "3", "6", "10"})
    private int order;

    @Param({"off", "on"})
    private String owners;

    /** Whether the frame after each block is kept free. */
    @Param({"off", "on"})
    private String guards;

    private KernelUnderTest machine;

    @Setup(Level.Trial)
    public void start() throws IOException {
        machine = new KernelUnderTest(new BoardOptions().owners(owners.equals("on")).guardPages(guards.equals("on")));
    }

    @TearDown(Level.Trial)
    public void stop() throws IOException {
        machine.close();
    }

    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public void pages() {
        machine.run(kernel -> {
            for (int i = 0; i < OPERATIONS; i++) {
                kernel.calls().__freePages(kernel.calls().allocPages(Gfp.GFP_KERNEL, order), order);
            }
        });
    }
}

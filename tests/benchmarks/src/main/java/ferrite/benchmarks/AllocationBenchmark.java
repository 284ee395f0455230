package ferrite.benchmarks;

import ferrite.board.options.BoardOptions;
import ferrite.kernel.Kernel;
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

/** An allocation and its free in a kernel task. Other allocations of the same size are alive, as on a real machine. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class AllocationBenchmark {

    private static final int OPERATIONS = 10_000;

    @Param({"on", "off"})
    private String owners;

    private KernelUnderTest machine;

    @Setup(Level.Trial)
    public void start() throws IOException {
        machine = new KernelUnderTest(new BoardOptions().owners(owners.equals("on")).slubDebug("off"));
        machine.run(kernel -> {
            kernel.calls().kmalloc(64, Gfp.GFP_KERNEL);
            kernel.calls().kmalloc(4096, Gfp.GFP_KERNEL);
        });
    }

    @TearDown(Level.Trial)
    public void stop() throws IOException {
        machine.close();
    }

    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public void kmalloc64() {
        machine.run(kernel -> kmallocAndFree(kernel, 64));
    }

    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public void kmalloc4k() {
        machine.run(kernel -> kmallocAndFree(kernel, 4096));
    }

    private static void kmallocAndFree(Kernel kernel, int size) {
        for (int i = 0; i < OPERATIONS; i++) {
            kernel.calls().kfree(kernel.calls().kmalloc(size, Gfp.GFP_KERNEL));
        }
    }

    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public void page() {
        machine.run(kernel -> {
            for (int i = 0; i < OPERATIONS; i++) {
                kernel.calls().freePages(kernel.calls().__getFreePages(Gfp.GFP_KERNEL, 0), 0);
            }
        });
    }
}

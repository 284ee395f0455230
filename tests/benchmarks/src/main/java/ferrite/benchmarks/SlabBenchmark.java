package ferrite.benchmarks;

import ferrite.board.options.BoardOptions;
import ferrite.kernel.Kernel;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.check.Checks;
import io.netty.buffer.AdaptiveByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
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

/**
 * An object of 64 bytes, allocated, touched and freed: in the kernel, by its caches' checks and the machine's size, and
 * in Netty's allocators, with buffers on the heap.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
public class SlabBenchmark {

    private static final int OPERATIONS = 10_000;
    private static final int SIZE = 64;

    /** A machine with a task that allocates. */
    @State(Scope.Benchmark)
    public static class Machine {

        @Param({"off", "FZP", "FZPU"})
        private String slubDebug;

        @Param({"32", "1024", "3072"})
        private int mebibytes;

        @Param({"1", "8"})
        private int harts;

        /** Of accesses, as in {@code --check}. */
        @Param({"default", "none", "all"})
        private String checks;

        private KernelUnderTest machine;
        private long cache;

        @Setup(Level.Trial)
        public void start() throws IOException {
            machine = new KernelUnderTest(new BoardOptions().ram((long) mebibytes << 20).slubDebug(slubDebug)
                    .objectCallSites(false).checks(Checks.parse(checks)), harts);
            machine.run(kernel -> {
                cache = kernel.calls().kmemCacheCreate("benchmark", SIZE, 0, 0, 0);
                kernel.calls().kmemCacheAlloc(cache, Gfp.GFP_KERNEL);
                kernel.calls().kmalloc(SIZE, Gfp.GFP_KERNEL);
            });
        }

        @TearDown(Level.Trial)
        public void stop() throws IOException {
            machine.close();
        }
    }

    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public void kmalloc(Machine state) {
        state.machine.run(SlabBenchmark::kmalloc);
    }

    private static void kmalloc(Kernel kernel) {
        for (int i = 0; i < OPERATIONS; i++) {
            long object = kernel.calls().kmalloc(SIZE, Gfp.GFP_KERNEL);
            kernel.base().memory().store8(object, i);
            kernel.calls().kfree(object);
        }
    }

    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public void cache(Machine state) {
        long cache = state.cache;
        state.machine.run(kernel -> cache(kernel, cache));
    }

    private static void cache(Kernel kernel, long cache) {
        for (int i = 0; i < OPERATIONS; i++) {
            long object = kernel.calls().kmemCacheAlloc(cache, Gfp.GFP_KERNEL);
            kernel.base().memory().store8(object, i);
            kernel.calls().kmemCacheFree(cache, object);
        }
    }

    /** Netty's allocators. */
    @State(Scope.Benchmark)
    public static class Netty {
        private final ByteBufAllocator pooled = new PooledByteBufAllocator(false);
        private final ByteBufAllocator adaptive = new AdaptiveByteBufAllocator(false);
    }

    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public void nettyPooled(Netty netty) {
        allocate(netty.pooled);
    }

    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public void nettyAdaptive(Netty netty) {
        allocate(netty.adaptive);
    }

    private static void allocate(ByteBufAllocator allocator) {
        for (int i = 0; i < OPERATIONS; i++) {
            ByteBuf buffer = allocator.heapBuffer(SIZE);
            buffer.setByte(0, i);
            buffer.release();
        }
    }
}

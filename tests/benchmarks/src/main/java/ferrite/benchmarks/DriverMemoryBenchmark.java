package ferrite.benchmarks;

import ferrite.board.options.BoardOptions;
import ferrite.kernel.Kernel;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.dma.DmaDirection;
import ferrite.kernel.dma.DmaMapping;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
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
 * The cost of a driver's memory, allocated and freed: mappings for a device with 24 address bits, direct and bounced;
 * blocks of a DMA pool beside Netty's pooled direct buffers; areas of vmalloc; high memory; elements of a memory pool;
 * and 64 KiB through the copy engine, with its time in flight and its interrupt ({@code DmaBenchmark} has {@code
 * System.arraycopy} of as many bytes).
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class DriverMemoryBenchmark {

    private static final int OPERATIONS = 2_000;
    private static final int COPIES = 20;
    private static final int COPIED = 64 << 10;
    private static final int MAPPED = 1024;

    /** A machine with a task that runs the operations. */
    @State(Scope.Benchmark)
    public static class Machine {

        /** Whether owners are recorded, with their line of source. */
        @Param({"on", "off"})
        private String owners;

        private KernelUnderTest machine;
        private long dev;
        private long near;
        private long far;
        private long pool;
        private long elements;
        private long high;
        private long handle;

        @Setup(Level.Trial)
        public void start() throws IOException {
            machine = new KernelUnderTest(new BoardOptions().owners(owners.equals("on")).objectCallSites(false)
                    .slubDebug("off").parameter("copier.width", "24"));
            machine.run(kernel -> {
                dev = kernel.dma().engine().dev();
                near = kernel.calls().__getFreePages(Gfp.GFP_KERNEL | Gfp.GFP_DMA, 5);
                far = kernel.calls().__getFreePages(Gfp.GFP_KERNEL, 0);
                pool = kernel.dma().pools().dmaPoolCreate("benchmark", dev, 64, 64, 0);
                elements = kernel.mm().mempools().mempoolCreateKmallocPool(8, 64);
                high = kernel.calls().allocPage(Gfp.GFP_HIGHUSER);
                handle = kernel.calls().kzalloc(4, Gfp.GFP_KERNEL);
            });
        }

        @TearDown(Level.Trial)
        public void stop() throws IOException {
            machine.close();
        }

        private void repeat(Consumer<Kernel> once) {
            machine.run(kernel -> {
                for (int i = 0; i < OPERATIONS; i++) {
                    once.accept(kernel);
                }
            });
        }
    }

    private static void map(Kernel kernel, long dev, long va) {
        DmaMapping dma = kernel.dma().mapping();
        long mapped = dma.dmaMapSingle(dev, va, MAPPED, DmaDirection.DMA_TO_DEVICE);
        if (dma.dmaMappingError(dev, mapped) != 0) {
            throw new IllegalStateException("not mapped");
        }
        dma.dmaUnmapSingle(dev, mapped, MAPPED, DmaDirection.DMA_TO_DEVICE);
    }

    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public void mappingOf1KiBDirect(Machine state) {
        state.repeat(kernel -> map(kernel, state.dev, state.near));
    }

    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public void mappingOf1KiBBounced(Machine state) {
        state.repeat(kernel -> map(kernel, state.dev, state.far));
    }

    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public void dmaPoolBlock(Machine state) {
        state.repeat(kernel -> {
            long block = kernel.dma().pools().dmaPoolAlloc(state.pool, Gfp.GFP_ATOMIC, state.handle);
            kernel.dma().pools().dmaPoolFree(state.pool, block, kernel.base().memory().loadAddress(state.handle));
        });
    }

    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public void vmallocOf4Pages(Machine state) {
        state.repeat(kernel -> kernel.mm().vmalloc().vfree(kernel.mm().vmalloc().vmalloc(16 << 10)));
    }

    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public void kmap(Machine state) {
        state.repeat(kernel -> {
            kernel.mm().kmap().kmap(state.high);
            kernel.mm().kmap().kunmap(state.high);
        });
    }

    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public void kmapAtomic(Machine state) {
        state.repeat(kernel -> kernel.mm().kmap().kunmapAtomic(kernel.mm().kmap().kmapAtomic(state.high)));
    }

    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public void mempoolElement(Machine state) {
        state.repeat(kernel -> kernel.mm().mempools()
                .mempoolFree(kernel.mm().mempools().mempoolAlloc(state.elements, Gfp.GFP_ATOMIC), state.elements));
    }

    /** Warms up for longer than the others: the host compiles the way through an idle hart late. */
    @Benchmark
    @Warmup(iterations = 8, time = 1)
    @OperationsPerInvocation(COPIES)
    public void copierOf64KiB(Machine state) {
        state.machine.run(kernel -> {
            long dma = kernel.calls().virtToPhys(state.near);
            for (int i = 0; i < COPIES; i++) {
                if (kernel.dma().engine().memcpy(dma + COPIED, dma, COPIED) != 0) {
                    throw new IllegalStateException("the copy engine failed");
                }
            }
        });
    }

    /** Netty's pooled allocator of direct memory, which the host's devices could reach. */
    @State(Scope.Benchmark)
    public static class Netty {
        private final PooledByteBufAllocator allocator = new PooledByteBufAllocator(true);
    }

    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public void nettyDirectBuffer(Netty netty) {
        for (int i = 0; i < OPERATIONS; i++) {
            ByteBuf buffer = netty.allocator.directBuffer(64);
            buffer.setByte(0, i);
            buffer.release();
        }
    }
}

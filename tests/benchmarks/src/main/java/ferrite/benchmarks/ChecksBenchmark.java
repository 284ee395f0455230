package ferrite.benchmarks;

import ferrite.board.options.BoardOptions;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.Kernel;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.check.Checks;
import ferrite.kernel.dma.DmaDirection;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.fs.Fcntl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What the checks cost four kinds of drivers: one that reads a disk through an ISA channel, one that has buffers copied
 * by the copy engine, one that allocates many objects, and one that allocates many pages. Each uses its memory.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 6, time = 1)
@Measurement(iterations = 8, time = 1)
public class ChecksBenchmark {

    private static final int DISK = 256 << 10;
    private static final int COPY = 64 << 10;
    private static final int ROUNDS = 1000;
    private static final int OBJECTS = 8;
    private static final int WORDS = 16;

    /** A machine with a task that does a driver's work. */
    @State(Scope.Benchmark)
    public static class Machine {

        /** As in {@code --check}. */
        @Param({"none", "default", "all"})
        private String checks;

        private KernelUnderTest machine;
        private Path disk;
        private long buffer;
        private long target;
        private long dev;
        private int file;

        @Setup(Level.Trial)
        public void start() throws IOException {
            disk = Files.createTempFile("ferrite-benchmarks", ".img");
            Files.write(disk, new byte[DISK]);
            machine = new KernelUnderTest(new BoardOptions().checks(Checks.parse(checks)).disk(disk));
            machine.run(kernel -> {
                buffer = kernel.calls().__getFreePages(Gfp.GFP_KERNEL, 4);
                target = kernel.calls().__getFreePages(Gfp.GFP_KERNEL, 4);
                dev = kernel.dma().engine().dev();
                file = kernel.files().open("/dev/disk0", Fcntl.O_RDONLY);
            });
        }

        @TearDown(Level.Trial)
        public void stop() throws IOException {
            machine.close();
            Files.delete(disk);
        }
    }

    /** Reads the whole disk of 256 KiB. */
    @Benchmark
    public void diskRead(Machine state) {
        state.machine.run(kernel -> {
            kernel.files().lseek(state.file, 0, Fcntl.SEEK_SET);
            int read = 0;
            for (int count = 1; count > 0; read += count) {
                count = kernel.files().read(state.file, state.buffer, COPY);
            }
            require(read == DISK, "the disk was read");
        });
    }

    /** Maps two buffers, has 64 KiB copied, and adds up the result. */
    @Benchmark
    public void copyEngine(Machine state) {
        state.machine.run(kernel -> {
            KernelCalls calls = kernel.calls();
            long from = map(calls, state.dev, state.buffer, DmaDirection.DMA_TO_DEVICE);
            long to = map(calls, state.dev, state.target, DmaDirection.DMA_FROM_DEVICE);
            require(calls.dmaMemcpy(to, from, COPY) == 0, "the copy succeeds");
            calls.dmaUnmapSingle(state.dev, to, COPY, DmaDirection.DMA_FROM_DEVICE);
            calls.dmaUnmapSingle(state.dev, from, COPY, DmaDirection.DMA_TO_DEVICE);
            int sum = 0;
            for (int at = 0; at < COPY; at += 4) {
                sum += calls.memory().load32(state.target + at);
            }
            require(sum == 0, "the bytes are zero");
        });
    }

    private static long map(KernelCalls calls, long dev, long va, int direction) {
        long dma = calls.dmaMapSingle(dev, va, COPY, direction);
        require(calls.dmaMappingError(dev, dma) == 0, "the buffer is mapped");
        return dma;
    }

    /** Allocates objects of 64 bytes, writes and reads all their words, and frees them, a thousand times eight. */
    @Benchmark
    public void objects(Machine state) {
        state.machine.run(ChecksBenchmark::objects);
    }

    private static void objects(Kernel kernel) {
        KernelCalls calls = kernel.calls();
        long[] objects = new long[OBJECTS];
        for (int round = 0; round < ROUNDS; round++) {
            for (int i = 0; i < OBJECTS; i++) {
                objects[i] = calls.kmalloc(4 * WORDS, Gfp.GFP_KERNEL);
                use(calls.memory(), objects[i]);
            }
            for (long object : objects) {
                calls.kfree(object);
            }
        }
    }

    /** Allocates blocks of one and of four pages, uses a part of them, and frees them, a thousand times. */
    @Benchmark
    public void pages(Machine state) {
        state.machine.run(ChecksBenchmark::pages);
    }

    private static void pages(Kernel kernel) {
        KernelCalls calls = kernel.calls();
        for (int round = 0; round < ROUNDS; round++) {
            long one = calls.__getFreePages(Gfp.GFP_KERNEL, 0);
            long four = calls.__getFreePages(Gfp.GFP_KERNEL, 2);
            for (int part = 0; part < 4; part++) {
                use(calls.memory(), one + part * 1024L);
                use(calls.memory(), four + part * 4096L);
            }
            calls.freePages(four, 2);
            calls.freePages(one, 0);
        }
    }

    private static void use(KernelMemory memory, long va) {
        for (int word = 0; word < WORDS; word++) {
            memory.store32(va + 4 * word, word);
        }
        for (int word = 0; word < WORDS; word++) {
            require(memory.load32(va + 4 * word) == word, "memory keeps what is stored");
        }
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new IllegalStateException("it does not hold that " + what);
        }
    }
}

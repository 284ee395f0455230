package ferrite.benchmarks;

import ferrite.firmware.FirmwareImages;
import ferrite.hardware.Machine;
import ferrite.hardware.bus.BusDevice;
import ferrite.hardware.bus.BusFault;
import ferrite.hardware.elf.ElfImage;
import ferrite.hardware.elf.Segment;
import ferrite.hardware.hart.Csrs;
import ferrite.hardware.hart.Gate;
import ferrite.hardware.hart.Pte;
import ferrite.hardware.turn.Interleavings;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.Supervisor;
import ferrite.hardware.turn.Turn;
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

/** The cost of a Java kernel's access to a word, through the MMU of its hart, over 256 KiB. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class MemoryBenchmark {

    private static final int OPERATIONS = 1 << 20;
    private static final long ROM = 0xf000_0000L;
    private static final long PAGE_TABLE = 0x1000;
    private static final int WINDOW = 0xffff;

    private Machine machine;
    private volatile Runnable work;
    private int sum;

    @Setup(Level.Trial)
    public void start() {
        machine = new Machine(new Machine.Configuration(0, 8 << 20, 1, ROM, Interleavings.RR, 1));
        machine.bus().attach("rom", ROM, 0x1000, new Rom(FirmwareImages.boot()));
        machine.turn().install(new Supervisor() {
            @Override
            public void start(int hartId, long deviceTree) {
                machine.memory().store32(PAGE_TABLE, Pte.of(0, Pte.V | Pte.R | Pte.W | Pte.A | Pte.D));
                machine.cpu().csrWrite(Csrs.SATP, 1 << 31 | (int) (PAGE_TABLE >>> 12));
                for (;;) {
                    work.run();
                    machine.turn().stop(Turn.Stop.HALTED);
                    machine.cpu().relax();
                }
            }

            @Override
            public void trap(int cause, int tval) {
                throw new IllegalStateException("trap " + cause);
            }
        });
    }

    @TearDown(Level.Trial)
    public void stop() {
        machine.close();
    }

    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public int load32() {
        work = () -> {
            KernelMemory memory = machine.memory();
            int found = 0;
            for (int i = 0; i < OPERATIONS; i++) {
                found += memory.load32(0x10_0000L + 4L * (i & WINDOW));
            }
            sum = found;
        };
        machine.turn().run();
        return sum;
    }

    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public void store32() {
        work = () -> {
            KernelMemory memory = machine.memory();
            for (int i = 0; i < OPERATIONS; i++) {
                memory.store32(0x10_0000L + 4L * (i & WINDOW), i);
            }
        };
        machine.turn().run();
    }

    /** The boot ROM, with the gate as its entry of S-mode. */
    private record Rom(byte[] elf) implements BusDevice {

        @Override
        public int load(long offset, int width) {
            return peek(offset, width);
        }

        @Override
        public int peek(long offset, int width) {
            ElfImage image = ElfImage.parse(elf, "boot.elf");
            if (ROM + offset == image.symbol("boot_info").orElseThrow()) {
                return Gate.ENTRY;
            }
            for (Segment segment : image.segments()) {
                long at = ROM + offset - segment.pa();
                if (at >= 0 && at + width <= segment.fileSize()) {
                    int value = 0;
                    for (int i = 0; i < width; i++) {
                        value |= (elf[(int) (segment.offset() + at) + i] & 0xff) << 8 * i;
                    }
                    return value;
                }
            }
            return 0;
        }

        @Override
        public void store(long offset, int width, int value) {
            throw new BusFault(ROM + offset, width, "read only");
        }
    }
}

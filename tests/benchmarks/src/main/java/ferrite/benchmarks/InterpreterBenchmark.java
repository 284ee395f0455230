package ferrite.benchmarks;

import ferrite.hardware.Machine;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.turn.Interleavings;
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
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The cost of a guest's instruction, on one hart that runs in slices as on a whole machine.
 *
 * <p>The programs are these loops, compiled by {@code riscv64-unknown-elf-gcc -O2 -march=rv32imac}, with an entry for
 * each at its offset:
 *
 * <pre>
 * for (;;) {                                          compute: sort eight numbers, CRC-32 of them
 *     for (int i = 0; i &lt; 8; i++) { seed = seed * 1664525 + 1013904223; v[i] = seed &gt;&gt; 8; }
 *     insertionSort(v);
 *     for (int i = 0; i &lt; 8; i++) {
 *         crc ^= v[i];
 *         for (int b = 0; b &lt; 8; b++) crc = crc &amp; 1 ? crc &gt;&gt; 1 ^ 0xedb88320u : crc &gt;&gt; 1;
 *     }
 * }
 * for (;;) {                                          memory: a megabyte in order, then 65536 of its bytes at random
 *     for (int i = 0; i &lt; 0x40000; i += 4) { p[i] += n; p[i+1] ^= p[i]; p[i+2] = p[i+1] + i; p[i+3]++; }
 *     for (int i = 0; i &lt; 0x10000; i++) {
 *         at = (at + 0x1234567 + base[at]) &amp; 0xfffff; base[at ^ 0x55]++; n += at;
 *     }
 * }
 * for (;;) fib(20);                                   calls: n &lt; 2 ? n : fib(n - 1) + fib(n - 2)
 * </pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
public class InterpreterBenchmark {

    private static final int INSTRUCTIONS = 10_000_000;
    private static final int[] CODE = {
        0x00080137, 0x02a0006f, 0x00000000, 0x00000000, 0x00080137, 0x0d40006f, 0x00000000, 0x00000000,
        0x00080137, 0x01400513, 0xf06f222d, 0x7179ffbf, 0x001962b7, 0x3c6effb7, 0xedb88337, 0x4805d606,
        0x850a4701, 0x02010f13, 0x60d28293, 0x35ff8f93, 0x031343a1, 0xf0b73203, 0x88aa000f, 0x083387aa,
        0x07910258, 0x5693987e, 0xae230088, 0x98e3fed7, 0x0e93ffe7, 0x4e050041, 0x000ea583, 0x87f68672,
        0xc394a031, 0x167d17f1, 0x04f50363, 0xffc7a683, 0xfed5e9e3, 0x0793060a, 0x86330206, 0x20230027,
        0x0e05feb6, 0x19e30e91, 0xa683fc7e, 0x47a10008, 0x76938f35, 0x17fd0017, 0xc2998305, 0x00674733,
        0x0891fbed, 0xffe893e3, 0x00e0a023, 0x4601b779, 0x0793060a, 0x86330206, 0x20230027, 0x0e05feb6,
        0x1be30e91, 0xb7d1f87e, 0x00100837, 0x01234337, 0x0eb74501, 0x03130004, 0x0e135673, 0x07b7fff8,
        0x46010010, 0x43d84394, 0x96aa47cc, 0x08b38f35, 0x058500e6, 0xc3d8c394, 0x0117a423, 0x0611c7cc,
        0x11e307c1, 0x6641ffd6, 0x07334781, 0x470300f8, 0x979a0007, 0x97ba167d, 0x01c7f7b3, 0x0557c713,
        0x46839742, 0x953e0007, 0x00230685, 0xfe7100d7, 0x1101b77d, 0xce06ca26, 0xc84acc22, 0x4785c64e,
        0xf56384aa, 0x079302a7, 0x0993ffe5, 0x9bf9ffd5, 0xfff50413, 0x40f989b3, 0x85224901, 0x14793fd9,
        0x9ce3992a, 0x8885fe89, 0x01248533, 0x446240f2, 0x494244d2, 0x610549b2, 0x00008082,
    };

    /** The programs, with the offsets of their entries. */
    public enum Program {
        COMPUTE(0x00), MEMORY(0x10), CALLS(0x20);

        private final int entry;

        Program(int entry) {
            this.entry = entry;
        }
    }

    @Param
    public Program program;

    private Machine machine;

    @Setup(Level.Trial)
    public void start() {
        machine = new Machine(new Machine.Configuration(0, 8 << 20, 1, program.entry, Interleavings.RR, 1));
        for (int i = 0; i < CODE.length; i++) {
            machine.bus().store(new BusMaster("loader", 32), 4L * i, 4, CODE[i]);
        }
    }

    @TearDown(Level.Trial)
    public void stop() {
        machine.close();
    }

    @Benchmark
    @OperationsPerInvocation(INSTRUCTIONS)
    public Turn.Stop instruction() {
        machine.turn().limitInstructions(machine.clock().instructions() + INSTRUCTIONS);
        return machine.turn().run();
    }
}

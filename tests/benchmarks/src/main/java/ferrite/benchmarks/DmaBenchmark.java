package ferrite.benchmarks;

import ferrite.hardware.bus.PhysicalBus;
import ferrite.hardware.bus.Ram;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.dma.DmaBytes;
import ferrite.hardware.dma.DmaController;
import ferrite.hardware.dma.DmaPolicy;
import ferrite.hardware.dma.DmaRegisters;
import ferrite.hardware.dma.DmaRequester;
import ferrite.hardware.interrupt.IrqLine;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * 64 KiB from a device to memory through a channel of the 8237A, with its registers programmed each time, beside {@code
 * System.arraycopy} of as many bytes.
 *
 * <p>The host copies more slowly if the low 12 bits of a store's address are soon those of a load's, which depends on
 * where the JVM has put the arrays. Each operation therefore begins at another place in the source, so that both
 * benchmarks have all differences of addresses.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class DmaBenchmark {

    private static final int BYTES = 64 << 10;
    private static final int CHANNEL = 2;

    private static final int HOST_PAGE_BYTES = 4096;
    /** Distance between the places in the source at which two operations begin: 64 of them in a page of the host. */
    private static final int STEP_BYTES = 5 * 64;

    private final byte[] source = new byte[BYTES + HOST_PAGE_BYTES];
    private final byte[] target = new byte[BYTES];
    private final Clock clock = new Clock();
    private DmaController controller;
    private IrqLine request;
    private int place;

    @Setup
    public void wire() {
        PhysicalBus bus = new PhysicalBus(new Ram(0, 32 << 20));
        controller = new DmaController("dma0", bus, clock, DmaPolicy.FAULT, violation -> { });
        request = controller.connect(CHANNEL, new DmaRequester() {
            @Override
            public String name() {
                return "source";
            }

            @Override
            public int ready() {
                return BYTES;
            }

            @Override
            public void supply(DmaBytes bus, int length) {
                bus.put(source, nextPlace(), length);
            }

            @Override
            public void accept(DmaBytes bus, int length) { }

            @Override
            public void terminalCount() {
                request.set(false);
            }
        });
        out(DmaRegisters.port(DmaRegisters.CASCADE, DmaRegisters.MODE), DmaRegisters.MODE_CASCADE);
        out(DmaRegisters.port(DmaRegisters.CASCADE, DmaRegisters.SINGLE_MASK), 0);
    }

    @Benchmark
    public long transfer() {
        out(DmaRegisters.CLEAR_FLIP_FLOP, 0);
        out(DmaRegisters.MODE, DmaRegisters.MODE_SINGLE | DmaRegisters.MODE_WRITE | CHANNEL);
        out(DmaRegisters.ADDRESS_0 + 2 * CHANNEL, 0);
        out(DmaRegisters.ADDRESS_0 + 2 * CHANNEL, 0);
        out(DmaRegisters.page(CHANNEL), 0x10);
        out(DmaRegisters.COUNT_0 + 2 * CHANNEL, 0xff);
        out(DmaRegisters.COUNT_0 + 2 * CHANNEL, 0xff);
        out(DmaRegisters.SINGLE_MASK, CHANNEL);
        request.set(true);
        clock.jumpTo(clock.nextDue());
        clock.fireDue();
        return clock.now();
    }

    private int nextPlace() {
        place = (place + STEP_BYTES) % HOST_PAGE_BYTES;
        return place;
    }

    private void out(int port, int value) {
        controller.store(port, 1, value);
    }

    @Benchmark
    public byte[] arraycopy() {
        System.arraycopy(source, nextPlace(), target, 0, BYTES);
        return target;
    }
}

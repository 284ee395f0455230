package ferrite.hardware.turn;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.Machine;
import ferrite.hardware.Seed;
import ferrite.hardware.bus.AccessWatch;
import ferrite.hardware.dma.DmaBytes;
import ferrite.hardware.dma.DmaController;
import ferrite.hardware.dma.DmaPolicy;
import ferrite.hardware.dma.DmaRegisters;
import ferrite.hardware.dma.DmaRequester;
import ferrite.hardware.hart.DebugPoints;
import ferrite.hardware.interrupt.IrqLine;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Same seed, same run (law 4), independent of the controller's stops and of monitors (law 5). */
@Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RepeatableRunsTest {

    private static final long REGISTERS = 0xf000_0000L;
    private static final long REGION = TinyKernel.SHARED;
    private static final int REGION_BYTES = 0x4000;
    private static final int CHANNEL = 1;

    /**
     * Creates a machine with harts that perform random kernel operations, on memory that they share with each other and
     * with a DMA engine.
     */
    private static TinyKernel busyMachine(int harts, Interleavings interleaving, long seed) {
        TinyKernel kernel = new TinyKernel(harts, interleaving, seed, k -> hart -> {
            k.onTimer = () -> k.timerAt(k.cpu.time() + 100 + k.memory.load8(REGION));
            k.timerAt(k.cpu.time() + 50);
            k.allowTimer();
            Random random = new Random(hart);
            for (int step = 0; step < 400; step++) {
                doSomething(k, hart, random);
            }
        });
        endlessController(kernel);
        return kernel;
    }

    /** Attaches a controller with a device that always has bytes to move. */
    private static DmaController endlessController(TinyKernel kernel) {
        DmaController controller = new DmaController("dma0", kernel.machine.bus(), kernel.machine.clock(),
                DmaPolicy.FAULT, kernel.machine.violations());
        IrqLine request = controller.connect(CHANNEL, new Endless());
        kernel.machine.bus().attach("dma0", REGISTERS, 0x1000, controller);
        controller.store(DmaRegisters.port(DmaRegisters.CASCADE, DmaRegisters.MODE), 1, DmaRegisters.MODE_CASCADE);
        controller.store(DmaRegisters.port(DmaRegisters.CASCADE, DmaRegisters.SINGLE_MASK), 1, 0);
        request.set(true);
        return controller;
    }

    private static final class Endless implements DmaRequester {
        private int next;

        @Override
        public String name() {
            return "endless";
        }

        @Override
        public int ready() {
            return 700;
        }

        @Override
        public void supply(DmaBytes bus, int length) {
            byte[] bytes = new byte[length];
            for (int i = 0; i < length; i++) {
                bytes[i] = (byte) next++;
            }
            bus.put(bytes, 0, length);
        }

        @Override
        public void accept(DmaBytes bus, int length) {
            byte[] bytes = new byte[length];
            bus.get(bytes, 0, length);
            for (byte b : bytes) {
                next = 31 * next + b;
            }
        }

        @Override
        public void terminalCount() { }
    }

    private static void doSomething(TinyKernel k, int hart, Random random) {
        long va = REGION + random.nextInt(REGION_BYTES / 4) * 4L;
        KernelMemory memory = k.memory;
        switch (random.nextInt(16)) {
            case 0 -> memory.store8(va + random.nextInt(4), random.nextInt());
            case 1 -> memory.store16(va + 2L * random.nextInt(2), memory.load16(va) + hart);
            case 2, 3 -> memory.store32(va, memory.load32(va) * 31 + hart);
            case 4 -> memory.amoAdd32(REGION, hart + 1);
            case 5 -> memory.amoSwap32(va, random.nextInt());
            case 6 -> {
                byte[] bytes = new byte[random.nextInt(3000)];
                memory.read(va + random.nextInt(4), bytes, 0, bytes.length);
                int sum = 0;
                for (byte b : bytes) {
                    sum = 31 * sum + b;
                }
                memory.store32(va, sum);
            }
            case 7 -> memory.fill(va + random.nextInt(4), random.nextInt(), random.nextInt(2000));
            case 8 -> memory.copy(REGION + random.nextInt(1000), REGION + 0x2000 + random.nextInt(1000),
                    random.nextInt(3000));
            case 9 -> startDma(k, random);
            case 10 -> k.cpu.relax();
            case 11 -> {
                int flags = k.cpu.irqSave();
                memory.store64(va, k.cpu.time());
                k.cpu.irqRestore(flags);
            }
            case 12 -> memory.store32(va, k.cpu.csrRead(ferrite.hardware.hart.Csrs.INSTRET));
            case 13 -> k.cpu.wfi();
            default -> memory.store32(va, memory.load32(va) + 1);
        }
    }

    private static void startDma(TinyKernel k, Random random) {
        int flags = k.cpu.irqSave();
        long dma = REGION + random.nextInt(REGION_BYTES / 2);
        int mode = random.nextBoolean() ? DmaRegisters.MODE_READ : DmaRegisters.MODE_WRITE;
        store(k, DmaRegisters.SINGLE_MASK, DmaRegisters.SET | CHANNEL);
        store(k, DmaRegisters.CLEAR_FLIP_FLOP, 0);
        store(k, DmaRegisters.MODE, DmaRegisters.MODE_SINGLE | mode | CHANNEL);
        store(k, DmaRegisters.page(CHANNEL), (int) (dma >> 16));
        store(k, 2 * CHANNEL, (int) dma & 0xff);
        store(k, 2 * CHANNEL, (int) (dma >> 8) & 0xff);
        store(k, 2 * CHANNEL + 1, random.nextInt(256));
        store(k, 2 * CHANNEL + 1, random.nextInt(16));
        store(k, DmaRegisters.SINGLE_MASK, CHANNEL);
        k.cpu.irqRestore(flags);
    }

    private static void store(TinyKernel k, int port, int value) {
        k.memory.store8(REGISTERS + port, value);
    }

    private static Machine.Digest run(int harts, Interleavings interleaving, long seed) {
        try (TinyKernel kernel = busyMachine(harts, interleaving, seed)) {
            assertThat(kernel.run()).isEqualTo(Turn.Stop.ALL_WAIT);
            return kernel.machine.digest();
        }
    }

    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void theSameSeedGivesTheSameRun(Interleavings interleaving) {
        Seed seed = Seed.fresh();
        for (int harts = 1; harts <= 8; harts++) {
            Machine.Digest first = run(harts, interleaving, seed.value());
            assertThat(run(harts, interleaving, seed.value())).as(seed.replay(harts + " harts")).isEqualTo(first);
        }
    }

    @Test
    void anotherSeedGivesAnotherSchedule() {
        Set<String> schedules = new HashSet<>();
        for (int seed = 0; seed < 5; seed++) {
            schedules.add(run(4, Interleavings.RANDOM, seed).schedule());
            schedules.add(run(1, Interleavings.RANDOM, seed).schedule());        // the lengths of slices are random too
        }
        assertThat(schedules).hasSize(10);
    }

    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void stoppingAtRandomMomentsChangesNothing(Interleavings interleaving) {
        Seed seed = Seed.fresh();
        for (int round = 0; round < 4; round++) {
            int harts = 1 + 2 * round;
            Machine.Digest undisturbed = run(harts, interleaving, seed.value());
            Random random = seed.random(round);
            try (TinyKernel kernel = busyMachine(harts, interleaving, seed.value())) {
                Turn.Stop stop;
                do {
                    kernel.turn.limitInstructions(kernel.machine.clock().instructions() + 1
                            + random.nextInt(1 << random.nextInt(13)));
                    if (random.nextBoolean()) {
                        kernel.turn.posts().add(() -> kernel.turn.stop(Turn.Stop.HALTED));
                    }
                    stop = random.nextBoolean() ? kernel.turn.run() : kernel.turn.runUntilQuiet();
                    if (random.nextInt(10) == 0) {
                        kernel.machine.digest();
                    }
                } while (stop != Turn.Stop.ALL_WAIT);
                assertThat(kernel.machine.digest()).as(seed.replay("round " + round)).isEqualTo(undisturbed);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void watchingPagesChangesNothing(Interleavings interleaving) {
        Seed seed = Seed.fresh();
        Machine.Digest unwatched = run(3, interleaving, seed.value());
        AccessWatch monitor = (master, va, pa, bytes, access) -> { };
        try (TinyKernel kernel = busyMachine(3, interleaving, seed.value())) {
            kernel.machine.bus().watch(REGION + 0x1000, 0x2000, monitor);
            kernel.run();
            assertThat(kernel.machine.digest()).as(seed.replay("the end")).isEqualTo(unwatched);
        }
    }

    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void haltingAtEachAccessOfADeviceToAWatchpointChangesNothing(Interleavings interleaving) {
        Seed seed = Seed.fresh();
        Machine.Digest unwatched = run(3, interleaving, seed.value());
        DebugPoints.Watchpoint point = new DebugPoints.Watchpoint(DebugPoints.Kind.ACCESS, REGION + 0x1000, 0x400);
        try (TinyKernel kernel = busyMachine(3, interleaving, seed.value())) {
            RunControl control = kernel.machine.control();
            control.points().setWatchpoint(point);
            Map<Halt.Reason, Integer> halts = new EnumMap<>(Halt.Reason.class);
            while (kernel.turn.run() == Turn.Stop.HALTED) {
                halts.merge(control.lastHalt().reason(), 1, Integer::sum);
                if (control.lastHalt().reason() == Halt.Reason.DEVICE_ACCESS) {
                    assertThat(control.lastHalt().sentence()).matches("dma0 channel 1 (reads|writes) \\d+ bytes? at "
                            + "0x0000[0-9a-f]{4}, physical 0x0000[0-9a-f]{4} \\(endless\\)");
                }
                control.resume();
            }
            assertThat(halts).as(seed.replay("halts")).containsOnlyKeys(Halt.Reason.WATCHPOINT,
                    Halt.Reason.DEVICE_ACCESS);
            assertThat(kernel.machine.digest()).as(seed.replay("the end")).isEqualTo(unwatched);
        }
    }

    /** The bytes that a channel has moved when the machine halts are those that it had moved then without the halt. */
    @Test
    void aHaltAtADeviceComesWithinABurst() {
        TinyKernel kernel = new TinyKernel(1, Interleavings.RR, 1, k -> hart -> {
            for (int i = 0; i < 100_000; i++) {
                k.cpu.relax();
            }
        });
        try (kernel) {
            DmaController controller = endlessController(kernel);
            for (int[] write : new int[][] {{DmaRegisters.MODE, DmaRegisters.MODE_SINGLE | DmaRegisters.MODE_WRITE
                    | CHANNEL}, {DmaRegisters.page(CHANNEL), 0x01}, {2 * CHANNEL, 0}, {2 * CHANNEL, 0},
                    {2 * CHANNEL + 1, 0xff}, {2 * CHANNEL + 1, 0x0f}, {DmaRegisters.SINGLE_MASK, CHANNEL}}) {
                controller.store(write[0], 1, write[1]);
            }
            kernel.machine.control().points().setWatchpoint(new DebugPoints.Watchpoint(DebugPoints.Kind.WRITE,
                    0x1_0280, 4));
            assertThat(kernel.turn.run()).isEqualTo(Turn.Stop.HALTED);
            assertThat(kernel.machine.control().lastHalt().sentence())
                    .matches("dma0 channel 1 writes [0-9]+ bytes at 0x00010280, physical 0x00010280 .*");
            assertThat(kernel.machine.bus().peek(0x1_0280, 4)).isNotZero();
            assertThat(kernel.machine.bus().peek(0x1_02c0, 4)).as("the next burst").isZero();
        }
    }
}

package ferrite.peripherals.virtio;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.Seed;
import ferrite.hardware.bus.BusFault;
import ferrite.hardware.clock.Clock;
import ferrite.peripherals.medium.DiskImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random drivers, most of them broken. Any value in registers, rings and descriptors gets at worst a bus fault for the
 * driver or a device that needs a reset. A device that reached beyond RAM would end the test with an unexpected bus
 * fault.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class VirtioFuzzTest {

    private static final int ROUNDS = 300;
    private static final int STEPS = 400;
    private static final int SECTORS = 40;
    private static final int MAX_EVENTS = 20_000;
    private static final int[] REGISTERS = {0x000, 0x010, 0x014, 0x020, 0x024, 0x030, 0x034, 0x038, 0x044, 0x050, 0x060,
            0x064, 0x070, 0x080, 0x084, 0x090, 0x094, 0x0a0, 0x0a4, 0x0ac, 0x0b0, 0x0c0, 0x0fc, 0x100, 0x108};

    @TempDir
    private Path directory;
    private Random random;
    private VirtioRig rig;
    private VirtioConsole console;
    private int sent;

    /** The outcome of all rounds together: a fuzzer that never reaches a used buffer finds nothing. */
    private int used;
    private int broken;
    private int working;

    @Test
    void whateverADriverDoesTheDeviceNeitherThrowsNorHangsNorLeavesMemory() throws IOException {
        long seed = Seed.fresh().value();
        Path file = Files.write(directory.resolve("disk"), new byte[SECTORS * 512]);
        try (DiskImage image = DiskImage.open(file, false)) {
            for (int round = 0; round < ROUNDS; round++) {
                random = new Random(seed * 31 + round);
                try {
                    fuzz(image, round);
                } catch (RuntimeException | AssertionError e) {
                    throw new AssertionError("round " + round + "; repeat with -Dferrite.seed=" + seed, e);
                }
            }
        }
        assertThat(used).as("interrupts for used chains").isGreaterThan(ROUNDS);
        assertThat(sent).as("bytes that were sent").isGreaterThan(ROUNDS);
        assertThat(broken).as("devices that need a reset").isBetween(ROUNDS / 10, ROUNDS);
        assertThat(working).as("devices that work").isBetween(ROUNDS / 20, ROUNDS);
    }

    private void fuzz(DiskImage image, int round) {
        List<Function<Clock, VirtioDevice>> devices = List.of(clock -> new VirtioEntropy(random.nextLong()),
                clock -> new VirtioBlock("disk0", image), clock -> console = new VirtioConsole(line(), clock),
                clock -> new VirtioNet(Cable.MAC, new Cable(random.nextInt(50)), clock));
        console = null;
        rig = new VirtioRig(devices.get(round % devices.size()));
        start();
        for (int i = 0; i < STEPS; i++) {
            step();
        }
        drain();
        broken += rig.needsReset() ? 1 : 0;
        working += rig.needsReset() ? 0 : 1;
        // A reset always repairs the device.
        rig.size = VirtioRig.SIZE;
        rig.setAvailable(0, 0);
        rig.setAvailable(1, 0);
        rig.start(0);
        assertThat(rig.status()).isEqualTo(VirtioRig.RUNNING);
    }

    private VirtioConsole.Host line() {
        return new VirtioConsole.Host() {
            @Override
            public void send(int value) {
                sent++;
            }

            @Override
            public void awaited() { }
        };
    }

    private void start() {
        rig.size = 1 << random.nextInt(5);
        rig.setAvailable(0, 0);
        rig.setAvailable(1, 0);
        rig.start(random.nextInt(4) << VirtioRegisters.F_INDIRECT_DESC);
    }

    private void step() {
        if (rig.needsReset() && random.nextInt(4) == 0) {
            start();
        }
        switch (random.nextInt(16)) {
            case 0, 1 -> accessRegister();
            case 2 -> start();
            case 3 -> rig.setAvailable(random.nextInt(2), number());
            case 4 -> rig.descriptor(randomTable(), random.nextInt(8), address(), number(),
                    random.nextInt(8), random.nextInt(9));
            case 5 -> restore();
            case 6, 7 -> chain();
            case 8 -> rig.fill(VirtioRig.BUFFER, header());
            case 9 -> rig.notifyDevice(random.nextInt(2));
            case 10 -> {
                if (console != null && console.isAwaited()) {
                    console.receive(random.nextInt(256));
                }
            }
            default -> {
                events(random.nextInt(4));
                used += rig.acknowledge() ? 1 : 0;
            }
        }
    }

    /** Accesses a random register. A missing one is a bus fault at this access and at no other. */
    private void accessRegister() {
        int register = REGISTERS[random.nextInt(REGISTERS.length)];
        try {
            if (random.nextBoolean()) {
                rig.store(register, number());
            } else {
                rig.load(register);
            }
        } catch (BusFault ofTheDriver) {
            assertThat(ofTheDriver.pa()).isEqualTo(register);
        }
    }

    private long randomTable() {
        return random.nextBoolean() ? VirtioRig.table(random.nextInt(2)) : VirtioRig.BUFFER + 0x8000;
    }

    private int number() {
        return switch (random.nextInt(5)) {
            case 0 -> random.nextInt();
            case 1 -> 1 << random.nextInt(32);
            case 2 -> 16 * random.nextInt(20);
            default -> random.nextInt(12);
        };
    }

    private long address() {
        long near = random.nextInt(0x40) - 0x20;
        return switch (random.nextInt(10)) {
            case 0 -> random.nextLong();
            case 1 -> near;
            case 2 -> VirtioRig.RAM + near;
            case 3 -> VirtioRig.RAM + VirtioRig.RAM_BYTES + near;
            case 4 -> VirtioRig.table(random.nextInt(2)) + random.nextInt(0x3000);
            default -> VirtioRig.BUFFER + random.nextInt(0x8000);
        };
    }

    /** Builds a chain that is mostly right, of a random kind: a disk request, buffers to read, or buffers to write. */
    private void chain() {
        int queue = random.nextInt(8) == 0 ? 1 : random.nextInt(rig.transport.device().queues());
        boolean indirect = random.nextInt(4) == 0;
        long table = indirect ? VirtioRig.BUFFER + 0x8000 : VirtioRig.table(queue);
        boolean isBlock = rig.transport.device().kind().equals("block");
        int flags = random.nextInt(10) == 0 ? random.nextInt(8) : console != null && queue == 1 ? 0 : VirtioRig.WRITE;
        long data = random.nextInt(10) == 0 ? address() : VirtioRig.BUFFER + 0x1000;
        rig.fill(VirtioRig.BUFFER, header());
        if (isBlock) {
            rig.descriptor(table, 0, VirtioRig.BUFFER, 16, VirtioRig.NEXT, 1);
            rig.descriptor(table, 1, data, 512 * random.nextInt(6),
                    VirtioRig.NEXT | random.nextInt(2) * VirtioRig.WRITE, 2);
            rig.descriptor(table, 2, VirtioRig.BUFFER + 0x100, 1, flags, 0);
        } else {
            rig.descriptor(table, 0, data, random.nextInt(10) == 0 ? number() : 1 + random.nextInt(5000), flags, 1);
        }
        if (indirect) {
            rig.descriptor(VirtioRig.table(queue), 0, table, isBlock ? 48 : 16, VirtioRig.INDIRECT, 0);
        }
        rig.send(queue, random.nextInt(20) == 0 ? number() & 0xffff : 0);
    }

    private byte[] header() {
        byte[] header = new byte[16];
        header[0] = (byte) random.nextInt(15);
        header[8] = (byte) random.nextInt(SECTORS + 3);
        header[15] = (byte) (random.nextInt(10) == 0 ? random.nextInt() : 0);
        return header;
    }

    private void events(int most) {
        for (int i = 0; i < most && rig.clock.nextDue() != Long.MAX_VALUE; i++) {
            rig.step();
        }
    }

    /**
     * Runs events until the device is idle. A chain over its own available ring may go on for long, but each event is
     * short.
     */
    private void drain() {
        events(MAX_EVENTS);
    }

    private void restore() {
        byte[] state = rig.save();
        rig.restore(state);
        if (!rig.transport.device().kind().equals("block")) {    // except a drive, which counts its snapshots
            assertThat(rig.save()).isEqualTo(state);
        }
    }
}

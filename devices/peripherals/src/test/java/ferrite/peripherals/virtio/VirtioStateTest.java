package ferrite.peripherals.virtio;

import static ferrite.peripherals.virtio.VirtioRig.BUFFER;
import static ferrite.peripherals.virtio.VirtioRig.NEXT;
import static ferrite.peripherals.virtio.VirtioRig.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.hardware.Seed;
import ferrite.hardware.bus.Ram;
import ferrite.hardware.state.StateException;
import ferrite.hardware.state.StateWriter;
import ferrite.peripherals.medium.DiskImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Saved state comes from files, and may be hostile. State that a device cannot reach is refused, and a device continues
 * as usual from all other state.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class VirtioStateTest {

    private static final int ROUNDS = 4000;
    private static final int MAX_EVENTS = 20_000;
    private static final int SECTOR = 512;
    private static final int SECTORS = 600;
    private static final long DATA = BUFFER + 0x1000;

    @TempDir
    private Path directory;
    private DiskImage disk;
    private VirtioConsole console;
    private VirtioRig rig;

    @BeforeEach
    void openDisk() throws IOException {
        disk = DiskImage.open(Files.write(directory.resolve("disk"), new byte[SECTORS * SECTOR]), false);
    }

    @AfterEach
    void closeDisk() throws IOException {
        disk.close();
    }

    // ---- devices with something in flight ----

    private VirtioRig entropy() {
        rig = VirtioRig.entropy().start(0);
        rig.descriptor(VirtioRig.table(0), 0, BUFFER, 100, WRITE | NEXT, 1);
        rig.descriptor(VirtioRig.table(0), 1, BUFFER + 200, 30, WRITE, 0);
        rig.send(0, 0);
        return rig;
    }

    private VirtioRig console() {
        rig = new VirtioRig(clock -> console = new VirtioConsole(new VirtioConsole.Host() {
            @Override
            public void send(int value) { }

            @Override
            public void awaited() {
                console.receive('x');
            }
        }, clock)).start(0);
        for (int queue = 0; queue < 2; queue++) {
            rig.descriptor(VirtioRig.table(queue), 0, DATA, 10_000, queue == 0 ? WRITE : 0, 0);
            rig.send(queue, 0);
        }
        return rig;
    }

    private VirtioRig block(int type, int bytes, int steps) {
        rig = new VirtioRig(clock -> new VirtioBlock("disk0", disk)).start(1L << VirtioBlockRegisters.F_FLUSH);
        rig.fill(BUFFER, ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putInt(0, type).putLong(8, 7).array());
        boolean toMemory = type != VirtioBlockRegisters.T_OUT;
        rig.descriptor(VirtioRig.table(0), 0, BUFFER, 16, NEXT, 1);
        rig.descriptor(VirtioRig.table(0), 1, DATA, bytes, NEXT | (toMemory ? WRITE : 0), 2);
        rig.descriptor(VirtioRig.table(0), 2, BUFFER + 0x100, 1, WRITE, 0);
        rig.send(0, 0);
        for (int step = 0; step < steps; step++) {
            rig.step();
        }
        return rig;
    }

    /** Returns a network card with a frame to send in flight, a buffer that is taken, and frames that will arrive. */
    private VirtioRig net() {
        Cable cable = new Cable(10);
        rig = new VirtioRig(clock -> new VirtioNet(Cable.MAC, cable, clock)).start(0);
        for (int queue = 0; queue < 2; queue++) {
            rig.descriptor(VirtioRig.table(queue), 0, DATA, 500, queue == 0 ? WRITE : 0, 0);
            rig.send(queue, 0);
        }
        cable.receive(new byte[1000]);
        return rig;
    }

    private VirtioRig broken() {
        entropy().notifyDevice(7);
        assertThat(rig.needsReset()).isTrue();
        return rig;
    }

    private int clockBytes() {
        StateWriter out = new StateWriter();
        rig.clock.save(out);
        return out.toBytes().length;
    }

    @Test
    void whateverSavedStateSaysItIsRefusedOrGoesOn() {
        long seed = Seed.fresh().value();
        List<VirtioRig> rigs = new ArrayList<>(List.of(entropy(), broken()));
        for (int type : new int[] {VirtioBlockRegisters.T_IN, VirtioBlockRegisters.T_OUT, VirtioBlockRegisters.T_GET_ID,
                VirtioBlockRegisters.T_FLUSH}) {
            rigs.add(block(type, 300 * SECTOR, 0));
            rigs.add(block(type, 300 * SECTOR, 1));
        }
        rigs.add(console());
        rigs.add(net());
        int refused = 0;
        int finished = 0;
        for (int number = 0; number < rigs.size(); number++) {
            rig = rigs.get(number);
            Ram.Image ram = rig.bus.takeImage();
            byte[] good = rig.save();
            for (int round = 0; round < ROUNDS / rigs.size(); round++) {
                Random random = new Random(seed * 31 + 1000L * number + round);
                rig.bus.restoreImage(ram);
                try {
                    rig.restore(mutated(good, random));
                } catch (StateException refusal) {
                    refused++;
                    continue;
                } catch (RuntimeException wrong) {
                    throw new AssertionError("rig " + number + ", round " + round
                            + "; repeat with -Dferrite.seed=" + seed, wrong);
                }
                assertThatCode(this::drain).as("rig %s, round %s; repeat with -Dferrite.seed=%s", number, round, seed)
                        .doesNotThrowAnyException();
                finished++;
            }
        }
        assertThat(refused).isGreaterThan(ROUNDS / 10);
        assertThat(finished).isGreaterThan(ROUNDS / 10);
    }

    private byte[] mutated(byte[] good, Random random) {
        ByteBuffer bytes = ByteBuffer.wrap(good.clone()).order(ByteOrder.LITTLE_ENDIAN);
        int from = clockBytes();
        for (int count = 1 + random.nextInt(2); count > 0; count--) {
            int at = from + random.nextInt(good.length - from - 3);
            switch (random.nextInt(4)) {
                case 0 -> bytes.put(at, (byte) random.nextInt());
                case 1 -> bytes.putInt(at, random.nextInt(20) - 3);
                case 2 -> bytes.putInt(at, 1 << random.nextInt(32));
                default -> bytes.putInt(at, random.nextInt());
            }
        }
        return bytes.array();
    }

    private void drain() {
        for (int event = 0; event < MAX_EVENTS && rig.clock.nextDue() != Long.MAX_VALUE; event++) {
            rig.step();
        }
        assertThat(rig.clock.nextDue()).as("it comes to an end").isEqualTo(Long.MAX_VALUE);
    }

    // ---- the messages of refused state ----

    /** Restores the rig after replacing the first occurrence of a 32-bit number in its saved state. */
    private void requireRefused(int number, int by, String why) {
        byte[] good = rig.save();
        ByteBuffer bytes = ByteBuffer.wrap(good.clone()).order(ByteOrder.LITTLE_ENDIAN);
        int at = clockBytes();
        while (bytes.getInt(at) != number) {
            at++;
        }
        requireRefused(bytes.putInt(at, by).array(), why);
        rig.restore(good);
    }

    private void requireRefused(byte[] state, String why) {
        assertThatThrownBy(() -> rig.restore(state)).isInstanceOf(StateException.class).hasMessageContaining(why);
    }

    @Test
    void aBufferOutsideOfMemoryIsRefused() {
        entropy();
        requireRefused((int) BUFFER, 0x1000, "a buffer, 100 bytes at 0x1000, is not in RAM");
        requireRefused(100, VirtioRig.RAM_BYTES, "is not in RAM");
    }

    @Test
    void aReadyQueueThatADriverCouldNotHaveSetUpIsRefused() {
        entropy();
        requireRefused(VirtioRig.SIZE, 7, "queue 0 would have 7 descriptors");
        requireRefused((int) VirtioRig.driver(0), (int) VirtioRig.driver(0) + 1, "a multiple of 2 would be right");
        requireRefused((int) VirtioRig.device(0), 4, "the device's area of queue 0");
    }

    @Test
    void aDeviceThatWorksHasADriver() {
        entropy();
        requireRefused(VirtioRig.RUNNING, VirtioRig.RUNNING & ~VirtioRegisters.DRIVER_OK,
                "a chain of queue 0 is in flight while the status is 0xb");
        requireRefused(VirtioRig.RUNNING, VirtioRig.RUNNING & ~VirtioRegisters.FEATURES_OK,
                "DRIVER_OK is set without FEATURES_OK");
        requireRefused(VirtioRig.RUNNING, VirtioRig.RUNNING | VirtioRegisters.DEVICE_NEEDS_RESET,
                "DEVICE_NEEDS_RESET is set, because ");
        requireRefused(VirtioRig.RUNNING, 0x1000, "only bits of");
    }

    @Test
    void aTransferThatDoesNotLieOnTheDiskIsRefused() {
        block(VirtioBlockRegisters.T_IN, 300 * SECTOR, 0);
        requireRefused(300 * SECTOR, 300 * SECTOR + 1,
                "a request of type 0 transfers 153601 bytes from sector 7 on, of 600");
        block(VirtioBlockRegisters.T_IN, 300 * SECTOR, 0);
        byte[] state = rig.save();
        ByteBuffer.wrap(state).order(ByteOrder.LITTLE_ENDIAN).putLong(state.length - 8, 301);
        requireRefused(state, "transfers 153600 bytes from sector 301 on, of 600");
        ByteBuffer.wrap(state).order(ByteOrder.LITTLE_ENDIAN).putInt(state.length - 20, 4);
        requireRefused(state, "a request is in stage 4; the number of stages is 4");
    }

    @Test
    void aByteThatIsExpectedHasABuffer() {
        rig = new VirtioRig(clock -> console = new VirtioConsole(null, clock)).start(0);
        byte[] state = rig.save();
        state[state.length - 1] = 1;
        requireRefused(state, "a byte is expected, but no buffer was taken for it");
    }
}

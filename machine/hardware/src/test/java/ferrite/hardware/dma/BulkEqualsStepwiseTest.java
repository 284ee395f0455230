package ferrite.hardware.dma;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.Machine;
import ferrite.hardware.Seed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Nobody can tell that bytes move in bulk: the controller against one that moves them as time passes, and against itself after a restore. */
class BulkEqualsStepwiseTest {

    private static final int RAM_BYTES = 0x2_f000;

    private static final int[] PLAIN_PORTS = {0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x09, 0x0a, 0x0c, 0x0e, 0x0f};

    /** One thing that a driver, a device or somebody who looks does. */
    private static final class Both {
        private final DmaFixture real = new DmaFixture(RAM_BYTES, DmaPolicy.FAULT);
        private final TestDevice[] devices = new TestDevice[4];
        private final byte[] ram = new byte[RAM_BYTES];
        private final SteppedController model = new SteppedController(ram, devices);
        private final Random random;
        private boolean eventsDone = true;

        Both(Random random) {
            this.random = random;
            Arrays.setAll(devices, i -> new TestDevice("device" + i));
        }

        void store(int port, int value) {
            real.store(port, value);
            model.store(port, value);
        }

        void step(String replay) {
            switch (random.nextInt(14)) {
                case 0 -> program(random.nextInt(4));
                case 1 -> {
                    int channel = random.nextInt(4);
                    int more = random.nextInt(300);
                    real.devices[channel].ready += more;
                    devices[channel].ready += more;
                    real.requests[channel].set(true);
                    model.line(channel, true);
                }
                case 2 -> {
                    int channel = random.nextInt(4);
                    boolean level = random.nextInt(4) != 0;
                    real.requests[channel].set(level);
                    model.line(channel, level);
                }
                case 3 -> store(PLAIN_PORTS[random.nextInt(PLAIN_PORTS.length)], random.nextInt(256));
                case 4 -> {
                    if (random.nextInt(8) == 0) {
                        store(random.nextBoolean() ? 0x0d : 0x08, random.nextBoolean() ? 4 : 0);
                    } else {
                        store(0x08, 0);
                    }
                }
                case 5 -> {
                    int port = random.nextInt(8);
                    assertThat(real.load(port)).as(replay + " port " + port).isEqualTo(model.load(port));
                }
                case 6 -> {
                    int port = random.nextInt(8);
                    assertThat(real.peek(port)).as(replay + " port " + port).isEqualTo(model.peek(port));
                }
                case 7 -> {
                    if (eventsDone) {
                        int port = random.nextBoolean() ? 8 : 15;
                        assertThat(real.load(port)).as(replay + " port " + port).isEqualTo(model.load(port));
                    }
                }
                case 8 -> {
                    int at = random.nextInt(RAM_BYTES);
                    int length = Math.min(random.nextInt(300), RAM_BYTES - at);
                    byte[] bytes = new byte[length];
                    random.nextBytes(bytes);
                    real.bus.write(DmaFixture.HART, at, bytes, 0, length);
                    System.arraycopy(bytes, 0, ram, at, length);
                }
                case 9 -> {
                    int at = random.nextInt(RAM_BYTES);
                    assertThat((byte) real.bus.load(DmaFixture.HART, at, 1)).as(replay).isEqualTo(ram[at]);
                }
                case 10 -> {
                    byte[] bytes = new byte[RAM_BYTES];
                    if (random.nextBoolean()) {
                        real.bus.peek(0, bytes, 0, RAM_BYTES);
                    } else {
                        real.bus.read(DmaFixture.HART, 0, bytes, 0, RAM_BYTES);
                    }
                    assertThat(Arrays.mismatch(bytes, ram)).as(replay).isEqualTo(-1);
                }
                default -> pass(1 + random.nextInt(random.nextBoolean() ? 10 : 100));
            }
        }

        private void program(int channel) {
            store(0x0a, 4 | channel);
            store(0x0c, 0);
            store(0x0b, 0x40 | channel | (random.nextBoolean() ? 4 : 8));
            store(DmaRegisters.page(channel), random.nextInt(4));
            boolean nearTheEnd = random.nextInt(3) == 0;
            store(2 * channel, random.nextInt(256));
            store(2 * channel, nearTheEnd ? 0xff : random.nextInt(256));
            store(2 * channel + 1, random.nextInt(256));
            store(2 * channel + 1, random.nextInt(50) == 0 ? random.nextInt(256) : random.nextInt(3));
            store(0x0a, channel);
        }

        private void pass(int ticks) {
            eventsDone = random.nextInt(3) != 0;
            if (eventsDone) {
                real.pass(ticks);
            } else {
                real.passUnseen(ticks);
            }
            for (int i = 0; i < ticks; i++) {
                model.tick();
            }
        }

        void compareAtTheEnd(String replay) {
            pass(1);
            real.clock.fireDue();
            real.bus.settle();
            byte[] bytes = real.ram(0, RAM_BYTES);
            assertThat(Arrays.mismatch(bytes, ram)).as(replay).isEqualTo(-1);
            for (int port = 0; port < 8; port++) {
                assertThat(real.load(port)).as(replay).isEqualTo(model.load(port));
            }
            assertThat(real.load(8)).as(replay).isEqualTo(model.load(8));
            assertThat(real.load(15)).as(replay).isEqualTo(model.load(15));
            for (int channel = 0; channel < 4; channel++) {
                assertThat(real.devices[channel].state()).as(replay).isEqualTo(devices[channel].state());
            }
        }
    }

    @Test
    void randomProgramsLookTheSameWhetherBytesMoveInBulkOrStepByStep() {
        Seed seed = Seed.printed();
        for (int round = 0; round < 150; round++) {
            Both both = new Both(seed.random(round));
            for (int step = 0; step < 300; step++) {
                both.step(seed.replay("round " + round + " step " + step));
            }
            both.compareAtTheEnd(seed.replay("round " + round));
            both.real.close();
        }
    }

    // ---- snapshots ----

    /** Everything that somebody could see from here on, looking now and then. */
    private static List<String> watchForAWhile(DmaFixture dma, Random random) {
        List<String> seen = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            dma.pass(random.nextInt(40));
            int channel = random.nextInt(4);
            if (random.nextInt(3) == 0) {
                dma.request(channel, random.nextInt(500));
            }
            seen.add(dma.clock.now() + " " + dma.controller.look() + " " + dma.residue(channel) + " " + dma.load(DmaRegisters.STATUS)
                    + " " + Arrays.hashCode(dma.ram(0, RAM_BYTES)));
            for (TestDevice device : dma.devices) {
                seen.add(device.state());
            }
        }
        return seen;
    }

    @Test
    void aSnapshotInFlightGoesOnIdentically() {
        Seed seed = Seed.printed();
        for (int round = 0; round < 30; round++) {
            Random random = seed.random(round);
            DmaFixture dma = new DmaFixture(RAM_BYTES, DmaPolicy.FAULT);
            for (int channel = 0; channel < 4; channel++) {
                dma.program(channel, random.nextBoolean() ? DmaRegisters.MODE_READ : DmaRegisters.MODE_WRITE,
                        random.nextInt(RAM_BYTES + 0x1_0000), 1 + random.nextInt(3000));
                dma.enable(channel);
                dma.request(channel, random.nextInt(2000));
            }
            dma.pass(random.nextInt(300));
            Machine.Snapshot snapshot = dma.machine.snapshot();
            long future = random.nextLong();
            List<String> first = watchForAWhile(dma, new Random(future));
            dma.machine.restore(snapshot);
            List<String> second = watchForAWhile(dma, new Random(future));
            assertThat(second).as(seed.replay("round " + round)).isEqualTo(first);
            dma.machine.restore(snapshot);
            dma.pass(100_000);
            dma.machine.restore(snapshot);
            assertThat(watchForAWhile(dma, new Random(future))).as(seed.replay("round " + round)).isEqualTo(first);
            dma.close();
        }
    }

    @Test
    void takingASnapshotChangesNothingAboutATransfer() {
        List<List<String>> runs = new ArrayList<>();
        for (boolean snapshots : new boolean[] {false, true}) {
            DmaFixture dma = new DmaFixture(RAM_BYTES, DmaPolicy.FAULT);
            dma.program(1, DmaRegisters.MODE_WRITE, 0x1_fff0, 2000);
            dma.enable(1);
            dma.request(1, 1500);
            dma.pass(21);
            if (snapshots) {
                dma.machine.snapshot();
            }
            runs.add(watchForAWhile(dma, new Random(1)));
            dma.close();
        }
        assertThat(runs.get(1)).isEqualTo(runs.get(0));
    }
}

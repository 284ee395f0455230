package ferrite.hardware.dma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.hardware.Machine;
import ferrite.hardware.Seed;
import ferrite.hardware.bus.BusFault;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Bulk moves have no visible effect: the controller is compared with a model that moves bytes as time passes, and with
 * itself after a restore.
 */
class BulkEqualsStepwiseTest {

    private static final int RAM_BYTES = 0x2_f000;

    /** The controller and the model, with the same actions of drivers, devices and inspectors for both. */
    private static final class Both {
        private final DmaFixture real = new DmaFixture(RAM_BYTES, DmaPolicy.FAULT);
        private final TestDevice[] devices = new TestDevice[DmaRegisters.CHANNELS];
        private final byte[] ram = new byte[RAM_BYTES];
        private final SteppedController model = new SteppedController(ram, devices);
        private final Random random;
        private boolean eventsDone = true;

        Both(Random random) {
            this.random = random;
            for (int channel : DmaFixture.CHANNELS) {
                devices[channel] = new TestDevice("device" + channel);
            }
            openCascade();
        }

        private int anyChannel() {
            return DmaFixture.CHANNELS[random.nextInt(DmaFixture.CHANNELS.length)];
        }

        private void store(int port, int value) {
            if (model.refuses(port, value)) {
                assertThatThrownBy(() -> real.store(port, value)).isInstanceOf(BusFault.class);
            } else {
                real.store(port, value);
                model.store(port, value);
            }
        }

        private void storeChip(int channel, int register, int value) {
            store(DmaRegisters.port(channel, register), value);
        }

        private void openCascade() {
            storeChip(4, DmaRegisters.MODE, DmaRegisters.MODE_CASCADE);
            storeChip(4, DmaRegisters.SINGLE_MASK, 0);
        }

        /**
         * Fires due events. In the tick at the end of a burst, bytes may or may not have moved before the event. Only
         * after it can they be compared.
         */
        private void seeToEvents() {
            if (!eventsDone && model.burst) {
                real.clock.fireDue();
            }
            eventsDone = true;
        }

        void step(String replay) {
            switch (random.nextInt(18)) {
                case 0 -> program(anyChannel());
                case 1 -> request(anyChannel(), random.nextInt(300));
                case 2 -> {
                    int channel = anyChannel();
                    boolean level = random.nextInt(4) != 0;
                    real.requests[channel].set(level);
                    model.line(channel, level);
                }
                case 3 -> storeChip(random.nextInt(8), random.nextInt(8), random.nextInt(256));
                case 4 -> storeSomethingOfAll();
                case 5 -> storeChip(anyChannel(), DmaRegisters.REQUEST, random.nextInt(8));
                case 6 -> storeChip(0, DmaRegisters.COMMAND,
                        random.nextInt(4) == 0 ? random.nextInt(256) : random.nextInt(8) * 0x10);
                case 7 -> storeChip(4, DmaRegisters.COMMAND,
                        random.nextInt(4) == 0 ? random.nextInt(256) : random.nextInt(8) * 0x10);
                case 8 -> memoryToMemory();
                case 9 -> openCascade();
                case 10 -> {
                    seeToEvents();
                    int port = DmaRegisters.port(random.nextInt(8), random.nextInt(16));
                    assertThat(real.peek(port)).as(replay + " port " + port).isEqualTo(model.peek(port));
                    assertThat(real.load(port)).as(replay + " port " + port).isEqualTo(model.load(port));
                }
                case 11 -> {
                    seeToEvents();
                    int at = random.nextInt(RAM_BYTES);
                    int length = Math.min(random.nextInt(300), RAM_BYTES - at);
                    byte[] bytes = new byte[length];
                    random.nextBytes(bytes);
                    real.bus.write(DmaFixture.HART, at, bytes, 0, length);
                    System.arraycopy(bytes, 0, ram, at, length);
                }
                case 12 -> {
                    seeToEvents();
                    int at = random.nextInt(RAM_BYTES);
                    assertThat((byte) real.bus.load(DmaFixture.HART, at, 1)).as(replay).isEqualTo(ram[at]);
                }
                case 13 -> {
                    seeToEvents();
                    compareMemory(replay);
                }
                case 14 -> {
                    real.controller.look();
                    real.bus.peek(random.nextInt(RAM_BYTES), 1);
                }
                default -> pass(1 + random.nextInt(random.nextBoolean() ? 10 : 100));
            }
        }

        private void request(int channel, int more) {
            seeToEvents();
            real.devices[channel].ready += more;
            devices[channel].ready += more;
            real.requests[channel].set(true);
            model.line(channel, true);
        }

        private void storeSomethingOfAll() {
            int channel = random.nextInt(8);
            switch (random.nextInt(8)) {
                case 0 -> storeChip(channel, DmaRegisters.MASTER_CLEAR, 0);
                case 1 -> storeChip(channel, DmaRegisters.CLEAR_MASKS, 0);
                case 2 -> storeChip(channel, DmaRegisters.ALL_MASKS, random.nextInt(256));
                case 3 -> storeChip(channel, DmaRegisters.CLEAR_FLIP_FLOP, 0);
                case 4, 5 -> storeChip(channel, DmaRegisters.MODE, random.nextInt(256));
                default -> storeChip(channel, DmaRegisters.SINGLE_MASK, random.nextInt(8));
            }
        }

        private void program(int channel) {
            storeChip(channel, DmaRegisters.SINGLE_MASK, 4 | channel & 3);
            int kind = random.nextInt(20) == 0 ? DmaRegisters.MODE_CASCADE : random.nextInt(3) << 6;
            storeChip(channel, DmaRegisters.MODE, kind | random.nextInt(4) << 4 | random.nextInt(3) << 2 | channel & 3);
            setUp(channel, random.nextInt(30) == 0 ? random.nextInt(0x1_0000)
                    : random.nextInt(random.nextBoolean() ? 700 : 50));
            storeChip(channel, DmaRegisters.SINGLE_MASK, channel & 3);
            if (random.nextInt(4) == 0) {
                storeChip(channel, DmaRegisters.REQUEST, 4 | channel & 3);
            }
        }

        private void setUp(int channel, int count) {
            boolean nearAnEnd = random.nextInt(3) == 0;
            int high = nearAnEnd ? random.nextInt(2) * 0xff : random.nextInt(256);
            storeChip(channel, DmaRegisters.CLEAR_FLIP_FLOP, 0);
            store(DmaRegisters.page(channel), random.nextInt(4));
            store(DmaRegisters.address(channel), random.nextInt(256));
            store(DmaRegisters.address(channel), high);
            store(DmaRegisters.count(channel), count & 0xff);
            store(DmaRegisters.count(channel), count >> 8);
        }

        private void memoryToMemory() {
            storeChip(0, DmaRegisters.MODE, 0x88 | random.nextInt(4) << 4);
            storeChip(0, DmaRegisters.MODE, 0x85 | random.nextInt(4) << 4);
            setUp(0, random.nextInt(100));
            setUp(1, random.nextInt(1000));
            if (random.nextBoolean()) {                // near each other, so that they may overlap
                for (int channel = 0; channel < 2; channel++) {
                    storeChip(0, DmaRegisters.CLEAR_FLIP_FLOP, 0);
                    store(DmaRegisters.page(channel), 1);
                    store(DmaRegisters.address(channel), random.nextInt(256));
                    store(DmaRegisters.address(channel), 3);
                }
            }
            storeChip(0, DmaRegisters.COMMAND, 1 | random.nextInt(2) << 1 | random.nextInt(2) << 4);
            storeChip(0, DmaRegisters.REQUEST, 4);
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

        private void compareMemory(String replay) {
            byte[] bytes = new byte[RAM_BYTES];
            if (random.nextBoolean()) {
                real.bus.peek(0, bytes, 0, RAM_BYTES);
            } else {
                real.bus.read(DmaFixture.HART, 0, bytes, 0, RAM_BYTES);
            }
            assertThat(Arrays.mismatch(bytes, ram)).as(replay).isEqualTo(-1);
        }

        void compareAtTheEnd(String replay) {
            pass(1);
            real.clock.fireDue();
            real.bus.settle();
            compareMemory(replay);
            for (int chip = 0; chip < 8; chip += 4) {
                for (int register = 0; register < 16; register++) {
                    int port = DmaRegisters.port(chip, register);
                    assertThat(real.load(port)).as(replay + " port " + port).isEqualTo(model.load(port));
                }
            }
            for (int channel : DmaFixture.CHANNELS) {
                assertThat(real.devices[channel].state()).as(replay).isEqualTo(devices[channel].state());
            }
        }
    }

    @Test
    void randomProgramsLookTheSameWhetherBytesMoveInBulkOrStepByStep() {
        Seed seed = Seed.fresh();
        for (int round = 0; round < 400; round++) {
            Both both = new Both(seed.random(round));
            for (int step = 0; step < 300; step++) {
                both.step(seed.replay("round " + round + " step " + step));
            }
            both.compareAtTheEnd(seed.replay("round " + round));
            both.real.close();
        }
    }

    // ---- long transfers ----

    /**
     * Transfers of the maximum length: several steps in one event, compared with a twin that is inspected after every
     * burst.
     */
    @Test
    void aTransferThatNobodyLooksAtEndsAsOneThatEverybodyLooksAt() {
        Seed seed = Seed.fresh();
        for (int round = 0; round < 40; round++) {
            DmaFixture unseen = new DmaFixture(RAM_BYTES, DmaPolicy.FAULT);
            DmaFixture seen = new DmaFixture(RAM_BYTES, DmaPolicy.FAULT);
            startSomethingLong(unseen, seed.random(round));
            startSomethingLong(seen, seed.random(round));
            int bursts = seed.random(-round - 1).nextInt(2200);
            unseen.pass((long) bursts * DmaController.BURST_TICKS);
            for (int burst = 0; burst < bursts; burst++) {
                seen.pass(DmaController.BURST_TICKS);
                seen.bus.settle();
            }
            assertThat(Arrays.mismatch(unseen.ram(0, RAM_BYTES), seen.ram(0, RAM_BYTES)))
                    .as(seed.replay("round " + round)).isEqualTo(-1);
            assertThat(unseen.controller.look()).as(seed.replay("round " + round)).isEqualTo(seen.controller.look());
            for (int channel : DmaFixture.CHANNELS) {
                assertThat(unseen.devices[channel].state()).as(seed.replay("round " + round))
                        .isEqualTo(seen.devices[channel].state());
            }
            unseen.close();
            seen.close();
        }
    }

    private static void startSomethingLong(DmaFixture dma, Random random) {
        byte[] content = new byte[RAM_BYTES];
        random.nextBytes(content);
        dma.bus.write(DmaFixture.HART, 0, content, 0, RAM_BYTES);
        int flags = random.nextInt(4) << 4;
        int bytes = 60_000 + 2 * random.nextInt(2000);
        if (random.nextInt(3) == 0) {
            dma.programMode(0, DmaRegisters.MODE_BLOCK | DmaRegisters.MODE_READ | flags,
                    0x1_0000 + random.nextInt(0x1_0000), bytes);
            dma.programMode(1, DmaRegisters.MODE_BLOCK | DmaRegisters.MODE_WRITE | random.nextInt(2) << 5,
                    random.nextInt(0x1_0000), bytes);
            dma.storeChip(0, DmaRegisters.COMMAND,
                    DmaRegisters.COMMAND_MEMORY_TO_MEMORY | random.nextInt(2) * DmaRegisters.COMMAND_ADDRESS_HOLD);
            dma.softwareRequest(0);
        } else {
            int channel = DmaFixture.CHANNELS[random.nextInt(DmaFixture.CHANNELS.length)];
            dma.programMode(channel, random.nextInt(3) << 6 | flags | (1 + random.nextInt(2)) << 2,
                    random.nextInt(RAM_BYTES), bytes * (channel < 4 ? 1 : 2));
            dma.enable(channel);
            dma.request(channel, random.nextInt(140_000));
        }
    }

    // ---- snapshots ----

    /** Collects all that is visible from now on, at random moments. */
    private static List<String> watchForAWhile(DmaFixture dma, Random random) {
        List<String> seen = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            dma.pass(random.nextInt(40));
            int channel = DmaFixture.CHANNELS[random.nextInt(DmaFixture.CHANNELS.length)];
            if (random.nextInt(3) == 0) {
                dma.request(channel, random.nextInt(500));
            }
            seen.add(dma.clock.now() + " " + dma.controller.look() + " " + dma.residue(channel) + " "
                    + dma.loadChip(channel, DmaRegisters.STATUS) + " " + dma.loadChip(channel, DmaRegisters.MODE) + " "
                    + dma.loadChip(channel, DmaRegisters.TEMPORARY) + " " + Arrays.hashCode(dma.ram(0, RAM_BYTES)));
            for (int number : DmaFixture.CHANNELS) {
                seen.add(dma.devices[number].state());
            }
        }
        return seen;
    }

    private static void startSomething(DmaFixture dma, Random random) {
        for (int channel : DmaFixture.CHANNELS) {
            int mode = random.nextInt(3) << 6 | random.nextInt(4) << 4 | random.nextInt(3) << 2;
            int bytes = 2 + random.nextInt(1500) * 2;
            dma.programMode(channel, mode, random.nextInt(RAM_BYTES + 0x1_0000), bytes);
            dma.enable(channel);
            dma.request(channel, random.nextInt(2000));
        }
        dma.storeChip(0, DmaRegisters.COMMAND, random.nextInt(2) * DmaRegisters.COMMAND_ROTATE);
        dma.storeChip(4, DmaRegisters.COMMAND, random.nextInt(2) * DmaRegisters.COMMAND_ROTATE);
        if (random.nextInt(3) == 0) {
            dma.programMode(0, DmaRegisters.MODE_BLOCK | DmaRegisters.MODE_READ | random.nextInt(4) << 4, 0x1_fff0, 33);
            dma.programMode(1,
                    DmaRegisters.MODE_BLOCK | DmaRegisters.MODE_WRITE | random.nextInt(4) << 4, 0x1_0100, 900);
            dma.storeChip(0, DmaRegisters.COMMAND, DmaRegisters.COMMAND_MEMORY_TO_MEMORY);
            dma.softwareRequest(0);
        }
    }

    @Test
    void aSnapshotInFlightGoesOnIdentically() {
        Seed seed = Seed.fresh();
        for (int round = 0; round < 40; round++) {
            Random random = seed.random(round);
            DmaFixture dma = new DmaFixture(RAM_BYTES, DmaPolicy.FAULT);
            startSomething(dma, random);
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
        Seed seed = Seed.fresh();
        for (int round = 0; round < 20; round++) {
            List<List<String>> runs = new ArrayList<>();
            for (boolean snapshots : new boolean[] {false, true}) {
                Random random = seed.random(round);
                DmaFixture dma = new DmaFixture(RAM_BYTES, DmaPolicy.FAULT);
                startSomething(dma, random);
                dma.pass(random.nextInt(300));
                if (snapshots) {
                    dma.machine.snapshot();
                }
                runs.add(watchForAWhile(dma, random));
                dma.close();
            }
            assertThat(runs.get(1)).as(seed.replay("round " + round)).isEqualTo(runs.get(0));
        }
    }
}

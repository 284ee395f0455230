package ferrite.hardware.dma;

import static ferrite.hardware.dma.DmaRegisters.MODE_AUTO_INITIALISE;
import static ferrite.hardware.dma.DmaRegisters.MODE_BLOCK;
import static ferrite.hardware.dma.DmaRegisters.MODE_CASCADE;
import static ferrite.hardware.dma.DmaRegisters.MODE_DECREMENT;
import static ferrite.hardware.dma.DmaRegisters.MODE_DEMAND;
import static ferrite.hardware.dma.DmaRegisters.MODE_READ;
import static ferrite.hardware.dma.DmaRegisters.MODE_SINGLE;
import static ferrite.hardware.dma.DmaRegisters.MODE_VERIFY;
import static ferrite.hardware.dma.DmaRegisters.MODE_WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.hardware.bus.BusFault;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The mode register, row by row of the 8237A data sheet's table. Each row is tested on a channel that moves bytes and
 * on one that moves words.
 *
 * <pre>
 *  bits 1-0   00 01 10 11          channel 0 1 2 3 select
 *  bits 3-2   00 verify            01 write transfer       10 read transfer     11 illegal
 *             XX if bits 6 and 7 = 11
 *  bit 4      0 auto-initialisation disable                1 enable
 *  bit 5      0 address increment select                   1 address decrement select
 *  bits 7-6   00 demand mode       01 single mode          10 block mode        11 cascade mode select
 * </pre>
 */
class ModeRegisterTest {

    private static final long BUFFER = 0x12_0100;

    private final DmaFixture dma = new DmaFixture(0x100_0000, DmaPolicy.FAULT);

    @AfterEach
    void close() {
        dma.close();
    }

    private static byte[] counting(int first, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (first + i);
        }
        return bytes;
    }

    private void start(int channel, int mode, int bytes, int ready) {
        dma.programMode(channel, mode, BUFFER, bytes);
        dma.enable(channel);
        dma.request(channel, ready);
    }

    // ---- bits 1-0: channel select ----

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 5, 6, 7})
    void bits0And1SelectTheChannel(int channel) {
        dma.storeChip(channel, DmaRegisters.MODE, MODE_BLOCK | MODE_READ | channel & 3);
        for (DmaController.ChannelState state : dma.controller.look()) {
            String untouched = state.number() == 4 ? "cascade" : "demand";
            assertThat(state.mode()).isEqualTo(state.number() == channel ? "block" : untouched);
        }
    }

    // ---- bits 3-2: transfer type ----

    @ParameterizedTest
    @ValueSource(ints = {1, 6})
    void verifyTransfersCountAndEndButTouchNeitherMemoryNorDevice(int channel) {
        dma.bus.write(DmaFixture.HART, BUFFER, counting(7, 100), 0, 100);
        start(channel, MODE_SINGLE | MODE_VERIFY, 100, 100);
        dma.pass(16);
        assertThat(dma.ram(BUFFER, 100)).isEqualTo(counting(7, 100));
        assertThat(dma.devices[channel].supplied + dma.devices[channel].accepted).isZero();
        assertThat(dma.devices[channel].terminalCounts).as("responding to EOP").isEqualTo(1);
        assertThat(dma.residue(channel)).isEqualTo(0xffff);
        assertThat(dma.addressOf(channel)).as("generating addresses").isEqualTo(channel < 4 ? 0x164 : 0x00b2);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 6})
    void writeTransfersMoveDataFromTheDeviceToMemory(int channel) {
        start(channel, MODE_SINGLE | MODE_WRITE, 100, 200);
        dma.pass(16);
        assertThat(dma.ram(BUFFER, 102)).isEqualTo(Arrays.copyOf(counting(1, 100), 102));
        assertThat(dma.devices[channel].terminalCounts).isEqualTo(1);
        assertThat(dma.residue(channel)).isEqualTo(0xffff);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 6})
    void readTransfersMoveDataFromMemoryToTheDevice(int channel) {
        dma.bus.write(DmaFixture.HART, BUFFER, counting(50, 100), 0, 100);
        TestDevice expected = new TestDevice("expected");
        expected.accept(TestDevice.bus(counting(50, 100)), 100);
        start(channel, MODE_SINGLE | MODE_READ, 100, 200);
        dma.pass(16);
        assertThat(dma.devices[channel].acceptedCrc).isEqualTo(expected.acceptedCrc);
        assertThat(dma.ram(BUFFER, 100)).isEqualTo(counting(50, 100));
        assertThat(dma.devices[channel].terminalCounts).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 6})
    void transferType11IsIllegalUnlessTheModeIsCascade(int channel) {
        for (int select : new int[] {MODE_DEMAND, MODE_SINGLE, MODE_BLOCK}) {
            for (int flags = 0; flags < 0x40; flags += 0x10) {
                int mode = select | flags | 0xc | channel & 3;
                assertThatThrownBy(() -> dma.storeChip(channel, DmaRegisters.MODE, mode)).isInstanceOf(BusFault.class)
                        .hasMessageContaining("illegal").hasMessageContaining("mode 0x" + Integer.toHexString(mode));
            }
        }
        dma.storeChip(channel, DmaRegisters.MODE, MODE_CASCADE | 0xc | channel & 3);
        assertThat(dma.controller.look().get(channel).mode()).isEqualTo("cascade");
    }

    // ---- bit 4: auto-initialisation ----

    @ParameterizedTest
    @ValueSource(ints = {1, 6})
    void withoutAutoInitialisationTheChannelIsMaskedAtTerminalCount(int channel) {
        start(channel, MODE_SINGLE | MODE_WRITE, 64, 640);
        dma.pass(100);
        assertThat(dma.devices[channel].supplied).isEqualTo(64);
        assertThat(dma.loadChip(channel, DmaRegisters.ALL_MASKS) >> (channel & 3) & 1).isEqualTo(1);
        assertThat(dma.residue(channel)).isEqualTo(0xffff);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 6})
    void withAutoInitialisationTheBaseRegistersAreRestoredAndTheMaskStays(int channel) {
        start(channel, MODE_SINGLE | MODE_WRITE | MODE_AUTO_INITIALISE, 64, 64 * 2 + 10);
        dma.pass(8);
        assertThat(dma.devices[channel].terminalCounts).isEqualTo(1);
        assertThat(dma.loadChip(channel, DmaRegisters.STATUS) >> (channel & 3) & 1).isEqualTo(1);
        assertThat(dma.loadChip(channel, DmaRegisters.ALL_MASKS) >> (channel & 3) & 1).isZero();
        assertThat(dma.residue(channel)).isEqualTo(channel < 4 ? 63 : 31);
        assertThat(dma.addressOf(channel)).isEqualTo(channel < 4 ? 0x100 : 0x80);
        dma.pass(16);
        assertThat(dma.devices[channel].terminalCounts).isEqualTo(2);
        byte[] last = counting(65, 64);
        System.arraycopy(counting(129, 10), 0, last, 0, 10);
        assertThat(dma.ram(BUFFER, 64)).isEqualTo(last);
        assertThat(dma.residue(channel)).isEqualTo(channel < 4 ? 53 : 26);
    }

    // ---- bit 5: address increment, decrement ----

    @ParameterizedTest
    @ValueSource(ints = {1, 6})
    void addressIncrementGoesUp(int channel) {
        start(channel, MODE_SINGLE | MODE_WRITE, 100, 20);
        dma.pass(8);
        assertThat(dma.ram(BUFFER, 20)).isEqualTo(counting(1, 20));
        assertThat(dma.addressOf(channel)).isEqualTo(channel < 4 ? 0x114 : 0x8a);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 6})
    void addressDecrementGoesDownAndKeepsTheBytesOfAWordInOrder(int channel) {
        start(channel, MODE_SINGLE | MODE_WRITE | MODE_DECREMENT, 100, 4);
        dma.pass(8);
        byte[] expected = channel < 4 ? new byte[] {0, 4, 3, 2, 1, 0} : new byte[] {3, 4, 1, 2, 0};
        assertThat(dma.ram(channel < 4 ? BUFFER - 4 : BUFFER - 2, expected.length)).isEqualTo(expected);
        assertThat(dma.addressOf(channel)).isEqualTo(channel < 4 ? 0xfc : 0x7e);
        assertThat(dma.residue(channel)).as("the count still goes down").isEqualTo(channel < 4 ? 95 : 47);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 6})
    void aReadThatDecrementsTakesTheLastFirst(int channel) {
        dma.bus.write(DmaFixture.HART, BUFFER - 2, counting(1, 4), 0, 4);
        TestDevice expected = new TestDevice("expected");
        expected.accept(channel < 4 ? TestDevice.bus((byte) 3, (byte) 2)
                : TestDevice.bus((byte) 3, (byte) 4, (byte) 1, (byte) 2), channel < 4 ? 2 : 4);
        start(channel, MODE_BLOCK | MODE_READ | MODE_DECREMENT, channel < 4 ? 2 : 4, 4);
        dma.pass(8);
        assertThat(dma.devices[channel].acceptedCrc).isEqualTo(expected.acceptedCrc);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 6})
    void theCounterWrapsInsideItsPageInBothDirections(int channel) {
        int pageBytes = channel < 4 ? 0x1_0000 : 0x2_0000;
        long page = 0x4_0000;
        dma.programMode(channel, MODE_DEMAND | MODE_WRITE, page + pageBytes - 8, 16);
        dma.enable(channel);
        dma.request(channel, 16);
        dma.pass(8);
        assertThat(dma.ram(page + pageBytes - 8, 8)).isEqualTo(counting(1, 8));
        assertThat(dma.ram(page, 8)).isEqualTo(counting(9, 8));
        assertThat(dma.ram(page + pageBytes, 8)).containsOnly(0);

        dma.devices[channel].supplied = 0;
        dma.programMode(channel, MODE_DEMAND | MODE_WRITE | MODE_DECREMENT, page + 2, 8);
        dma.enable(channel);
        dma.request(channel, 8);
        dma.pass(8);
        byte[] top = channel < 4 ? new byte[] {8, 7, 6, 5, 4} : new byte[] {7, 8, 5, 6};
        assertThat(dma.ram(page + pageBytes - top.length, top.length)).isEqualTo(top);
        assertThat(dma.ram(page - 8, 8)).as("below the page").containsOnly(0);
        assertThat(dma.load(DmaRegisters.page(channel))).as("no borrow from the page").isEqualTo(4);
    }

    // ---- bits 7-6: mode ----

    @ParameterizedTest
    @ValueSource(ints = {1, 6})
    void demandModeStopsWhenTheRequestDropsAndGoesOnWhereItWas(int channel) {
        start(channel, MODE_DEMAND | MODE_WRITE, 1000, 1000);
        dma.pass(16);
        dma.requests[channel].set(false);
        dma.pass(1000);
        assertThat(dma.devices[channel].supplied).isEqualTo(128);
        dma.requests[channel].set(true);
        dma.pass(1000);
        assertThat(dma.ram(BUFFER, 1000)).isEqualTo(counting(1, 1000));
        assertThat(dma.devices[channel].terminalCounts).isEqualTo(1);
    }

    @Test
    void demandModeIsNotInterruptedByAHigherChannelUntilTheRequestDrops() {
        start(3, MODE_DEMAND | MODE_WRITE, 1000, 256);
        dma.pass(8);
        dma.program(1, MODE_WRITE, 0x1000, 64);
        dma.enable(1);
        dma.request(1, 64);
        dma.pass(24);
        assertThat(dma.devices[3].supplied).isEqualTo(256);
        assertThat(dma.devices[1].supplied).isZero();
        dma.pass(8);
        assertThat(dma.devices[1].supplied).isEqualTo(64);
    }

    @Test
    void singleModeGivesTheBusBackAfterEachTransferSoThatAHigherChannelComesFirst() {
        start(3, MODE_SINGLE | MODE_WRITE, 1000, 256);
        dma.pass(8);
        dma.program(1, MODE_WRITE, 0x1000, 64);
        dma.enable(1);
        dma.request(1, 64);
        dma.pass(8);
        assertThat(dma.devices[1].supplied).isEqualTo(64);
        assertThat(dma.devices[3].supplied).isEqualTo(64);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 6})
    void singleModeMovesNothingOnceTheRequestHasDropped(int channel) {
        start(channel, MODE_SINGLE | MODE_WRITE, 1000, 1000);
        dma.pass(8);
        dma.requests[channel].set(false);
        dma.pass(1000);
        assertThat(dma.devices[channel].supplied).isEqualTo(64);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 6})
    void blockModeGoesOnToTerminalCountThoughTheRequestWasSeenOnlyOnce(int channel) {
        start(channel, MODE_BLOCK | MODE_WRITE, 1000, 1000);
        dma.requests[channel].set(false);
        dma.pass(128);
        assertThat(dma.ram(BUFFER, 1000)).isEqualTo(counting(1, 1000));
        assertThat(dma.devices[channel].terminalCounts).isEqualTo(1);
        dma.enable(channel);
        dma.request(channel, 0);
        dma.requests[channel].set(false);
        dma.pass(1000);
        assertThat(dma.devices[channel].terminalCounts).as("each block needs a request of its own").isEqualTo(1);
    }

    @Test
    void blockModeIsNotInterruptedByAHigherChannel() {
        start(3, MODE_BLOCK | MODE_WRITE, 256, 256);
        dma.requests[3].set(false);
        dma.program(0, MODE_WRITE, 0x1000, 64);
        dma.enable(0);
        dma.request(0, 64);
        dma.pass(32);
        assertThat(dma.devices[0].supplied).isZero();
        assertThat(dma.devices[3].terminalCounts).isEqualTo(1);
        dma.pass(8);
        assertThat(dma.devices[0].supplied).isEqualTo(64);
    }

    @Test
    void inBlockModeADeviceThatHasNothingMoreLeavesTheBusUndriven() {
        start(2, MODE_BLOCK | MODE_WRITE, 100, 30);
        dma.pass(16);
        byte[] expected = new byte[100];
        Arrays.fill(expected, (byte) 0xff);
        System.arraycopy(counting(1, 30), 0, expected, 0, 30);
        assertThat(dma.ram(BUFFER, 100)).isEqualTo(expected);
        start(3, MODE_BLOCK | MODE_READ, 100, 30);
        dma.pass(16);
        assertThat(dma.devices[3].accepted).isEqualTo(30);
        assertThat(dma.devices[3].terminalCounts).isEqualTo(1);
    }

    @Test
    void whatADeviceGetsInTheMiddleOfABlockReachesOnlyTheBytesAfterIt() {
        start(2, MODE_BLOCK | MODE_WRITE, 256, 10);
        dma.pass(128 / 64 * 8);
        dma.request(2, 20);
        dma.pass(1000);
        byte[] expected = new byte[256];
        Arrays.fill(expected, (byte) 0xff);
        System.arraycopy(counting(1, 10), 0, expected, 0, 10);
        System.arraycopy(counting(11, 20), 0, expected, 128, 20);
        assertThat(dma.ram(BUFFER, 256)).isEqualTo(expected);
    }

    @Test
    void maskingABlockOrChangingItsModeEndsItsService() {
        for (Runnable end : new Runnable[] {() -> dma.disable(3), () -> dma.store(DmaRegisters.MODE,
                MODE_BLOCK | MODE_WRITE | 3), () -> dma.store(DmaRegisters.MASTER_CLEAR, 0)}) {
            start(3, MODE_BLOCK | MODE_WRITE, 1000, 1000);
            dma.requests[3].set(false);
            dma.pass(8);
            dma.bus.settle();
            int before = dma.devices[3].supplied;
            end.run();
            dma.enable(3);
            dma.pass(1000);
            assertThat(dma.devices[3].supplied).isEqualTo(before);
            assertThat(dma.residue(3)).isEqualTo(999 - 64);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 6})
    void aChannelInCascadeModeHoldsTheBusForItsMasterAndMovesNothingItself(int channel) {
        start(channel, MODE_CASCADE, 64, 64);
        dma.program(7, MODE_WRITE, 0x1000, 64);
        dma.enable(7);
        dma.request(7, 64);
        dma.pass(100);
        assertThat(dma.devices[channel].supplied + dma.devices[channel].accepted).isZero();
        assertThat(dma.residue(channel)).as("nothing is counted").isEqualTo(channel < 4 ? 63 : 31);
        assertThat(dma.devices[7].supplied).as("the bus is taken").isZero();
        assertThat(dma.controller.look().get(channel).active()).isTrue();
        dma.requests[channel].set(false);
        dma.pass(8);
        assertThat(dma.devices[7].supplied).isEqualTo(64);
    }

    // ---- all rows together ----

    /** Tests every legal combination against its rows, each of which is one line here. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 5, 6, 7})
    void everyCombinationOfRowsDoesWhatItsRowsSay(int channel) {
        int width = channel < 4 ? 1 : 2;
        for (int mode = 0; mode < 0xc0; mode += 4) {
            if ((mode & 0xc) == 0xc) {
                continue;
            }
            DmaFixture fresh = new DmaFixture(0x20_0000, DmaPolicy.FAULT);
            byte[] before = counting(100, 64);
            fresh.bus.write(DmaFixture.HART, 0x1_0100 - 32, before, 0, 64);
            fresh.programMode(channel, mode, 0x1_0100, 16);
            fresh.enable(channel);
            fresh.request(channel, 32);
            fresh.requests[channel].set((mode & 0xc0) != MODE_BLOCK);
            fresh.passUnseen(8);
            fresh.requests[channel].set(false);
            fresh.clock.fireDue();

            boolean auto = (mode & MODE_AUTO_INITIALISE) != 0;
            boolean block = (mode & 0xc0) == MODE_BLOCK;
            int step = (mode & MODE_DECREMENT) != 0 ? -1 : 1;
            // each of 64 bytes, while the device requests
            int rounds = auto && !block ? (mode & 0xc) == MODE_VERIFY ? 4 : 2 : 1;
            byte[] after = before.clone();
            for (int i = 0; (mode & 0xc) == MODE_WRITE && i < 16 * rounds; i++) {
                after[32 + step * (i % 16 / width) * width + i % width] = (byte) (i + 1);
            }
            String row = "mode 0x" + Integer.toHexString(mode);
            assertThat(fresh.ram(0x1_0100 - 32, 64)).as(row).isEqualTo(after);
            assertThat(fresh.devices[channel].accepted).as(row).isEqualTo((mode & 0xc) == MODE_READ ? 16 * rounds : 0);
            assertThat(fresh.devices[channel].terminalCounts).as(row).isEqualTo(rounds);
            assertThat(fresh.residue(channel)).as(row).isEqualTo(auto ? 16 / width - 1 : 0xffff);
            assertThat(fresh.addressOf(channel)).as(row)
                    .isEqualTo(0x1_0100 / width + (auto ? 0 : step * 16 / width) & 0xffff);
            fresh.close();
        }
    }
}

package ferrite.hardware.dma;

import static ferrite.hardware.dma.DmaRegisters.MODE_READ;
import static ferrite.hardware.dma.DmaRegisters.MODE_WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.hardware.bus.BusFault;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.report.UnreachableAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The controller, programmed through its registers as a driver programs it. */
class DmaControllerTest {

    private static final long RAM_BYTES = 0x200_0000;

    private DmaFixture dma = new DmaFixture(RAM_BYTES, DmaPolicy.FAULT);

    @AfterEach
    void close() {
        dma.close();
    }

    private void policyIsWrap() {
        dma.close();
        dma = new DmaFixture(RAM_BYTES, DmaPolicy.WRAP);
    }

    private static byte[] counting(int first, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (first + i);
        }
        return bytes;
    }

    // ---- transfers ----

    @Test
    void aDeviceWritesMemoryAndTheResidueIsFfffAtTerminalCount() {
        dma.program(1, MODE_WRITE, 0x12_3456, 200);
        dma.enable(1);
        dma.request(1, 1000);
        dma.pass(31);
        assertThat(dma.devices[1].terminalCounts).isZero();
        dma.pass(1);
        assertThat(dma.ram(0x12_3456, 200)).isEqualTo(counting(1, 200));
        assertThat(dma.ram(0x12_3455, 1)).containsExactly(0);
        assertThat(dma.ram(0x12_3456 + 200, 1)).containsExactly(0);
        assertThat(dma.residue(1)).isEqualTo(0xffff);
        assertThat(dma.devices[1].terminalCounts).isEqualTo(1);
        assertThat(dma.devices[1].ready).isEqualTo(800);
        assertThat(dma.masks()).as("masked at terminal count").isEqualTo(0b1111);
    }

    @Test
    void aDeviceReadsMemory() {
        dma.bus.write(DmaFixture.HART, 0xff_ff00, counting(50, 256), 0, 256);
        TestDevice expected = new TestDevice("expected");
        expected.accept(TestDevice.bus(counting(50, 256)), 256);
        dma.program(3, MODE_READ, 0xff_ff00, 256);
        dma.enable(3);
        dma.request(3, 256);
        dma.pass(32);
        assertThat(dma.devices[3].accepted).isEqualTo(256);
        assertThat(dma.devices[3].acceptedCrc).isEqualTo(expected.acceptedCrc);
        assertThat(dma.devices[3].terminalCounts).isEqualTo(1);
    }

    @Test
    void sixtyFourBytesMoveEveryEightTicks() {
        dma.program(0, MODE_WRITE, 0x1000, 1000);
        dma.enable(0);
        dma.request(0, 1000);
        for (int tick = 0; tick < 125; tick++) {
            int moved = Math.min(1000, tick / 8 * 64);
            assertThat(dma.ram(0x1000, 1000)).as("tick %d", tick).isEqualTo(Arrays.copyOf(counting(1, moved), 1000));
            assertThat(dma.devices[0].supplied).isEqualTo(moved);
            dma.pass(1);
        }
    }

    @Test
    void aTransferOf65536BytesHasCountFfff() {
        dma.program(2, MODE_WRITE, 0x3_0000, 0x1_0000);
        dma.enable(2);
        dma.request(2, 0x2_0000);
        dma.pass(8191);
        assertThat(dma.devices[2].terminalCounts).isZero();
        dma.pass(1);
        assertThat(dma.devices[2].terminalCounts).isEqualTo(1);
        assertThat(dma.devices[2].supplied).isEqualTo(0x1_0000);
        assertThat(dma.ram(0x3_0000, 0x1_0000)).isEqualTo(counting(1, 0x1_0000));
        assertThat(dma.ram(0x4_0000, 16)).containsOnly(0);
    }

    @Test
    void theAddressCounterWrapsInsideItsPage() {
        dma.program(2, MODE_WRITE, 0x5_fff0, 32);
        dma.enable(2);
        dma.request(2, 32);
        dma.pass(8);
        assertThat(dma.ram(0x5_fff0, 16)).isEqualTo(counting(1, 16));
        assertThat(dma.ram(0x5_0000, 16)).isEqualTo(counting(17, 16));
        assertThat(dma.ram(0x6_0000, 16)).containsOnly(0);
        assertThat(dma.load(DmaRegisters.page(2))).as("no carry into the page").isEqualTo(5);
        dma.store(DmaRegisters.CLEAR_FLIP_FLOP, 0);
        assertThat(dma.load(4) | dma.load(4) << 8).isEqualTo(0x0010);
    }

    @Test
    void aDeviceThatRunsDryPausesTheTransferAndGoesOnLater() {
        dma.program(1, MODE_WRITE, 0x1000, 100);
        dma.enable(1);
        dma.request(1, 10);
        dma.pass(100);
        assertThat(dma.residue(1)).isEqualTo(89);
        assertThat(dma.devices[1].terminalCounts).isZero();
        dma.request(1, 90);
        dma.pass(15);
        assertThat(dma.residue(1)).isEqualTo(25);
        dma.pass(1);
        assertThat(dma.residue(1)).isEqualTo(0xffff);
        assertThat(dma.ram(0x1000, 100)).isEqualTo(counting(1, 100));
    }

    @Test
    void aDroppedRequestStopsTheTransferWhereItIs() {
        dma.program(1, MODE_WRITE, 0x1000, 1000);
        dma.enable(1);
        dma.request(1, 1000);
        dma.pass(16);
        dma.requests[1].set(false);
        dma.pass(1000);
        assertThat(dma.residue(1)).isEqualTo(999 - 128);
        dma.requests[1].set(true);
        dma.pass(8);
        assertThat(dma.residue(1)).isEqualTo(999 - 192);
    }

    @Test
    void memoryThatIsNotThereTakesNothingAndReadsAsOnes() {
        dma.close();
        dma = new DmaFixture(0x2_8000, DmaPolicy.FAULT);
        dma.program(0, MODE_WRITE, 0x2_7ff0, 32);
        dma.enable(0);
        dma.request(0, 32);
        dma.program(1, MODE_READ, 0x2_7ff0, 32);
        dma.enable(1);
        dma.request(1, 32);
        dma.pass(16);
        assertThat(dma.ram(0x2_7ff0, 16)).isEqualTo(counting(1, 16));
        TestDevice expected = new TestDevice("expected");
        byte[] read = counting(1, 32);
        Arrays.fill(read, 16, 32, (byte) 0xff);
        expected.accept(TestDevice.bus(read), 32);
        assertThat(dma.devices[1].acceptedCrc).isEqualTo(expected.acceptedCrc);
    }

    @Test
    void aDeviceMayDropItsRequestAtTerminalCount() {
        dma.devices[1].atTerminalCount = () -> dma.requests[1].set(false);
        dma.program(1, MODE_WRITE, 0x1000, 64);
        dma.enable(1);
        dma.request(1, 640);
        dma.pass(8);
        assertThat(dma.load(DmaRegisters.STATUS)).isEqualTo(0b0000_0010);
        dma.enable(1);
        dma.pass(100);
        assertThat(dma.devices[1].supplied).isEqualTo(64);
    }

    // ---- registers ----

    @Test
    void theFlipFlopAlternatesBetweenLowAndHighByteForReadsAndWritesOfEveryChannel() {
        dma.store(DmaRegisters.CLEAR_FLIP_FLOP, 0);
        dma.store(2, 0x34);
        dma.store(5, 0x12);                          // the flip-flop is shared by all channels: this is a high byte
        dma.store(DmaRegisters.CLEAR_FLIP_FLOP, 0);
        assertThat(dma.load(2)).isEqualTo(0x34);
        assertThat(dma.load(5)).isEqualTo(0x12);
        assertThat(dma.load(5)).isEqualTo(0x00);
        assertThat(dma.load(2)).isEqualTo(0x00);
        dma.load(DmaRegisters.STATUS);
        dma.load(DmaRegisters.ALL_MASKS);
        dma.load(DmaRegisters.page(1));
        assertThat(dma.load(2)).as("other registers leave it alone").isEqualTo(0x34);
        dma.store(DmaRegisters.CLEAR_FLIP_FLOP, 0xff);
        assertThat(dma.load(2)).isEqualTo(0x34);
    }

    @Test
    void theStatusShowsTerminalCountsUntilItIsReadAndRequests() {
        dma.program(1, MODE_WRITE, 0x1000, 64);
        dma.program(3, MODE_WRITE, 0x2000, 64);
        dma.enable(1);
        dma.enable(3);
        dma.request(1, 64);
        dma.request(3, 64);
        assertThat(dma.peek(DmaRegisters.STATUS)).isEqualTo(0b1010_0000);
        dma.pass(16);
        assertThat(dma.peek(DmaRegisters.STATUS)).as("peeking clears nothing").isEqualTo(0b1010_1010);
        assertThat(dma.load(DmaRegisters.STATUS)).isEqualTo(0b1010_1010);
        assertThat(dma.load(DmaRegisters.STATUS)).isEqualTo(0b1010_0000);
        dma.requests[1].set(false);
        assertThat(dma.load(DmaRegisters.STATUS)).isEqualTo(0b1000_0000);
    }

    @Test
    void allMasksAreSetAndClearedTogetherOrOneByOne() {
        assertThat(dma.masks()).isEqualTo(0b1111);
        dma.enable(2);
        assertThat(dma.masks()).isEqualTo(0b1011);
        dma.store(DmaRegisters.ALL_MASKS, 0b0101);
        assertThat(dma.masks()).isEqualTo(0b0101);
        dma.store(DmaRegisters.CLEAR_MASKS, 0);
        assertThat(dma.masks()).isZero();
        dma.disable(3);
        assertThat(dma.masks()).isEqualTo(0b1000);
        dma.store(DmaRegisters.MASTER_CLEAR, 0);
        assertThat(dma.masks()).isEqualTo(0b1111);
    }

    @Test
    void aMaskedChannelAndADisabledControllerMoveNothing() {
        dma.program(1, MODE_WRITE, 0x1000, 640);
        dma.request(1, 640);
        dma.pass(100);
        assertThat(dma.devices[1].supplied).isZero();
        dma.enable(1);
        dma.pass(8);
        dma.store(DmaRegisters.COMMAND, DmaRegisters.COMMAND_DISABLE);
        dma.pass(100);
        assertThat(dma.devices[1].supplied).isEqualTo(64);
        dma.store(DmaRegisters.COMMAND, 0);
        dma.pass(8);
        dma.disable(1);
        dma.pass(100);
        assertThat(dma.devices[1].supplied).isEqualTo(128);
        dma.enable(1);
        dma.store(DmaRegisters.MASTER_CLEAR, 0);
        dma.pass(100);
        assertThat(dma.devices[1].supplied).isEqualTo(128);
    }

    @Test
    void theLowestChannelGoesFirst() {
        dma.program(3, MODE_WRITE, 0x3000, 256);
        dma.enable(3);
        dma.request(3, 256);
        dma.program(1, MODE_WRITE, 0x1000, 128);
        dma.enable(1);
        dma.pass(8);
        assertThat(dma.residue(3)).isEqualTo(191);
        dma.request(1, 128);
        dma.pass(16);
        assertThat(dma.residue(3)).as("waits while channel 1 moves").isEqualTo(191);
        assertThat(dma.residue(1)).isEqualTo(0xffff);
        dma.pass(24);
        assertThat(dma.residue(3)).isEqualTo(0xffff);
    }

    @Test
    void storesThatDoNotConcernATransferDoNotSlowItDown() {
        dma.program(1, MODE_WRITE, 0x1000, 640);
        dma.enable(1);
        dma.request(1, 640);
        for (int polls = 0; polls < 20; polls++) {
            dma.residue(1);
            dma.requests[2].set(polls % 2 == 0);
            dma.pass(4);
        }
        assertThat(dma.residue(1)).isEqualTo(0xffff);
    }

    @Test
    void aStoreInTheVeryTickOfTheLastByteDoesNotLoseTheTerminalCount() {
        dma.program(1, MODE_WRITE, 0x1000, 128);
        dma.enable(1);
        dma.request(1, 1000);
        dma.passUnseen(16);
        dma.store(DmaRegisters.CLEAR_FLIP_FLOP, 0);
        assertThat(dma.devices[1].terminalCounts).isEqualTo(1);
        dma.pass(100);
        assertThat(dma.devices[1].supplied).isEqualTo(128);
        assertThat(dma.devices[1].terminalCounts).isEqualTo(1);
        assertThat(dma.load(DmaRegisters.STATUS) & 0xf).isEqualTo(0b0010);
        assertThat(dma.residue(1)).isEqualTo(0xffff);
    }

    @Test
    void aRefusedModeDisturbsNoTransfer() {
        dma.program(1, MODE_WRITE, 0x1000, 128);
        dma.enable(1);
        dma.request(1, 128);
        dma.pass(4);
        assertThatThrownBy(() -> dma.store(DmaRegisters.MODE, 0x0d)).isInstanceOf(BusFault.class);
        dma.pass(12);
        assertThat(dma.devices[1].terminalCounts).isEqualTo(1);
    }

    @Test
    void portsWithoutARegisterAndWiderAccessesAreBusFaults() {
        for (int port : new int[] {0x10, 0x80, 0x84, 0xc1, 0xdf, 0xe0, 0x400, 0x480, 0x48d, 0x500}) {
            assertThatThrownBy(() -> dma.load(port)).isInstanceOf(BusFault.class);
            assertThatThrownBy(() -> dma.peek(port)).isInstanceOf(BusFault.class);
            assertThatThrownBy(() -> dma.store(port, 0)).isInstanceOf(BusFault.class);
        }
        assertThatThrownBy(() -> dma.bus.load(DmaFixture.HART, DmaFixture.REGISTERS, 2)).isInstanceOf(BusFault.class)
                .hasMessageContaining("one byte wide");
        assertThatThrownBy(() -> dma.bus.store(DmaFixture.HART, DmaFixture.REGISTERS, 4, 0))
                .isInstanceOf(BusFault.class);
    }

    @Test
    void pageRegistersAreWhereThePcHasThem() {
        int[] ports = {0x87, 0x83, 0x81, 0x82, 0x8f, 0x8b, 0x89, 0x8a};
        for (int channel = 0; channel < 8; channel++) {
            dma.store(ports[channel], 0x10 + channel);
            dma.store(0x400 + ports[channel], 0x20 + channel);
        }
        for (int channel = 0; channel < 8; channel++) {
            assertThat(dma.load(ports[channel])).isEqualTo(0x10 + channel);
            assertThat(dma.load(0x400 + ports[channel])).isEqualTo(0x20 + channel);
            int wired = channel < 4 ? 0x10 + channel : 0x10 + channel & 0xfe;
            assertThat(dma.controller.look().get(channel).dma()).isEqualTo((0x20L + channel) << 24 | wired << 16);
        }
    }

    @Test
    void peekingChangesNothing() {
        dma.program(1, MODE_WRITE, 0x1000, 0x100);
        dma.store(DmaRegisters.CLEAR_FLIP_FLOP, 0);
        for (int i = 0; i < 3; i++) {
            assertThat(dma.peek(3)).as("the flip-flop stands still").isEqualTo(0xff);
        }
        assertThat(dma.load(3)).isEqualTo(0xff);
        assertThat(dma.peek(3)).isEqualTo(0x00);
    }

    // ---- the high page register ----

    @Test
    void underFaultAnAddressAbove24BitsIsReportedAndNothingMoves() {
        dma.program(1, MODE_WRITE, 0x0112_3400, 512);
        assertThat(dma.violations).isEmpty();
        dma.enable(1);
        assertThat(dma.violations).containsExactly(new UnreachableAddress(new BusMaster("dma0", 24),
                new UnreachableAddress.Channel(1, "single"), "device1", 0x0112_3400, 0x12_3400, 512, true));
        assertThat(dma.masks()).as("masked again").isEqualTo(0b1111);
        assertThat(dma.load(DmaRegisters.ERROR)).isEqualTo(0b0010);
        dma.request(1, 512);
        dma.pass(1000);
        assertThat(dma.devices[1].supplied).isZero();
        assertThat(dma.devices[1].terminalCounts).isZero();
        assertThat(dma.ram(0x12_3400, 512)).containsOnly(0);
        assertThat(dma.ram(0x112_3400, 512)).containsOnly(0);
        assertThat(dma.violations).hasSize(1);
    }

    @Test
    void theErrorBitStaysUntilAOneIsWrittenToIt() {
        dma.program(1, MODE_READ, 0x0100_0000, 1);
        dma.program(2, MODE_READ, 0x0200_0000, 1);
        dma.enable(1);
        dma.enable(2);
        assertThat(dma.load(DmaRegisters.ERROR)).isEqualTo(0b0110);
        dma.store(DmaRegisters.ERROR, 0b0010);
        assertThat(dma.load(DmaRegisters.ERROR)).isEqualTo(0b0100);
        dma.store(DmaRegisters.ERROR, 0b0001);
        assertThat(dma.load(DmaRegisters.ERROR)).isEqualTo(0b0100);
    }

    @Test
    void everyUnmaskingReportsAnewWhicheverRegisterDoesIt() {
        dma.program(1, MODE_WRITE, 0x0112_3400, 512);
        dma.enable(1);
        dma.enable(1);
        assertThat(dma.violations).hasSize(2);
        dma.store(DmaRegisters.ALL_MASKS, 0b1101);
        assertThat(dma.violations).hasSize(3);
        dma.store(DmaRegisters.ERROR, 0xf);
        dma.store(DmaRegisters.CLEAR_MASKS, 0);
        assertThat(dma.violations).hasSize(4);
        assertThat(dma.load(DmaRegisters.ERROR)).isEqualTo(0b0010);
        assertThat(dma.masks()).isEqualTo(0b0010);
    }

    @Test
    void aRefusedChannelWorksAgainOnceItsAddressIsInReach() {
        dma.program(1, MODE_WRITE, 0x0100_1000, 64);
        dma.request(1, 64);
        dma.enable(1);
        dma.program(1, MODE_WRITE, 0x1000, 64);
        dma.enable(1);
        dma.pass(8);
        assertThat(dma.ram(0x1000, 64)).isEqualTo(counting(1, 64));
        assertThat(dma.violations).hasSize(1);
    }

    @Test
    void theRefusedChannelHoldsUpNoOther() {
        dma.program(0, MODE_WRITE, 0x0100_1000, 64);
        dma.request(0, 64);
        dma.enable(0);
        dma.program(1, MODE_WRITE, 0x1000, 64);
        dma.request(1, 64);
        dma.enable(1);
        dma.pass(8);
        assertThat(dma.devices[1].terminalCounts).isEqualTo(1);
        assertThat(dma.devices[0].supplied).isZero();
    }

    @Test
    void anAddressMovedOutOfReachBehindAnOpenMaskIsCaughtToo() {
        dma.program(1, MODE_WRITE, 0x1000, 64);
        dma.enable(1);
        dma.store(DmaRegisters.highPage(1), 1);
        dma.request(1, 64);
        dma.pass(100);
        assertThat(dma.violations).hasSize(1);
        assertThat(dma.devices[1].supplied).isZero();
    }

    @Test
    void underWrapTheBytesGoToTheTruncatedAddressAndTheViolationIsReported() {
        policyIsWrap();
        dma.program(1, MODE_WRITE, 0x0112_3400, 512);
        dma.request(1, 512);
        dma.enable(1);
        dma.pass(64);
        assertThat(dma.violations).containsExactly(new UnreachableAddress(new BusMaster("dma0", 24),
                new UnreachableAddress.Channel(1, "single"), "device1", 0x0112_3400, 0x12_3400, 512, true));
        assertThat(dma.ram(0x12_3400, 512)).isEqualTo(counting(1, 512));
        assertThat(dma.ram(0x112_3400, 512)).containsOnly(0);
        assertThat(dma.load(DmaRegisters.ERROR)).isZero();
        assertThat(dma.residue(1)).isEqualTo(0xffff);
    }

    @Test
    void underWrapReadsComeFromTheTruncatedAddress() {
        policyIsWrap();
        dma.bus.write(DmaFixture.HART, 0x12_3400, counting(9, 64), 0, 64);
        TestDevice expected = new TestDevice("expected");
        expected.accept(TestDevice.bus(counting(9, 64)), 64);
        dma.program(1, MODE_READ, 0x0112_3400, 64);
        dma.request(1, 64);
        dma.enable(1);
        dma.pass(8);
        assertThat(dma.devices[1].acceptedCrc).isEqualTo(expected.acceptedCrc);
        assertThat(dma.violations).hasSize(1);
        dma.enable(1);
        dma.store(DmaRegisters.CLEAR_MASKS, 0);
        assertThat(dma.violations).hasSize(3);
    }

    // ---- inspection ----

    @Test
    void aCompleteTransferIsToldOnceWithWhereItsBufferWas() {
        List<DmaController.Transfer> told = new ArrayList<>();
        dma.controller.onTransfer(told::add);
        dma.program(1, MODE_WRITE, 0x5_fff0, 100);
        dma.enable(1);
        dma.request(1, 50);
        dma.pass(100);
        assertThat(told).isEmpty();
        dma.request(1, 50);
        dma.pass(100);
        assertThat(told).containsExactly(new DmaController.Transfer(1, 0x5_fff0, 100));
    }

    @Test
    void theMonitorsDmaCommandShowsTheChannels() {
        dma.program(1, MODE_WRITE, 0x1000, 256);
        dma.enable(1);
        dma.request(1, 256);
        dma.program(2, MODE_READ, 0x0100_0000, 2);
        dma.enable(2);
        dma.pass(9);
        List<String> states = new ArrayList<>();
        new DmaCommand(dma.controller).run("").children().forEach(channel -> states.add(channel.name() + ": "
                + channel.value("device") + ", " + channel.value("state") + ", " + channel.value("direction")
                + ", " + channel.value("address") + ", " + channel.value("remaining")));
        assertThat(states).contains(
                "channel 1: device1, moving bytes, requested, device to memory, 0x00001040, 192",
                "channel 2: device2, masked, refused: the address is out of reach, memory to device, 0x01000000, 2");
    }
}

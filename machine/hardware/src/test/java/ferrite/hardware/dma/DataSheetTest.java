package ferrite.hardware.dma;

import static ferrite.hardware.dma.DmaRegisters.COMMAND_ADDRESS_HOLD;
import static ferrite.hardware.dma.DmaRegisters.COMMAND_DISABLE;
import static ferrite.hardware.dma.DmaRegisters.COMMAND_MEMORY_TO_MEMORY;
import static ferrite.hardware.dma.DmaRegisters.COMMAND_ROTATE;
import static ferrite.hardware.dma.DmaRegisters.MODE_AUTO_INITIALISE;
import static ferrite.hardware.dma.DmaRegisters.MODE_BLOCK;
import static ferrite.hardware.dma.DmaRegisters.MODE_DECREMENT;
import static ferrite.hardware.dma.DmaRegisters.MODE_DEMAND;
import static ferrite.hardware.dma.DmaRegisters.MODE_READ;
import static ferrite.hardware.dma.DmaRegisters.MODE_SINGLE;
import static ferrite.hardware.dma.DmaRegisters.MODE_VERIFY;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The other registers of the 8237A data sheet, priorities, memory-to-memory, and the cascade of the PC/AT. */
class DataSheetTest {

    private DmaFixture dma = new DmaFixture(0x200_0000, DmaPolicy.FAULT);

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

    private void startWriting(int channel, int select, long at, int bytes, int ready) {
        dma.programMode(channel, select | MODE_WRITE, at, bytes);
        dma.enable(channel);
        dma.request(channel, ready);
    }

    // ---- command register: priorities ----

    @Test
    void underFixedPriorityChannel0IsHighestAndChannel7Lowest() {
        for (int channel : DmaFixture.CHANNELS) {
            startWriting(channel, MODE_SINGLE, 0x1_0000 * (channel + 1) * 2, 64, 0);
        }
        dma.store(DmaRegisters.COMMAND, COMMAND_DISABLE);
        dma.storeChip(4, DmaRegisters.COMMAND, COMMAND_DISABLE);
        for (int channel : DmaFixture.CHANNELS) {
            dma.request(channel, 64);
        }
        dma.store(DmaRegisters.COMMAND, 0);
        dma.storeChip(4, DmaRegisters.COMMAND, 0);
        List<Integer> order = new ArrayList<>();
        dma.controller.onTransfer(transfer -> order.add(transfer.channel()));
        dma.pass(7 * 8);
        assertThat(order).containsExactly(0, 1, 2, 3, 5, 6, 7);
    }

    @Test
    void underRotatingPriorityTheChannelServedLastBecomesTheLowest() {
        dma.store(DmaRegisters.COMMAND, COMMAND_ROTATE);
        startWriting(1, MODE_SINGLE, 0x1_0000, 1000, 1000);
        startWriting(2, MODE_SINGLE, 0x2_0000, 1000, 1000);
        startWriting(3, MODE_SINGLE, 0x3_0000, 1000, 1000);
        dma.pass(8);
        assertThat(dma.devices[1].supplied).isEqualTo(22);
        assertThat(dma.devices[2].supplied).isEqualTo(21);
        assertThat(dma.devices[3].supplied).isEqualTo(21);
        dma.pass(16);
        assertThat(List.of(dma.devices[1].supplied, dma.devices[2].supplied, dma.devices[3].supplied))
                .containsExactly(64, 64, 64);
    }

    @Test
    void rotatingPriorityTakesTurnsBetweenServicesInBlockModeToo() {
        dma.store(DmaRegisters.COMMAND, COMMAND_ROTATE);
        List<Integer> order = new ArrayList<>();
        dma.controller.onTransfer(transfer -> order.add(transfer.channel()));
        for (int channel : new int[] {0, 2, 3}) {
            dma.programMode(channel, MODE_BLOCK | MODE_WRITE | MODE_AUTO_INITIALISE, 0x1_0000 * channel, 64);
            dma.enable(channel);
            dma.request(channel, 128);
        }
        dma.pass(6 * 8);
        assertThat(order).containsExactly(0, 2, 3, 0, 2, 3);
    }

    @Test
    void aMasterClearMakesChannel0TheHighestAgain() {
        dma.store(DmaRegisters.COMMAND, COMMAND_ROTATE);
        startWriting(1, MODE_SINGLE, 0x1_0000, 64, 64);
        dma.pass(8);
        dma.store(DmaRegisters.MASTER_CLEAR, 0);
        dma.store(DmaRegisters.COMMAND, COMMAND_ROTATE | COMMAND_DISABLE);
        startWriting(1, MODE_BLOCK, 0x1_0000, 64, 64);
        startWriting(2, MODE_BLOCK, 0x2_0000, 64, 64);
        dma.store(DmaRegisters.COMMAND, COMMAND_ROTATE);
        dma.pass(8);
        assertThat(dma.devices[1].terminalCounts).isEqualTo(2);
        assertThat(dma.devices[2].terminalCounts).isZero();
    }

    @Test
    void rotationOfTheSecondControllerTurnsBetweenAllOfTheFirstAndItsOwn() {
        dma.storeChip(4, DmaRegisters.COMMAND, COMMAND_ROTATE);
        startWriting(1, MODE_SINGLE, 0x1_0000, 1000, 1000);
        startWriting(2, MODE_SINGLE, 0x2_0000, 1000, 1000);
        startWriting(6, MODE_SINGLE, 0x4_0000, 1000, 1000);
        dma.pass(24);
        assertThat(dma.devices[1].supplied).as("one byte a turn").isEqualTo(64);
        assertThat(dma.devices[6].supplied)
                .as("one word a turn; two bursts ended with a single byte, too short for a word").isEqualTo(126);
        assertThat(dma.devices[2].supplied).as("fixed priority inside the first").isZero();
    }

    @Test
    void underFixedPriorityAlowerChannelGetsWhatIsLeftOfABurst() {
        startWriting(3, MODE_SINGLE, 0x3_0000, 1000, 1000);
        startWriting(1, MODE_SINGLE, 0x1_0000, 10, 1000);
        dma.pass(8);
        assertThat(dma.devices[1].terminalCounts).isEqualTo(1);
        assertThat(dma.devices[3].supplied).isEqualTo(54);
    }

    // ---- command register: the other bits ----

    @Test
    void theDisableBitStopsOneControllerOnlyUnlessItIsTheOneInFront() {
        startWriting(1, MODE_SINGLE, 0x1_0000, 1000, 1000);
        startWriting(5, MODE_SINGLE, 0x4_0000, 1000, 1000);
        dma.store(DmaRegisters.COMMAND, COMMAND_DISABLE);
        dma.pass(8);
        dma.bus.settle();
        assertThat(dma.devices[1].supplied).isZero();
        assertThat(dma.devices[5].supplied).isEqualTo(64);
        dma.store(DmaRegisters.COMMAND, 0);
        dma.storeChip(4, DmaRegisters.COMMAND, COMMAND_DISABLE);
        dma.pass(100);
        assertThat(dma.devices[1].supplied).isZero();
        assertThat(dma.devices[5].supplied).isEqualTo(64);
    }

    @Test
    void timingAndSenseBitsAreKeptAndChangeNothing() {
        dma.store(DmaRegisters.COMMAND, 0b1110_1000);
        assertThat(dma.load(DmaRegisters.READ_COMMAND)).isEqualTo(0b1110_1000);
        startWriting(1, MODE_SINGLE, 0x1_0000, 64, 64);
        dma.pass(8);
        assertThat(dma.devices[1].terminalCounts).isEqualTo(1);
    }

    // ---- request register ----

    @Test
    void aSoftwareRequestIsServedInBlockModeWhateverTheMaskSaysAndClearedByTerminalCount() {
        for (int channel : new int[] {2, 7}) {
            dma.programMode(channel, MODE_BLOCK | MODE_WRITE, 0x1000, 128);
            dma.devices[channel].ready = 1000;
            dma.softwareRequest(channel);
            int bit = 1 << (channel & 3);
            assertThat(dma.loadChip(channel, DmaRegisters.REQUEST)).isEqualTo(0xf0 | bit);
            assertThat(dma.loadChip(channel, DmaRegisters.STATUS) & bit << 4).isEqualTo(bit << 4);
            dma.pass(16);
            assertThat(dma.ram(0x1000, 128)).isEqualTo(counting(1, 128));
            assertThat(dma.loadChip(channel, DmaRegisters.REQUEST)).isEqualTo(0xf0);
            assertThat(dma.loadChip(channel, DmaRegisters.STATUS)).isEqualTo(bit);
            dma.pass(100);
            assertThat(dma.devices[channel].supplied).isEqualTo(128);
            dma.bus.write(DmaFixture.HART, 0x1000, new byte[128], 0, 128);
        }
    }

    @Test
    void aSoftwareRequestThatIsTakenBackEndsTheBlock() {
        dma.programMode(2, MODE_BLOCK | MODE_WRITE, 0x1000, 1000);
        dma.devices[2].ready = 1000;
        dma.softwareRequest(2);
        dma.pass(16);
        dma.store(DmaRegisters.REQUEST, 2);
        dma.pass(1000);
        assertThat(dma.devices[2].supplied).isEqualTo(128);
    }

    @Test
    void aSoftwareRequestOutsideBlockModeIsRefusedWithASentence() {
        for (int select : new int[] {MODE_DEMAND, MODE_SINGLE}) {
            dma.programMode(2, select | MODE_WRITE, 0x1000, 64);
            assertThatThrownBy(() -> dma.softwareRequest(2))
                    .isInstanceOf(BusFault.class).hasMessageContaining("block mode only")
                    .hasMessageContaining("channel 2");
        }
        assertThatThrownBy(() -> dma.storeChip(4, DmaRegisters.REQUEST, DmaRegisters.SET)).isInstanceOf(BusFault.class)
                .hasMessageContaining("cascade mode");
        dma.store(DmaRegisters.REQUEST, 2);
        assertThat(dma.load(DmaRegisters.REQUEST)).isEqualTo(0xf0);
    }

    // ---- registers that can be read, and commands given by reading ----

    @Test
    void modesAreReadOneAfterTheOtherWithTheChannelBitsAsOnes() {
        int[] modes = {MODE_SINGLE | MODE_READ, MODE_BLOCK | MODE_WRITE, MODE_DEMAND | MODE_DECREMENT,
                MODE_SINGLE | MODE_AUTO_INITIALISE};
        for (int channel = 0; channel < 4; channel++) {
            dma.store(DmaRegisters.MODE, modes[channel] | channel);
        }
        dma.load(DmaRegisters.MODE);
        dma.load(DmaRegisters.CLEAR_MODE_COUNTER);
        assertThat(dma.peek(DmaRegisters.MODE)).as("peeking counts nothing").isEqualTo(modes[0] | 3);
        for (int i = 0; i < 6; i++) {
            assertThat(dma.load(DmaRegisters.MODE)).isEqualTo(modes[i % 4] | 3);
        }
        assertThat(dma.loadChip(4, DmaRegisters.MODE)).as("the other controller counts for itself").isEqualTo(0xc3);
    }

    @Test
    void readingTheFlipFlopsPortMakesTheNextByteTheHighOne() {
        dma.address(1, 0x1234);
        dma.load(DmaRegisters.SET_FLIP_FLOP);
        assertThat(dma.load(DmaRegisters.address(1))).isEqualTo(0x12);
        assertThat(dma.load(DmaRegisters.address(1))).isEqualTo(0x34);
        dma.peek(DmaRegisters.SET_FLIP_FLOP);
        assertThat(dma.load(DmaRegisters.address(1))).isEqualTo(0x12);
    }

    @Test
    void unusedBitsOfRequestsAndMasksReadAsOnes() {
        assertThat(dma.load(DmaRegisters.REQUEST)).isEqualTo(0xf0);
        assertThat(dma.load(DmaRegisters.ALL_MASKS)).isEqualTo(0xff);
        assertThat(dma.loadChip(4, DmaRegisters.ALL_MASKS)).isEqualTo(0xfe);
    }

    @Test
    void eachControllerHasItsOwnFlipFlopStatusAndMasterClear() {
        dma.address(1, 0x1234);
        dma.address(5, 0x5678);
        dma.load(DmaRegisters.address(1));
        assertThat(dma.load(DmaRegisters.address(5))).isEqualTo(0x78);
        assertThat(dma.load(DmaRegisters.address(1))).isEqualTo(0x12);
        startWriting(5, MODE_SINGLE, 0x2_0000, 64, 64);
        dma.pass(8);
        assertThat(dma.load(DmaRegisters.STATUS)).isZero();
        dma.store(DmaRegisters.MASTER_CLEAR, 0);
        assertThat(dma.loadChip(5, DmaRegisters.STATUS)).isEqualTo(0b0010_0010);
        dma.storeChip(5, DmaRegisters.MASTER_CLEAR, 0);
        assertThat(dma.loadChip(5, DmaRegisters.STATUS)).isEqualTo(0b0010_0000);
    }

    @Test
    void aMasterClearLeavesModesAndCountersAlone() {
        dma.programMode(1, MODE_BLOCK | MODE_WRITE, 0x1_2345, 0x100);
        dma.store(DmaRegisters.COMMAND, COMMAND_ROTATE);
        dma.store(DmaRegisters.MASTER_CLEAR, 0);
        assertThat(dma.addressOf(1)).isEqualTo(0x2345);
        assertThat(dma.residue(1)).isEqualTo(0xff);
        assertThat(dma.load(DmaRegisters.READ_COMMAND)).isZero();
        assertThat(dma.controller.look().get(1).mode()).isEqualTo("block");
    }

    // ---- memory to memory ----

    private void programMemoryToMemory(long from, long to, int bytes, int fromFlags, int toFlags) {
        dma.programMode(0, MODE_BLOCK | MODE_READ | fromFlags, from, bytes);
        dma.programMode(1, MODE_BLOCK | MODE_WRITE | toFlags, to, bytes);
        dma.store(DmaRegisters.COMMAND, COMMAND_MEMORY_TO_MEMORY);
    }

    @Test
    void memoryToMemoryCopiesFromChannel0ToChannel1() {
        dma.bus.write(DmaFixture.HART, 0x1_0000, counting(1, 200), 0, 200);
        programMemoryToMemory(0x1_0000, 0x5_1000, 200, 0, 0);
        List<DmaController.Transfer> told = new ArrayList<>();
        dma.controller.onTransfer(told::add);
        dma.softwareRequest(0);
        dma.pass(16);
        assertThat(dma.ram(0x5_1000, 200)).isEqualTo(Arrays.copyOf(counting(1, 128), 200));
        dma.pass(16);
        assertThat(dma.ram(0x5_1000, 201)).isEqualTo(Arrays.copyOf(counting(1, 200), 201));
        assertThat(dma.load(DmaRegisters.STATUS)).as("channel 1 counts").isEqualTo(0b0000_0010);
        assertThat(dma.load(DmaRegisters.TEMPORARY)).as("the last byte").isEqualTo(200);
        assertThat(dma.load(DmaRegisters.REQUEST)).isEqualTo(0xf0);
        assertThat(dma.devices[0].terminalCounts + dma.devices[1].terminalCounts)
                .as("no device is acknowledged").isZero();
        assertThat(told).containsExactly(new DmaController.Transfer(1, 0x5_1000, 200));
        dma.store(DmaRegisters.MASTER_CLEAR, 0);
        assertThat(dma.load(DmaRegisters.TEMPORARY)).as("cleared by a reset").isZero();
    }

    @Test
    void channel0MayHoldItsAddressSoThatMemoryIsFilled() {
        dma.bus.write(DmaFixture.HART, 0x1_0000, counting(42, 2), 0, 2);
        programMemoryToMemory(0x1_0000, 0x2_0000, 500, 0, 0);
        dma.store(DmaRegisters.COMMAND, COMMAND_MEMORY_TO_MEMORY | COMMAND_ADDRESS_HOLD);
        dma.softwareRequest(0);
        dma.pass(64);
        byte[] filled = new byte[501];
        Arrays.fill(filled, 0, 500, (byte) 42);
        assertThat(dma.ram(0x2_0000, 501)).isEqualTo(filled);
        assertThat(dma.addressOf(0)).isZero();
    }

    @Test
    void overlappingCopiesGoByteByByte() {
        dma.bus.write(DmaFixture.HART, 0x1_0000, counting(1, 3), 0, 3);
        programMemoryToMemory(0x1_0000, 0x1_0003, 9, 0, 0);
        dma.softwareRequest(0);
        dma.pass(8);
        assertThat(dma.ram(0x1_0000, 12)).containsExactly(1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3);
    }

    @Test
    void eachOfTheTwoGoesInItsOwnDirection() {
        dma.bus.write(DmaFixture.HART, 0x1_0000, counting(1, 5), 0, 5);
        programMemoryToMemory(0x1_0000, 0x2_0004, 5, 0, MODE_DECREMENT);
        dma.softwareRequest(0);
        dma.pass(8);
        assertThat(dma.ram(0x2_0000, 5)).containsExactly(5, 4, 3, 2, 1);
        assertThat(dma.load(DmaRegisters.TEMPORARY)).isEqualTo(5);
    }

    @Test
    void aShorterChannel0ThatInitialisesItselfBeginsAgain() {
        dma.bus.write(DmaFixture.HART, 0x1_0000, counting(1, 4), 0, 4);
        programMemoryToMemory(0x1_0000, 0x2_0000, 10, MODE_AUTO_INITIALISE, 0);
        dma.count(0, 3);
        dma.softwareRequest(0);
        dma.pass(8);
        assertThat(dma.ram(0x2_0000, 10)).containsExactly(1, 2, 3, 4, 1, 2, 3, 4, 1, 2);
        assertThat(dma.load(DmaRegisters.STATUS)).as("channel 0 has no terminal count of its own").isEqualTo(0b0010);
    }

    @Test
    void bothInitialiseThemselvesSoThatTheNextRequestCopiesAgain() {
        programMemoryToMemory(0x1_0000, 0x2_0000, 10, MODE_AUTO_INITIALISE, MODE_AUTO_INITIALISE);
        for (int round = 1; round <= 3; round++) {
            dma.bus.write(DmaFixture.HART, 0x1_0000, counting(round, 10), 0, 10);
            dma.softwareRequest(0);
            dma.pass(8);
            assertThat(dma.ram(0x2_0000, 10)).isEqualTo(counting(round, 10));
            assertThat(dma.residue(1)).isEqualTo(9);
        }
    }

    @Test
    void verifyAndOtherModesAreNotPermittedInMemoryToMemory() {
        programMemoryToMemory(0x1_0000, 0x2_0000, 10, 0, 0);
        dma.store(DmaRegisters.MODE, MODE_BLOCK | MODE_VERIFY | 1);
        assertThatThrownBy(() -> dma.softwareRequest(0)).isInstanceOf(BusFault.class)
                .hasMessageContaining("verify is not permitted");
        dma.store(DmaRegisters.MODE, MODE_BLOCK | MODE_WRITE | 1);
        dma.store(DmaRegisters.MODE, MODE_SINGLE | MODE_READ);
        assertThatThrownBy(() -> dma.softwareRequest(0)).isInstanceOf(BusFault.class)
                .hasMessageContaining("block transfer");
        assertThatThrownBy(() -> dma.softwareRequest(1)).isInstanceOf(BusFault.class)
                .hasMessageContaining("channel 0 that is requested");
        dma.store(DmaRegisters.MODE, MODE_BLOCK | MODE_READ);
        dma.softwareRequest(0);
        assertThatThrownBy(() -> dma.store(DmaRegisters.MODE, MODE_BLOCK | MODE_VERIFY)).isInstanceOf(BusFault.class);
    }

    @Test
    void theSecondControllerCannotCopyBecauseItsFirstChannelCarriesTheOther() {
        assertThatThrownBy(() -> dma.storeChip(4, DmaRegisters.COMMAND, COMMAND_MEMORY_TO_MEMORY))
                .isInstanceOf(BusFault.class).hasMessageContaining("carries the other controller");
        assertThat(dma.loadChip(4, DmaRegisters.READ_COMMAND)).isZero();
    }

    @Test
    void deviceRequestsOfChannels0And1WaitWhileTheTwoCopy() {
        programMemoryToMemory(0x1_0000, 0x2_0000, 10, 0, 0);
        dma.request(0, 100);
        dma.request(1, 100);
        dma.enable(0);
        dma.enable(1);
        dma.pass(100);
        assertThat(dma.residue(1)).isEqualTo(9);
        assertThat(dma.devices[0].accepted + dma.devices[1].supplied).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void neitherEndOfACopyMayBeOutOfReach(int channel) {
        programMemoryToMemory(0x1_0000, 0x2_0000, 10, 0, 0);
        dma.bus.write(DmaFixture.HART, 0x1_0000, counting(1, 10), 0, 10);
        dma.store(DmaRegisters.highPage(channel), 1);
        dma.softwareRequest(0);
        long asked = channel == 0 ? 0x101_0000 : 0x102_0000;
        assertThat(dma.violations).containsExactly(new UnreachableAddress(new BusMaster("dma0", 24),
                new UnreachableAddress.Channel(channel, "memory-to-memory"), "memory", asked,
                asked & 0xff_ffff, 10, channel == 1));
        assertThat(dma.load(DmaRegisters.ERROR)).isEqualTo(1 << channel);
        dma.pass(100);
        assertThat(dma.ram(0x2_0000, 10)).containsOnly(0);
        dma.store(DmaRegisters.highPage(channel), 0);
        dma.pass(100);
        assertThat(dma.ram(0x2_0000, 10)).as("a refused request is gone").containsOnly(0);
        dma.softwareRequest(0);
        dma.pass(100);
        assertThat(dma.ram(0x2_0000, 10)).isEqualTo(counting(1, 10));
    }

    @Test
    void anEndThatIsMovedOutOfReachBehindARequestIsCaughtToo() {
        programMemoryToMemory(0x1_0000, 0x2_0000, 10, 0, 0);
        dma.store(DmaRegisters.COMMAND, COMMAND_MEMORY_TO_MEMORY | COMMAND_DISABLE);
        dma.softwareRequest(0);
        dma.store(DmaRegisters.highPage(1), 1);
        assertThat(dma.violations).isEmpty();
        dma.store(DmaRegisters.COMMAND, COMMAND_MEMORY_TO_MEMORY);
        assertThat(dma.violations).hasSize(1);
        dma.pass(100);
        assertThat(dma.residue(1)).isEqualTo(9);
    }

    @Test
    void whatAHartStoresIntoTheSourceIsCopiedIfItComesBeforeTheCopy() {
        dma.bus.write(DmaFixture.HART, 0x1_0000, counting(1, 256), 0, 256);
        programMemoryToMemory(0x1_0000, 0x2_0000, 256, 0, 0);
        dma.softwareRequest(0);
        dma.pass(16);
        dma.bus.write(DmaFixture.HART, 0x1_0000, new byte[256], 0, 256);
        dma.pass(16);
        assertThat(dma.ram(0x2_0000, 256)).isEqualTo(Arrays.copyOf(counting(1, 128), 256));
    }

    // ---- the pair ----

    @Test
    void afterAResetChannels0To3WaitForChannel4() {
        dma.storeChip(4, DmaRegisters.SINGLE_MASK, DmaRegisters.SET);
        startWriting(1, MODE_SINGLE, 0x1_0000, 64, 64);
        startWriting(6, MODE_SINGLE, 0x2_0000, 64, 64);
        dma.pass(100);
        assertThat(dma.devices[1].supplied).isZero();
        assertThat(dma.devices[6].supplied).isEqualTo(64);
        assertThat(dma.loadChip(4, DmaRegisters.STATUS) >> 4 & 1)
                .as("HRQ of the first is DREQ of channel 4").isEqualTo(1);
        dma.openCascade();
        dma.pass(8);
        assertThat(dma.devices[1].supplied).isEqualTo(64);
        assertThat(dma.loadChip(4, DmaRegisters.STATUS) >> 4 & 1).isZero();
    }

    @Test
    void unmaskingChannel4IsNotEnoughBeforeItIsInCascadeMode() {
        DmaController fresh = new DmaController("dma1", dma.bus, dma.clock, DmaPolicy.FAULT, dma.violations::add);
        TestDevice device = new TestDevice("device");
        fresh.connect(2, device);
        fresh.store(DmaRegisters.port(4, DmaRegisters.SINGLE_MASK), 1, 0);
        fresh.store(DmaRegisters.MODE, 1, MODE_BLOCK | MODE_WRITE | 2);
        fresh.store(DmaRegisters.REQUEST, 1, DmaRegisters.SET | 2);
        dma.pass(100);
        assertThat(fresh.peek(DmaRegisters.count(2), 1)).isZero();
        fresh.store(DmaRegisters.port(4, DmaRegisters.MODE), 1, 0xc0);
        dma.pass(8);
        assertThat(fresh.peek(DmaRegisters.count(2), 1)).isEqualTo(0xff);
    }

    @Test
    void channel4KnowsCascadeModeOnlyAndTakesNoDevice() {
        for (int mode = 0; mode < 0xc0; mode += 4) {
            int asked = mode;
            assertThatThrownBy(() -> dma.storeChip(4, DmaRegisters.MODE, asked)).isInstanceOf(BusFault.class)
                    .hasMessageContaining("cascade mode only");
        }
        assertThatThrownBy(() -> dma.controller.connect(4, dma.devices[5])).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("device5 needs one of the others");
    }

    @Test
    void channels5To7CountWordsAndIgnoreBit0OfThePage() {
        dma.program(5, MODE_WRITE, 0xa_0000, 0x2_0000);
        dma.store(DmaRegisters.page(5), 0x0b);
        dma.enable(5);
        dma.request(5, 0x3_0000);
        dma.pass(0x2_0000 / 8 - 1);
        assertThat(dma.devices[5].terminalCounts).isZero();
        dma.pass(1);
        assertThat(dma.devices[5].terminalCounts).isEqualTo(1);
        assertThat(dma.devices[5].supplied).isEqualTo(0x2_0000);
        assertThat(dma.ram(0xa_0000, 0x2_0000)).isEqualTo(counting(1, 0x2_0000));
        assertThat(dma.load(DmaRegisters.page(5))).as("the register keeps it").isEqualTo(0x0b);
    }

    @Test
    void aWordChannelLeavesTheOddByteOfADeviceAlone() {
        startWriting(7, MODE_DEMAND, 0x2_0000, 100, 5);
        dma.pass(100);
        assertThat(dma.devices[7].ready).isEqualTo(1);
        assertThat(dma.ram(0x2_0000, 6)).containsExactly(1, 2, 3, 4, 0, 0);
    }

    @Test
    void aWordChannelOutOfReachIsReportedInBytes() {
        dma.programMode(6, MODE_DEMAND | MODE_READ, 0x0302_0010, 300);
        dma.enable(6);
        assertThat(dma.violations).containsExactly(new UnreachableAddress(new BusMaster("dma0", 24),
                new UnreachableAddress.Channel(6, "demand"), "device6", 0x0302_0010, 0x02_0010, 300, false));
        assertThat(dma.load(DmaRegisters.ERROR)).isEqualTo(1 << 6);
        assertThat(dma.loadChip(6, DmaRegisters.ALL_MASKS) >> 2 & 1).isEqualTo(1);
        dma.store(DmaRegisters.ERROR, 1 << 6);
        assertThat(dma.load(DmaRegisters.ERROR)).isZero();
    }

    @Test
    void aBusMastersChannelHasNoAddressThatCouldBeOutOfReach() {
        dma.programMode(5, DmaRegisters.MODE_CASCADE, 0x0302_0010, 2);
        dma.enable(5);
        dma.request(5, 2);
        dma.pass(8);
        assertThat(dma.violations).isEmpty();
        assertThat(dma.controller.look().get(5).active()).isTrue();
        dma.storeChip(5, DmaRegisters.MODE, MODE_SINGLE | MODE_WRITE | 1);
        assertThat(dma.violations).as("an address that counts again").hasSize(1);
    }

    @Test
    void aSoftwareRequestOutOfReachIsRefusedToo() {
        dma.programMode(3, MODE_BLOCK | MODE_WRITE, 0x0100_0000, 10);
        dma.softwareRequest(3);
        assertThat(dma.violations).hasSize(1);
        assertThat(dma.violations.get(0).channel().mode()).isEqualTo("block");
        assertThat(dma.load(DmaRegisters.REQUEST)).isEqualTo(0xf0);
        assertThat(dma.load(DmaRegisters.ERROR)).isEqualTo(1 << 3);
    }

    @Test
    void aTransferThatCountsDownIsToldWithTheStartOfItsBuffer() {
        List<DmaController.Transfer> told = new ArrayList<>();
        dma.controller.onTransfer(told::add);
        dma.programMode(5, MODE_SINGLE | MODE_WRITE | MODE_DECREMENT, 0x2_00fe, 64);
        dma.enable(5);
        dma.request(5, 64);
        dma.pass(8);
        assertThat(told).containsExactly(new DmaController.Transfer(5, 0x2_00c0, 64));
    }

    @Test
    void theMonitorShowsAllChannelsWithTheirModes() {
        dma.programMode(6, MODE_BLOCK | MODE_READ, 0x2_0000, 64);
        List<String> lines = new ArrayList<>();
        new DmaCommand(dma.controller).run("").children()
                .forEach(channel ->
                        lines.add(channel.name() + " " + channel.value("mode") + " " + channel.value("direction")));
        assertThat(lines).hasSize(8).contains("channel 4 cascade set by its bus master",
                "channel 6 block memory to device", "channel 0 demand none, verify only");
    }
}

package ferrite.peripherals.virtio;

import static ferrite.peripherals.virtio.VirtioRig.EVENT_IDX;
import static ferrite.peripherals.virtio.VirtioRig.INDIRECT_DESC;
import static ferrite.peripherals.virtio.VirtioRig.RUNNING;
import static ferrite.peripherals.virtio.VirtioRig.VERSION_1;
import static ferrite.peripherals.virtio.VirtioRig.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.hardware.bus.BusFault;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The registers of table 4.1, one by one, and a driver's allowed accesses. The device is the simplest one, entropy. */
class VirtioMmioTest {

    private static final int NEEDS_RESET = VirtioRegisters.DEVICE_NEEDS_RESET;

    private final VirtioRig rig = VirtioRig.entropy();

    private long offered() {
        rig.store(VirtioRegisters.DEVICE_FEATURES_SEL, 0);
        long low = rig.load(VirtioRegisters.DEVICE_FEATURES) & 0xffff_ffffL;
        rig.store(VirtioRegisters.DEVICE_FEATURES_SEL, 1);
        return low | (long) rig.load(VirtioRegisters.DEVICE_FEATURES) << 32;
    }

    private void requireBroken(String why) {
        assertThat(rig.needsReset()).isTrue();
        assertThat(rig.transport.broken()).contains(why);
    }

    // ---- readable and writable registers ----

    @Test
    void aProbeFindsWhatIsThere() {
        assertThat(rig.load(VirtioRegisters.MAGIC_VALUE)).isEqualTo(0x74726976);
        assertThat(rig.load(VirtioRegisters.VERSION)).isEqualTo(2);
        assertThat(rig.load(VirtioRegisters.DEVICE_ID)).isEqualTo(4);
        assertThat(rig.load(VirtioRegisters.VENDOR_ID)).isEqualTo(0x554d4551);
    }

    @Test
    void atPowerOnNothingIsSet() {
        for (int register : new int[] {0x044, 0x060, 0x070, 0x0fc}) {
            assertThat(rig.load(register)).as("register 0x%x", register).isZero();
        }
        assertThat(rig.interrupt).isFalse();
    }

    static IntStream writeOnly() {
        return IntStream.of(0x014, 0x020, 0x024, 0x030, 0x038, 0x050, 0x064, 0x080, 0x084, 0x090, 0x094,
                0x0a0, 0x0a4, 0x0ac);
    }

    static IntStream readOnly() {
        return IntStream.of(0x000, 0x004, 0x008, 0x00c, 0x010, 0x034, 0x060, 0x0b0, 0x0b4, 0x0b8, 0x0bc, 0x0fc);
    }

    /**
     * Offsets without a register. QueueReset, 0xc0, exists only with VIRTIO_F_RING_RESET, which is not offered; 0x028
     * and 0x03c belong to the legacy interface.
     */
    static IntStream nothing() {
        return IntStream.of(0x018, 0x01c, 0x028, 0x02c, 0x03c, 0x040, 0x048, 0x054, 0x068, 0x074, 0x088, 0x098,
                0x0a8, 0x0c0, 0x0f8);
    }

    @ParameterizedTest
    @MethodSource({"writeOnly", "nothing"})
    void whatCannotBeReadIsABusFault(int register) {
        assertThatThrownBy(() -> rig.load(register)).isInstanceOf(BusFault.class)
                .hasMessageContaining("no register to read here");
        assertThatThrownBy(() -> rig.bus.peek(VirtioRig.SLOT + register, 4)).isInstanceOf(BusFault.class);
    }

    @ParameterizedTest
    @MethodSource({"readOnly", "nothing"})
    void whatCannotBeWrittenIsABusFault(int register) {
        assertThatThrownBy(() -> rig.store(register, 1)).isInstanceOf(BusFault.class)
                .hasMessageContaining("no register to write here");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void registersAreWords(int width) {
        assertThatThrownBy(() -> rig.transport.load(VirtioRegisters.STATUS, width)).isInstanceOf(BusFault.class)
                .hasMessageContaining("has only registers of one word");
        assertThatThrownBy(() -> rig.transport.store(VirtioRegisters.STATUS, width, 1)).isInstanceOf(BusFault.class);
        assertThat(rig.status()).isZero();
    }

    @Test
    void theConfigurationOfADeviceThatHasNoneIsABusFault() {
        assertThatThrownBy(() -> rig.load(VirtioRegisters.CONFIG)).isInstanceOf(BusFault.class)
                .hasMessageContaining("has 0 bytes");
        assertThatThrownBy(() -> rig.store(VirtioRegisters.CONFIG, 1)).isInstanceOf(BusFault.class)
                .hasMessageContaining("cannot be written");
    }

    @Test
    void thereIsNoSharedMemory() {
        rig.store(VirtioRegisters.SHM_SEL, 3);
        for (int register : new int[] {0x0b0, 0x0b4, 0x0b8, 0x0bc}) {
            assertThat(rig.load(register)).isEqualTo(-1);
        }
    }

    // ---- features (section 2.2) ----

    @Test
    void itOffersVersionOneAndIndirectDescriptorsAndEventIndices() {
        assertThat(offered()).isEqualTo(VERSION_1 | INDIRECT_DESC | EVENT_IDX);
        for (int beyond : new int[] {2, 3, 0x8000_0000, -1}) {
            rig.store(VirtioRegisters.DEVICE_FEATURES_SEL, beyond);
            assertThat(rig.load(VirtioRegisters.DEVICE_FEATURES)).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource({"0x100000000, true", "0x130000000, true", "0x120000000, true", "0, true", "0x30000000, true",
            "0x100000001, false", "0x300000000, false"})
    void featuresAreAgreedOnIfAllWereOffered(String features, boolean agreed) {
        rig.addStatus(VirtioRegisters.ACKNOWLEDGE | VirtioRegisters.DRIVER);
        rig.acceptFeatures(Long.decode(features));
        rig.addStatus(VirtioRegisters.FEATURES_OK);
        assertThat(rig.status()).isEqualTo(VirtioRegisters.ACKNOWLEDGE | VirtioRegisters.DRIVER
                | (agreed ? VirtioRegisters.FEATURES_OK : 0));
    }

    @Test
    void aDriverThatWasRefusedMayTryAgain() {
        rig.negotiate(1);
        assertThat(rig.status() & VirtioRegisters.FEATURES_OK).isZero();
        rig.acceptFeatures(VERSION_1);
        rig.addStatus(VirtioRegisters.FEATURES_OK);
        assertThat(rig.status() & VirtioRegisters.FEATURES_OK).isNotZero();
    }

    @Test
    void featuresAreSettledByFeaturesOk() {
        rig.negotiate(0);
        rig.acceptFeatures(VERSION_1 | EVENT_IDX);
        requireBroken("after FEATURES_OK");
    }

    @Test
    void thereAreNoFeaturesBeyondBitSixtyThree() {
        rig.store(VirtioRegisters.DRIVER_FEATURES_SEL, 2);
        rig.store(VirtioRegisters.DRIVER_FEATURES, 0);
        assertThat(rig.needsReset()).isFalse();
        rig.store(VirtioRegisters.DRIVER_FEATURES, 1);
        requireBroken("above bit 63");
    }

    // ---- status (section 2.1) ----

    @Test
    void theStatusGoesUpBitByBit() {
        int expected = 0;
        for (int bit : new int[] {VirtioRegisters.ACKNOWLEDGE, VirtioRegisters.DRIVER}) {
            rig.addStatus(bit);
            expected |= bit;
            assertThat(rig.status()).isEqualTo(expected);
        }
        rig.acceptFeatures(VERSION_1);
        rig.addStatus(VirtioRegisters.FEATURES_OK);
        rig.addStatus(VirtioRegisters.DRIVER_OK);
        assertThat(rig.status()).isEqualTo(RUNNING);
        rig.addStatus(VirtioRegisters.FAILED);
        assertThat(rig.status()).isEqualTo(RUNNING | VirtioRegisters.FAILED);
    }

    @Test
    void bitsThatAreNotTheDriversAreNotSetByIt() {
        rig.store(VirtioRegisters.STATUS, 0xffff_ff70 | VirtioRegisters.ACKNOWLEDGE);
        assertThat(rig.status()).isEqualTo(VirtioRegisters.ACKNOWLEDGE);
    }

    @Test
    void aBitCannotBeClearedByItself() {
        rig.addStatus(VirtioRegisters.ACKNOWLEDGE | VirtioRegisters.DRIVER);
        rig.store(VirtioRegisters.STATUS, VirtioRegisters.DRIVER);
        requireBroken("cannot be cleared alone");
    }

    @Test
    void driverOkWithoutFeaturesOkIsAMistakeThatNoInterruptTellsOf() {
        rig.addStatus(VirtioRegisters.ACKNOWLEDGE | VirtioRegisters.DRIVER);
        rig.addStatus(VirtioRegisters.DRIVER_OK);
        requireBroken("without FEATURES_OK");
        assertThat(rig.status()).isEqualTo(VirtioRegisters.ACKNOWLEDGE | VirtioRegisters.DRIVER | NEEDS_RESET);
        assertThat(rig.interrupt).as("a driver that is not running gets none").isFalse();
    }

    @Test
    void zeroIsAResetThatForgetsEverything() {
        rig.start(EVENT_IDX);
        rig.descriptor(VirtioRig.table(0), 0, VirtioRig.BUFFER, 4, WRITE, 0);
        rig.send(0, 0);
        rig.finish();
        assertThat(rig.interrupt).isTrue();
        rig.send(0, 0);
        rig.store(VirtioRegisters.STATUS, 0);
        assertThat(rig.status()).isZero();
        assertThat(rig.load(VirtioRegisters.INTERRUPT_STATUS)).isZero();
        assertThat(rig.interrupt).isFalse();
        assertThat(rig.load(VirtioRegisters.QUEUE_READY)).isZero();
        byte[] memory = rig.bytes(VirtioRig.RAM, VirtioRig.RAM_BYTES);
        rig.finish();
        assertThat(rig.bytes(VirtioRig.RAM, VirtioRig.RAM_BYTES)).as("what was in flight is dropped").isEqualTo(memory);
        assertThat(rig.transport.features().accepted()).as("no feature is accepted any more").isZero();
    }

    // ---- needs reset (section 2.1.2) ----

    @Test
    void aMistakeOfARunningDriverIsAChangeOfConfigurationAndStopsTheDevice() {
        rig.start(0);
        rig.notifyDevice(5);
        requireBroken("queue 5 is notified, but it is not ready");
        assertThat(rig.status()).isEqualTo(RUNNING | NEEDS_RESET);
        assertThat(rig.load(VirtioRegisters.INTERRUPT_STATUS)).isEqualTo(VirtioRegisters.CONFIGURATION_CHANGE);
        assertThat(rig.interrupt).isTrue();
        rig.acknowledge();
        assertThat(rig.interrupt).isFalse();

        rig.descriptor(VirtioRig.table(0), 0, VirtioRig.BUFFER, 4, WRITE, 0);
        rig.send(0, 0);
        rig.finish();
        assertThat(rig.used(0)).as("it does nothing").isZero();
        rig.notifyDevice(9);
        assertThat(rig.transport.broken()).as("the first mistake is kept").contains("queue 5");
        assertThat(rig.interrupt).isFalse();
    }

    @Test
    void whatWasInFlightWhenTheMistakeWasMadeIsDropped() {
        rig.start(0);
        rig.descriptor(VirtioRig.table(0), 0, VirtioRig.BUFFER, 4, WRITE, 0);
        rig.send(0, 0);
        rig.notifyDevice(5);
        rig.finish();
        assertThat(rig.used(0)).isZero();
        assertThat(rig.bytes(VirtioRig.BUFFER, 4)).containsOnly(0);
    }

    @Test
    void afterAResetItWorksAgain() {
        rig.start(0);
        rig.notifyDevice(5);
        rig.setAvailable(0, 0);
        rig.start(0);
        assertThat(rig.status()).isEqualTo(RUNNING);
        assertThat(rig.transport.broken()).isEmpty();
        rig.descriptor(VirtioRig.table(0), 0, VirtioRig.BUFFER, 4, WRITE, 0);
        rig.send(0, 0);
        rig.finish();
        assertThat(rig.used(0)).isEqualTo(1);
    }

    // ---- queues ----

    @Test
    void aQueueThatIsNotThereHasNoDescriptors() {
        assertThat(rig.load(VirtioRegisters.QUEUE_NUM_MAX)).isEqualTo(256);
        for (int queue : new int[] {1, 2, 0x7fff_ffff, -1}) {
            rig.store(VirtioRegisters.QUEUE_SEL, queue);
            assertThat(rig.load(VirtioRegisters.QUEUE_NUM_MAX)).isZero();
            assertThat(rig.load(VirtioRegisters.QUEUE_READY)).isZero();
        }
        rig.store(VirtioRegisters.QUEUE_NUM, 8);
        requireBroken("queue 4294967295 is selected; the device has only 1");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 257, 512, -1, 0x8000_0000, 1 << 16})
    void aSizeThatIsNoPowerOfTwoUpToTheMaximumIsAMistake(int size) {
        rig.negotiate(0);
        rig.size = size;
        rig.setUp(0);
        rig.store(VirtioRegisters.QUEUE_READY, 1);
        requireBroken("a power of two up to 256 would be right");
        assertThat(rig.load(VirtioRegisters.QUEUE_READY)).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "0x080, 0x80001008, a multiple of 16", "0x090, 0x80001001, a multiple of 2",
        "0x0a0, 0x80001002, a multiple of 4", "0x080, 0x7ffffff0, not in RAM", "0x080, 0x800fff90, not in RAM",
        "0x090, 0x800fffec, not in RAM", "0x0a0, 0x800fffbc, not in RAM",
        "0x080, 0, not in RAM", "0x090, 0x10008000, not in RAM", "0x0a0, 0x180001000, not in RAM",
        "0x080, 0x7ffffffffffffff0, not in RAM", "0x080, -16, not in RAM", "0x0a0, -9223372036854775808, not in RAM"})
    void anAreaThatIsMisalignedOrNoMemoryIsAMistake(String register, String address, String why) {
        rig.negotiate(0);
        rig.setUp(0);
        rig.setAddress(Integer.decode(register), Long.decode(address));
        rig.store(VirtioRegisters.QUEUE_READY, 1);
        requireBroken(why);
        assertThat(rig.load(VirtioRegisters.QUEUE_READY)).isZero();
    }

    @ParameterizedTest
    @CsvSource({"0x080, 0x800fff80", "0x090, 0x800fffea", "0x0a0, 0x800fffb8", "0x080, 0x80000000"})
    void anAreaMayGoUpToTheEndOfMemory(String register, String address) {
        rig.negotiate(0);
        rig.setUp(0);
        rig.setAddress(Integer.decode(register), Long.decode(address));
        rig.store(VirtioRegisters.QUEUE_READY, 1);
        assertThat(rig.load(VirtioRegisters.QUEUE_READY)).as(rig.transport.broken()).isEqualTo(1);
    }

    @Test
    void aQueueIsNotSetUpWhileItIsReady() {
        rig.start(0);
        rig.store(VirtioRegisters.QUEUE_DESC_LOW, 0);
        requireBroken("queue 0 is already ready");
    }

    @Test
    void aQueueThatIsStoppedIsLeftAlone() {
        rig.start(0);
        rig.descriptor(VirtioRig.table(0), 0, VirtioRig.BUFFER, 4, WRITE, 0);
        rig.send(0, 0);
        rig.store(VirtioRegisters.QUEUE_READY, 0);
        assertThat(rig.load(VirtioRegisters.QUEUE_READY)).isZero();
        rig.finish();
        assertThat(rig.used(0)).isZero();
        assertThat(rig.bytes(VirtioRig.BUFFER, 4)).containsOnly(0);
        rig.notifyDevice(0);
        requireBroken("not ready");
    }

    @Test
    void readyIsZeroOrOne() {
        rig.negotiate(0);
        rig.setUp(0);
        rig.store(VirtioRegisters.QUEUE_READY, 2);
        requireBroken("0 or 1 would be right");
    }

    @Test
    void nobodyIsNotifiedBeforeDriverOkButWhatIsThereThenIsSeen() {
        rig.negotiate(0);
        rig.setUp(0);
        rig.store(VirtioRegisters.QUEUE_READY, 1);
        rig.descriptor(VirtioRig.table(0), 0, VirtioRig.BUFFER, 4, WRITE, 0);
        rig.offer(0, 0);
        rig.finish();
        assertThat(rig.used(0)).isZero();
        rig.addStatus(VirtioRegisters.DRIVER_OK);
        rig.finish();
        assertThat(rig.used(0)).isEqualTo(1);

        rig.negotiate(0);
        rig.setUp(0);
        rig.store(VirtioRegisters.QUEUE_READY, 1);
        rig.notifyDevice(0);
        requireBroken("before DRIVER_OK");
    }

    // ---- state ----

    @Test
    void itsStateIsSavedAndRestored() {
        rig.start(EVENT_IDX);
        rig.store(VirtioRegisters.DEVICE_FEATURES_SEL, 1);
        rig.notifyDevice(7);
        byte[] saved = rig.save();
        VirtioRig other = VirtioRig.entropy();
        other.restore(saved);
        for (int register : new int[] {0x008, 0x010, 0x034, 0x044, 0x060, 0x070}) {
            assertThat(other.load(register)).as("register 0x%x", register).isEqualTo(rig.load(register));
        }
        assertThat(other.transport.broken()).isEqualTo(rig.transport.broken());
        assertThat(other.transport.features().accepted()).isEqualTo(VERSION_1 | EVENT_IDX);
        assertThat(other.save()).isEqualTo(saved);
    }
}

package ferrite.peripherals.copier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.hardware.bus.BusFault;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.bus.PhysicalBus;
import ferrite.hardware.bus.Ram;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.report.UnreachableAddress;
import ferrite.hardware.state.StateException;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The copy engine through its registers, with RAM and a clock. There is no kernel: the test is the software. */
class CopierTest {

    private static final BusMaster SOFTWARE = new BusMaster("test", 32);
    private static final long RAM = (80L << 20) - 0x1000;
    private static final long CHAIN = 0x1000;
    private static final long FROM = 0x10_0000;
    private static final long TO = 0x20_0000;

    private final Clock clock = new Clock();
    private final PhysicalBus bus = new PhysicalBus(new Ram(0, RAM));
    private final List<UnreachableAddress> violations = new ArrayList<>();
    private boolean interrupt;
    private final Copier copier = engine(32);

    private Copier engine(int wires) {
        return new Copier("copier0", bus, clock, level -> interrupt = level, wires, violations::add);
    }

    private static void store(Copier engine, int register, int value) {
        engine.store(register, 4, value);
    }

    private int load(int register) {
        return copier.load(register, 4);
    }

    private void descriptor(int number, long source, long target, int length, long next) {
        long at = CHAIN + 32L * number;
        for (long[] field : new long[][] {{CopierRegisters.SOURCE, source}, {CopierRegisters.TARGET, target},
                {CopierRegisters.LENGTH, length}, {CopierRegisters.NEXT, next}, {CopierRegisters.RESULT, 0}}) {
            bus.store(SOFTWARE, at + field[0], 4, (int) field[1]);
        }
    }

    private int result(int number) {
        return bus.load(SOFTWARE, CHAIN + 32L * number + CopierRegisters.RESULT, 4);
    }

    private byte[] bytes(long at, int length) {
        byte[] found = new byte[length];
        bus.read(SOFTWARE, at, found, 0, length);
        return found;
    }

    private byte[] random(long at, int length, int seed) {
        byte[] some = new byte[length];
        new Random(seed).nextBytes(some);
        bus.write(SOFTWARE, at, some, 0, length);
        return some;
    }

    private void start(long chain) {
        store(copier, CopierRegisters.DESCRIPTOR, (int) chain);
        store(copier, CopierRegisters.COMMAND, CopierRegisters.START);
    }

    private void step(int events) {
        for (int i = 0; i < events && clock.nextDue() != Long.MAX_VALUE; i++) {
            clock.jumpTo(clock.nextDue());
            clock.fireDue();
        }
    }

    private void finish() {
        step(Integer.MAX_VALUE);
    }

    private void failed(int error, long address) {
        finish();
        assertThat(load(CopierRegisters.STATUS)).isEqualTo(CopierRegisters.DONE | CopierRegisters.FAILED);
        assertThat(load(CopierRegisters.ERROR)).isEqualTo(error);
        assertThat(load(CopierRegisters.ERROR_ADDRESS)).isEqualTo((int) address);
        assertThat(interrupt).isTrue();
    }

    @Test
    void aChainIsCopiedPieceByPieceAndEachDescriptorSaysSo() {
        byte[] first = random(FROM + 3, 1000, 1);
        byte[] second = random(FROM + 0x2_0000, 0x1_0000, 2);
        descriptor(0, FROM + 3, TO + 5, 1000, CHAIN + 64);
        descriptor(2, FROM + 0x2_0000, TO + 0x4_0000, 0x1_0000, 0);
        start(CHAIN);
        assertThat(load(CopierRegisters.STATUS)).isEqualTo(CopierRegisters.BUSY);
        finish();
        assertThat(load(CopierRegisters.STATUS)).isEqualTo(CopierRegisters.DONE);
        assertThat(bytes(TO + 5, 1000)).isEqualTo(first);
        assertThat(bytes(TO, 5)).containsOnly(0);
        assertThat(bytes(TO + 1005, 5)).containsOnly(0);
        assertThat(bytes(TO + 0x4_0000, 0x1_0000)).isEqualTo(second);
        assertThat(result(0)).isEqualTo(CopierRegisters.COMPLETE);
        assertThat(result(2)).isEqualTo(CopierRegisters.COMPLETE);
        assertThat(load(CopierRegisters.COPIED)).isEqualTo(0x1_0000 + 1000);
        assertThat(load(CopierRegisters.DESCRIPTORS)).isEqualTo(2);
        assertThat(interrupt).isTrue();
        store(copier, CopierRegisters.STATUS, CopierRegisters.DONE);
        assertThat(interrupt).isFalse();
        assertThat(load(CopierRegisters.STATUS)).isZero();
    }

    @Test
    void atMostOneBurstIsMovedAtATimeSoThatATransferIsInFlight() {
        byte[] all = random(FROM, 10_000, 3);
        descriptor(0, FROM, TO, 10_000, 0);
        start(CHAIN);
        long began = clock.now();
        step(1 + 7);
        assertThat(clock.now() - began).isEqualTo(8L * Copier.BURST_TICKS);
        assertThat(load(CopierRegisters.COPIED)).isEqualTo(7 * Copier.BURST_BYTES);
        assertThat(bytes(TO, 7 * Copier.BURST_BYTES)).isEqualTo(java.util.Arrays.copyOf(all, 7 * Copier.BURST_BYTES));
        assertThat(bytes(TO + 7 * Copier.BURST_BYTES, 100)).containsOnly(0);
        store(copier, CopierRegisters.COMMAND, CopierRegisters.START);
        step(1);
        assertThat(load(CopierRegisters.COPIED)).as("a start while it runs is lost").isEqualTo(8 * Copier.BURST_BYTES);
        store(copier, CopierRegisters.COMMAND, CopierRegisters.ABORT);
        failed(CopierRegisters.ABORTED, CHAIN);
        assertThat(load(CopierRegisters.COPIED)).isEqualTo(8 * Copier.BURST_BYTES);
    }

    @ParameterizedTest
    @ValueSource(ints = {24, 25, 26})
    void anAddressThatNeedsMoreWiresIsRefusedAndReportedAndItsNeighbourIsNot(int bits) {
        store(copier, CopierRegisters.WIDTH, bits);
        assertThat(load(CopierRegisters.WIDTH)).isEqualTo(bits);
        long end = 1L << bits;
        byte[] last = random(end - 512, 512, bits);
        descriptor(0, end - 512, TO, 512, 0);
        start(CHAIN);
        finish();
        assertThat(bytes(TO, 512)).isEqualTo(last);
        assertThat(violations).isEmpty();
        descriptor(0, FROM, end, 16, 0);
        byte[] before = bytes(0, 4096);
        start(CHAIN);
        failed(CopierRegisters.OUT_OF_REACH, end);
        assertThat(bytes(0, 4096)).as("what the lower bits of the address mean").isEqualTo(before);
        assertThat(violations).singleElement()
                .isEqualTo(new UnreachableAddress(new BusMaster("copier0", bits), null, "copier0", end, 0, 16, true));
        descriptor(0, end - 8, TO, 16, 0);
        start(CHAIN);
        failed(CopierRegisters.BAD_DESCRIPTOR, CHAIN);       // crosses a boundary of the counters, at any width
        descriptor(0, end, TO, 16, 0);
        start(CHAIN);
        failed(CopierRegisters.OUT_OF_REACH, end);
        start(end);
        failed(CopierRegisters.OUT_OF_REACH, end);
        assertThat(violations).hasSize(3);
    }

    @Test
    void itsWidthIsBetween24AndItsWires() {
        Copier narrow = engine(28);
        assertThat(narrow.load(CopierRegisters.WIRES, 4)).isEqualTo(28);
        for (int bits : new int[] {0, 23, 29, 32, -1}) {
            store(narrow, CopierRegisters.WIDTH, bits);
            assertThat(narrow.load(CopierRegisters.WIDTH, 4)).isEqualTo(28);
        }
        assertThatThrownBy(() -> engine(23)).hasMessageContaining("24 to 32 address wires, not 23");
        assertThatThrownBy(() -> engine(33)).hasMessageContaining("24 to 32 address wires, not 33");
    }

    @ParameterizedTest
    @CsvSource({"0", "65537", "-1"})
    void aDescriptorHasBytesButNotTooMany(int length) {
        descriptor(0, FROM, TO, length, 0);
        start(CHAIN);
        failed(CopierRegisters.BAD_DESCRIPTOR, CHAIN);
        assertThat(result(0)).isZero();
    }

    @Test
    void aDescriptorIsAlignedAndInMemory() {
        start(CHAIN + 16);
        failed(CopierRegisters.BAD_DESCRIPTOR, CHAIN + 16);
        start(RAM);
        failed(CopierRegisters.BUS_FAULT, RAM);
        start(0xf000_0000L);
        failed(CopierRegisters.BUS_FAULT, 0xf000_0000L);
    }

    @Test
    void neitherSideCrossesABoundaryOfTheCounters() {
        for (int side = 0; side < 2; side++) {
            long edge = 0x40_0000;
            descriptor(0, side == 0 ? edge - 100 : FROM, side == 1 ? edge - 100 : TO, 101, 0);
            start(CHAIN);
            failed(CopierRegisters.BAD_DESCRIPTOR, CHAIN);
            descriptor(0, side == 0 ? edge - 100 : FROM, side == 1 ? edge - 100 : TO, 100, 0);
            start(CHAIN);
            finish();
            assertThat(load(CopierRegisters.ERROR)).isZero();
        }
    }

    @Test
    void whatIsNoMemoryIsAFaultAtItsFirstByteAndTheRestOfTheChainIsNotDone() {
        byte[] good = random(RAM - 512, 512, 7);
        descriptor(0, RAM - 512, TO, 1024, CHAIN + 32);
        descriptor(1, FROM, TO, 16, 0);
        start(CHAIN);
        failed(CopierRegisters.BUS_FAULT, RAM);
        assertThat(bytes(TO, 512)).as("what came before it").isEqualTo(good);
        assertThat(load(CopierRegisters.COPIED)).isEqualTo(512);
        assertThat(result(0)).isZero();
        assertThat(result(1)).isZero();
        descriptor(0, FROM, RAM + 0x1000, 16, 0);
        start(CHAIN);
        failed(CopierRegisters.BUS_FAULT, RAM + 0x1000);
        assertThat(violations).isEmpty();
    }

    @Test
    void aCircleOfDescriptorsEnds() {
        descriptor(0, FROM, TO, 1, CHAIN + 32);
        descriptor(1, FROM, TO, 1, CHAIN);
        start(CHAIN);
        failed(CopierRegisters.ENDLESS, CHAIN);
        assertThat(load(CopierRegisters.DESCRIPTORS)).isEqualTo(CopierRegisters.MAX_DESCRIPTORS);
    }

    @Test
    void registersAreWordsAndNothingElseIsThere() {
        assertThatThrownBy(() -> copier.load(0, 1)).isInstanceOf(BusFault.class)
                .hasMessageContaining("has only registers of one word");
        assertThatThrownBy(() -> copier.load(0x40, 4)).isInstanceOf(BusFault.class)
                .hasMessageContaining("no register to read here");
        assertThatThrownBy(() -> copier.store(CopierRegisters.ERROR, 4, 0)).isInstanceOf(BusFault.class)
                .hasMessageContaining("no register to write here");
    }

    /**
     * Saves at every step of a chain, with and without an error at its end. The restored engine continues in the same
     * way.
     */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatIsRestoredGoesOnWhereItWas(boolean fails) {
        random(FROM, 2000, 9);
        descriptor(0, FROM, TO, 700, CHAIN + 32);
        descriptor(1, FROM + 700, TO + 700, 1300, fails ? CHAIN + 1 : 0);
        for (int steps = 0; steps < 12; steps++) {
            bus.write(SOFTWARE, TO, new byte[2000], 0, 2000);
            store(copier, CopierRegisters.WIDTH, 26);
            start(CHAIN);
            step(steps);
            StateWriter out = new StateWriter();
            clock.save(out);
            copier.save(out);
            byte[] halfway = bytes(TO, 2000);
            finish();
            byte[] end = bytes(TO, 2000);
            String registers = registers();
            bus.write(SOFTWARE, TO, halfway, 0, 2000);
            store(copier, CopierRegisters.WIDTH, 32);
            store(copier, CopierRegisters.STATUS, CopierRegisters.DONE);
            StateReader in = new StateReader(out.toBytes());
            clock.restore(in);
            copier.restore(in);
            finish();
            assertThat(bytes(TO, 2000)).isEqualTo(end);
            assertThat(registers()).isEqualTo(registers);
            store(copier, CopierRegisters.STATUS, CopierRegisters.DONE);
        }
    }

    /**
     * Order of the saved words: wires, first, status, error, error address, copied, done, descriptor, source, target,
     * left, next.
     */
    @ParameterizedTest
    @CsvSource({"0, 33, uses 33 address wires of 32", "0, 23, uses 23", "2, 8, only bits of 0x7", "2, 2, status is 2",
            "6, 65537, 65537 descriptors", "7, 4097, the descriptor at", "8, 1048575, left to copy from",
            "9, -1, left to copy from", "10, 65537, 65537 bytes are left", "10, -1, -1 bytes are left"})
    void stateThatNoChainCanHaveComeToIsRefused(int word, int value, String why) {
        descriptor(0, FROM, TO, 700, 0);
        start(CHAIN);
        step(2);
        StateWriter out = new StateWriter();
        copier.save(out);
        byte[] state = out.toBytes();
        ByteBuffer.wrap(state).order(ByteOrder.LITTLE_ENDIAN).putInt(4 + 4 * word, value);
        assertThatThrownBy(() -> copier.restore(new StateReader(state))).isInstanceOf(StateException.class)
                .hasMessageContaining(why);
    }

    private String registers() {
        StringBuilder all = new StringBuilder();
        for (int register : new int[] {CopierRegisters.WIDTH, CopierRegisters.DESCRIPTOR, CopierRegisters.STATUS,
                CopierRegisters.ERROR, CopierRegisters.ERROR_ADDRESS,
                CopierRegisters.COPIED, CopierRegisters.DESCRIPTORS}) {
            all.append(load(register)).append(' ');
        }
        return all.toString();
    }
}

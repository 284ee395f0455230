package ferrite.peripherals.nic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.hardware.Seed;
import ferrite.hardware.bus.BusFault;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.bus.PhysicalBus;
import ferrite.hardware.bus.Ram;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.state.StateException;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import ferrite.peripherals.fault.DeviceFaults;
import ferrite.peripherals.fault.Fault;
import ferrite.peripherals.net.Wire;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The network card through its registers, with RAM, a clock and a cable. The test is the software. */
@Timeout(60)
class NicTest {

    private static final BusMaster SOFTWARE = new BusMaster("test", 32);
    private static final long RAM = 8L << 20;
    private static final long TX = 0x1000;
    private static final long RX = 0x2000;
    private static final long DATA = 0x10_0000;
    private static final int SIZE = 4;
    private static final int BUFFER = 1536;
    private static final long MAC = 0x5254_0012_3456L;

    private final Clock clock = new Clock();
    private final PhysicalBus bus = new PhysicalBus(new Ram(0, RAM));
    private final TestWire wire = new TestWire();
    private boolean interrupt;
    private Nic nic = card();

    private Nic card(String... faults) {
        return new Nic("nic0", bus, clock, level -> interrupt = level, new Nic.Plug(MAC, wire),
                DeviceFaults.of("eth0", Arrays.stream(faults).map(Fault::parse).toList(), 1));
    }

    /** A cable with the test at its other end. */
    private static final class TestWire implements Wire {

        private final List<byte[]> sent = new ArrayList<>();
        private boolean plugged = true;

        @Override
        public void plugInto(Card card, Clock clock) { }

        @Override
        public boolean isPlugged() {
            return plugged;
        }

        @Override
        public void send(byte[] frame) {
            sent.add(frame);
        }

        @Override
        public void save(StateWriter out) { }

        @Override
        public void restore(StateReader in) { }
    }

    // ---- the software's side ----

    private void store(int register, int value) {
        nic.store(register, 4, value);
    }

    private int load(int register) {
        return nic.load(register, 4);
    }

    private void field(long ring, int number, int field, int value) {
        bus.store(SOFTWARE, ring + 16L * number + field, 4, value);
    }

    private int state(long ring, int number) {
        return bus.load(SOFTWARE, ring + 16L * number + NicRegisters.STATE, 4);
    }

    private static long data(int number) {
        return DATA + 0x1000L * number;
    }

    private void give(long ring, int number, int length) {
        field(ring, number, NicRegisters.ADDRESS, (int) data(ring == TX ? number : SIZE + number));
        field(ring, number, NicRegisters.LENGTH, length);
        field(ring, number, NicRegisters.STATE, NicRegisters.OWN);
    }

    private void rings() {
        store(NicRegisters.TX_RING, (int) TX);
        store(NicRegisters.TX_SIZE, SIZE);
        store(NicRegisters.RX_RING, (int) RX);
        store(NicRegisters.RX_SIZE, SIZE);
        store(NicRegisters.MASK, NicRegisters.CAUSES);
    }

    private void start() {
        for (int i = 0; i < SIZE; i++) {
            give(RX, i, BUFFER);
        }
        rings();
        store(NicRegisters.CONTROL, NicRegisters.RX_ENABLE | NicRegisters.TX_ENABLE);
    }

    private byte[] put(int number, int length) {
        byte[] frame = new byte[length];
        new Random(number).nextBytes(frame);
        bus.write(SOFTWARE, data(number), frame, 0, length);
        return frame;
    }

    private byte[] stored(int number, int length) {
        byte[] frame = new byte[length];
        bus.read(SOFTWARE, data(SIZE + number), frame, 0, length);
        return frame;
    }

    private static byte[] frame(long to, int length) {
        byte[] frame = new byte[length];
        Arrays.fill(frame, (byte) 7);
        for (int i = 0; i < 6; i++) {
            frame[i] = (byte) (to >>> 8 * (5 - i));
        }
        return frame;
    }

    private boolean step() {
        boolean due = clock.nextDue() != Long.MAX_VALUE;
        if (due) {
            clock.jumpTo(clock.nextDue());
            clock.fireDue();
        }
        return due;
    }

    private void finish() {
        while (step()) {
            assertThat(clock.now()).isLessThan(Clock.LAST_TICK);
        }
    }

    private void receive(byte[] frame) {
        nic.receive(frame);
        finish();
    }

    private void failed(int enable, int error, long address) {
        finish();
        assertThat(load(NicRegisters.CONTROL) & enable).as("the engine has stopped").isZero();
        assertThat(load(NicRegisters.ERROR)).isEqualTo(error);
        assertThat(load(NicRegisters.ERROR_ADDRESS)).isEqualTo((int) address);
        assertThat(load(NicRegisters.CAUSE) & NicRegisters.FAILED).isNotZero();
        assertThat(interrupt).isTrue();
        store(NicRegisters.CONTROL, NicRegisters.RESET);
        assertThat(interrupt).isFalse();
    }

    // ---- frames ----

    @Test
    void framesAreSentInTheirOrderAroundTheRingAndAfterOneKick() {
        start();
        List<byte[]> frames = new ArrayList<>();
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < SIZE; i++) {
                frames.add(put(i, 60 + 100 * i + round));
                give(TX, i, 60 + 100 * i + round);
            }
            store(NicRegisters.TX_KICK, 0);
            assertThat(load(NicRegisters.STATUS)).isEqualTo(NicRegisters.LINK_UP | NicRegisters.TX_BUSY);
            finish();
            for (int i = 0; i < SIZE; i++) {
                assertThat(state(TX, i)).as("the count of the bytes").isEqualTo(60 + 100 * i + round);
            }
        }
        assertThat(wire.sent).containsExactlyElementsOf(frames);
        assertThat(interrupt).isTrue();
        store(NicRegisters.CAUSE, NicRegisters.SENT);
        assertThat(interrupt).isFalse();
    }

    @Test
    void framesAreStoredUpToTheEndOfTheBufferAndLostWithoutOne() {
        start();
        int[] lengths = {60, BUFFER, 1600, 14};
        for (int i = 0; i < SIZE; i++) {
            bus.write(SOFTWARE, data(SIZE + i) + BUFFER, new byte[] {99}, 0, 1);
            receive(frame(MAC, lengths[i]));
            int count = Math.min(lengths[i], BUFFER);
            assertThat(state(RX, i)).isEqualTo(count | (lengths[i] > BUFFER ? NicRegisters.TRUNCATED : 0));
            assertThat(stored(i, count)).isEqualTo(Arrays.copyOf(frame(MAC, lengths[i]), count));
            assertThat(stored(i, BUFFER + 1)[BUFFER]).as("past the end").isEqualTo((byte) 99);
        }
        assertThat(load(NicRegisters.LOST)).isZero();
        receive(frame(MAC, 60));
        assertThat(load(NicRegisters.LOST)).isEqualTo(1);
        assertThat(load(NicRegisters.CAUSE)).isEqualTo(NicRegisters.RECEIVED | NicRegisters.NO_BUFFER);
        give(RX, 0, BUFFER);
        receive(frame(MAC, 61));
        assertThat(state(RX, 0)).isEqualTo(61);
    }

    /** Frames wait in the card while it stores one. */
    @Test
    void aBurstOfFramesWaitsInTheCard() {
        start();
        for (int i = 0; i < NicReceiver.MAX_WAITING + 3; i++) {
            nic.receive(frame(MAC, 60 + i));
        }
        assertThat(load(NicRegisters.LOST)).isEqualTo(3);
        finish();
        assertThat(load(NicRegisters.LOST)).as("the ring has four").isEqualTo(3 + NicReceiver.MAX_WAITING - SIZE);
        assertThat(state(RX, SIZE - 1)).isEqualTo(60 + SIZE - 1);
    }

    @ParameterizedTest
    @CsvSource({"0x525400123456, 0, true", "0xffffffffffff, 0, true", "0x525400123457, 0, false",
        "0x01005e000001, 0, false", "0x01005e000001, 8, true", "0x525400123457, 8, false", "0x525400123457, 4, true"})
    void framesForOtherCardsAreFiltered(String to, int mode, boolean accepted) {
        start();
        store(NicRegisters.CONTROL, NicRegisters.RX_ENABLE | mode);
        receive(frame(Long.decode(to), 60));
        assertThat(state(RX, 0)).isEqualTo(accepted ? 60 : NicRegisters.OWN);
        assertThat(load(NicRegisters.FILTERED)).isEqualTo(accepted ? 0 : 1);
    }

    @Test
    void theSoftwareMaySetTheAddressAndAResetReturnsToTheCardsOwn() {
        assertThat(load(NicRegisters.MAC_LOW)).isEqualTo(0x1200_5452);
        assertThat(load(NicRegisters.MAC_HIGH)).isEqualTo(0x5634);
        start();
        store(NicRegisters.MAC_LOW, 0x0000_0002);
        store(NicRegisters.MAC_HIGH, 0x0900);
        receive(frame(0x0200_0000_0009L, 60));
        assertThat(state(RX, 0)).isEqualTo(60);
        store(NicRegisters.CONTROL, NicRegisters.RESET);
        assertThat(load(NicRegisters.MAC_LOW)).isEqualTo(0x1200_5452);
        assertThat(load(NicRegisters.RX_SIZE)).isZero();
    }

    @Test
    void withoutItsCableTheCardSendsNothingAndSaysSo() {
        start();
        wire.plugged = false;
        nic.linkChanged();
        assertThat(interrupt).isTrue();
        assertThat(load(NicRegisters.CAUSE)).isEqualTo(NicRegisters.LINK_CHANGED);
        assertThat(load(NicRegisters.STATUS)).isZero();
        give(TX, 0, 60);
        store(NicRegisters.TX_KICK, 0);
        finish();
        assertThat(state(TX, 0)).isEqualTo(NicRegisters.BAD_FRAME);
        assertThat(wire.sent).isEmpty();
    }

    // ---- the order of stores: each mistake, and its near miss ----

    /** The card looks between the stores, because it has just sent the frame before. Only the bit's place matters. */
    @ParameterizedTest
    @CsvSource({"ALS, true", "LAS, true", "ASL, false", "LSA, false", "SAL, false", "SLA, false"})
    void aDescriptorIsRightOnlyIfItsBitIsStoredLast(String order, boolean right) {
        boolean everWrong = false;
        for (int looksAfter = 1; looksAfter <= 3; looksAfter++) {
            store(NicRegisters.CONTROL, NicRegisters.RESET);
            Arrays.asList(0, 1, 2, 3).forEach(i -> field(TX, i, NicRegisters.STATE, 0));
            field(TX, 1, NicRegisters.ADDRESS, (int) data(3));
            field(TX, 1, NicRegisters.LENGTH, 0);
            wire.sent.clear();
            put(0, 60);
            byte[] wanted = put(1, 70);
            start();
            give(TX, 0, 60);
            store(NicRegisters.TX_KICK, 0);
            for (int i = 0; i < 3; i++) {
                switch (order.charAt(i)) {
                    case 'A' -> field(TX, 1, NicRegisters.ADDRESS, (int) data(1));
                    case 'L' -> field(TX, 1, NicRegisters.LENGTH, 70);
                    default -> field(TX, 1, NicRegisters.STATE, NicRegisters.OWN);
                }
                if (i + 1 == looksAfter) {
                    step();                            // the first frame is sent, and the card looks
                }
            }
            store(NicRegisters.TX_KICK, 0);
            finish();
            everWrong |= wire.sent.size() != 2 || !Arrays.equals(wire.sent.get(1), wanted);
        }
        assertThat(everWrong).isEqualTo(!right);
    }

    /** Without the kick an idle transmitter does not look; a busy one does after its frame. */
    @Test
    void aKickThatIsForgottenCountsOnlyForAnIdleTransmitter() {
        start();
        give(TX, 0, 60);
        finish();
        assertThat(wire.sent).as("not kicked").isEmpty();
        store(NicRegisters.TX_KICK, 0);
        give(TX, 1, 61);
        finish();
        assertThat(wire.sent).as("kicked once, while it is busy with the first").hasSize(2);
    }

    /** A frame that comes between the look and the acknowledgement has no interrupt, if they are in this order. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void causesAreAcknowledgedBeforeTheRingIsLookedAt(boolean acknowledgesFirst) {
        start();
        receive(frame(MAC, 60));
        store(NicRegisters.MASK, 0);
        if (acknowledgesFirst) {
            store(NicRegisters.CAUSE, load(NicRegisters.CAUSE));
        }
        assertThat(state(RX, 0)).isEqualTo(60);
        assertThat(state(RX, 1)).as("the driver has seen all").isEqualTo(NicRegisters.OWN);
        receive(frame(MAC, 61));
        if (!acknowledgesFirst) {
            store(NicRegisters.CAUSE, load(NicRegisters.CAUSE));
        }
        store(NicRegisters.MASK, NicRegisters.CAUSES);
        assertThat(interrupt).isEqualTo(acknowledgesFirst);
    }

    /** A buffer belongs to the card until its answer: what is stored into it until then is sent. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aBufferIsReadWhenItsFrameIsSent(boolean waits) {
        start();
        byte[] frame = put(0, 60);
        give(TX, 0, 60);
        store(NicRegisters.TX_KICK, 0);
        if (waits) {
            finish();
        }
        bus.write(SOFTWARE, data(0), new byte[60], 0, 60);
        finish();
        assertThat(wire.sent.get(0)).isEqualTo(waits ? frame : new byte[60]);
    }

    // ---- hostile software ----

    @ParameterizedTest
    @CsvSource({"0x1000, 0", "0x1000, 257", "0x1000, -1", "0x1000, 0x80000000", "0x1008, 4", "0x800000, 4",
        "0x7fffd0, 4", "-16, 4", "0xf00d0000, 4"})
    void aRingThatIsNoneStopsItsEngine(String base, String size) {
        for (int engine : new int[] {NicRegisters.RX_ENABLE, NicRegisters.TX_ENABLE}) {
            boolean receives = engine == NicRegisters.RX_ENABLE;
            rings();
            store(receives ? NicRegisters.RX_RING : NicRegisters.TX_RING, Long.decode(base).intValue());
            store(receives ? NicRegisters.RX_SIZE : NicRegisters.TX_SIZE, Long.decode(size).intValue());
            store(NicRegisters.CONTROL, engine);
            nic.receive(frame(MAC, 60));
            store(NicRegisters.TX_KICK, 0);
            failed(engine, NicRegisters.BAD_RING, Long.decode(base));
        }
    }

    @Test
    void aRingThatEndsWithRamIsOne() {
        store(NicRegisters.TX_RING, 0x7f_ffc0);
        store(NicRegisters.TX_SIZE, 4);
        store(NicRegisters.CONTROL, NicRegisters.TX_ENABLE);
        assertThat(load(NicRegisters.CONTROL)).isEqualTo(NicRegisters.TX_ENABLE);
    }

    @Test
    void aRingThatIsUsedIsNotSetUp() {
        for (int register : new int[] {NicRegisters.TX_RING, NicRegisters.TX_SIZE, NicRegisters.RX_RING,
            NicRegisters.RX_SIZE}) {
            start();
            store(register, 0x3000);
            boolean receives = register >= NicRegisters.RX_RING;
            failed(receives ? NicRegisters.RX_ENABLE : NicRegisters.TX_ENABLE, NicRegisters.RING_IN_USE,
                    receives ? RX : TX);
        }
    }

    @ParameterizedTest
    @CsvSource({"13, 3, 0x1000", "1519, 3, 0x1000", "0, 3, 0x1000", "-1, 3, 0x1000", "0x80000000, 3, 0x1000"})
    void aFrameOfAnImpossibleLengthIsNotSent(String length, int error, String address) {
        start();
        give(TX, 0, Long.decode(length).intValue());
        store(NicRegisters.TX_KICK, 0);
        failed(NicRegisters.TX_ENABLE, error, Long.decode(address));
        assertThat(wire.sent).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"63, 3, 0x2000, 0x100000", "0, 3, 0x2000, 0x100000", "16385, 3, 0x2000, 0x100000",
        "-1, 3, 0x2000, 0x100000", "1536, 4, 0x800000, 0x7fffff", "1536, 4, 0xf00d0000, 0xf00d0000"})
    void aBufferThatIsNoneStopsTheReceiver(String length, int error, String fault, String buffer) {
        start();
        give(RX, 0, Long.decode(length).intValue());
        field(RX, 0, NicRegisters.ADDRESS, Long.decode(buffer).intValue());
        receive(frame(MAC, 60));
        failed(NicRegisters.RX_ENABLE, error, Long.decode(fault));
    }

    @Test
    void aFrameOutsideRamIsABusFault() {
        start();
        give(TX, 0, 60);
        field(TX, 0, NicRegisters.ADDRESS, (int) (RAM - 30));
        store(NicRegisters.TX_KICK, 0);
        failed(NicRegisters.TX_ENABLE, NicRegisters.BUS_FAULT, RAM);
        assertThat(wire.sent).isEmpty();
    }

    @Test
    void otherAccessesAreBusFaults() {
        assertThatThrownBy(() -> nic.load(0x1c, 4)).isInstanceOf(BusFault.class).hasMessageContaining("to read here");
        assertThatThrownBy(() -> nic.store(NicRegisters.LOST, 4, 0)).isInstanceOf(BusFault.class)
                .hasMessageContaining("to write here");
        assertThatThrownBy(() -> nic.load(NicRegisters.CAUSE, 2)).isInstanceOf(BusFault.class)
                .hasMessageContaining("registers of one word");
    }

    /** Software that stores anything anywhere ends no run: each event comes to an end, and the card still works. */
    @Test
    void nothingThatSoftwareDoesEndsTheRun() {
        Seed seed = Seed.fresh();
        Random random = seed.random(0);
        int[] registers = {NicRegisters.CONTROL, NicRegisters.CAUSE, NicRegisters.MASK, NicRegisters.TX_RING,
            NicRegisters.TX_SIZE, NicRegisters.TX_KICK, NicRegisters.RX_RING, NicRegisters.RX_SIZE};
        for (int i = 0; i < 20_000; i++) {
            switch (random.nextInt(4)) {
                case 0 -> store(registers[random.nextInt(registers.length)], random.nextBoolean() ? random.nextInt(16)
                        : random.nextBoolean() ? (int) TX + 16 * random.nextInt(3) : random.nextInt());
                case 1 -> field(TX, random.nextInt(260), 4 * random.nextInt(3), random.nextBoolean() ? random.nextInt()
                        : random.nextInt(2000));
                case 2 -> nic.receive(frame(-1, 14 + random.nextInt(1600)));
                default -> step();
            }
        }
        store(NicRegisters.CONTROL, NicRegisters.RESET);
        start();
        receive(frame(MAC, 60));
        assertThat(state(RX, 0)).as(seed.replay("works again")).isEqualTo(60);
    }

    // ---- faults ----

    @ParameterizedTest
    @CsvSource({"error, 0x40000000, 0x4000003c", "short, 30, 30", "wrong, 60, 60", "lost, 60, 60", "slow, 60, 60",
        "spurious, 60, 60", "overrun, 60, 60"})
    void aFaultIsThatOfOneFrame(String kind, String sent, String received) {
        nic = card("eth0=" + kind + "@1", "eth0=" + kind + "@2");
        start();
        byte[] frame = put(0, 60);
        bus.write(SOFTWARE, data(SIZE) + BUFFER, new byte[] {99}, 0, 1);
        long before = clock.now();
        give(TX, 0, 60);
        store(NicRegisters.TX_KICK, 0);
        finish();
        receive(frame(MAC, 60));
        assertThat(state(TX, 0)).isEqualTo(Long.decode(sent).intValue());
        assertThat(state(RX, 0)).isEqualTo(Long.decode(received).intValue());
        assertThat(interrupt).isEqualTo(!kind.equals("lost"));
        assertThat(clock.now() - before > 2L * Clock.TICKS_PER_SECOND).isEqualTo(kind.equals("slow"));
        assertThat(wire.sent.size()).isEqualTo(kind.equals("error") ? 0 : 1);
        boolean isWhole = wire.sent.size() == 1 && Arrays.equals(wire.sent.get(0), frame);
        assertThat(isWhole).isEqualTo(!kind.matches("error|short|wrong"));
        assertThat(stored(0, 60)[59]).isEqualTo((byte) (kind.equals("wrong") ? 6 : kind.equals("short") ? 0 : 7));
        assertThat(stored(0, BUFFER + 1)[BUFFER]).isEqualTo((byte) (kind.equals("overrun") ? 0 : 99));
        receive(frame(MAC, 61));
        assertThat(state(RX, 1)).as("the third one").isEqualTo(61);
    }

    @Test
    void aCardThatIsPulledOutReadsAsOnesAndDoesNothing() {
        nic = card("eth0=removed@2");
        start();
        receive(frame(MAC, 60));
        assertThat(interrupt).isTrue();
        give(TX, 0, 60);
        store(NicRegisters.TX_KICK, 0);
        assertThat(load(NicRegisters.ID)).isEqualTo(-1);
        assertThat(interrupt).isFalse();
        store(NicRegisters.CONTROL, NicRegisters.RX_ENABLE);
        receive(frame(MAC, 60));
        nic.linkChanged();
        assertThat(state(TX, 0)).isEqualTo(NicRegisters.OWN);
        assertThat(state(RX, 1)).isEqualTo(NicRegisters.OWN);
        assertThat(interrupt).isFalse();
    }

    // ---- state ----

    private byte[] save() {
        StateWriter out = new StateWriter();
        clock.save(out);
        nic.save(out);
        return out.toBytes();
    }

    private void restore(byte[] state) {
        StateReader in = new StateReader(state);
        clock.restore(in);
        nic.restore(in);
        StateReader.requireThat(in.isAtEnd(), "more state than expected");
    }

    private void beBusy() {
        start();
        for (int i = 0; i < 3; i++) {
            put(i, 60 + i);
            give(TX, i, 60 + i);
            nic.receive(frame(MAC, 70 + i));
        }
        store(NicRegisters.TX_KICK, 0);
    }

    private String outcome() {
        finish();
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < SIZE; i++) {
            text.append(state(TX, i)).append(' ').append(state(RX, i)).append(' ');
        }
        return text.append(load(NicRegisters.CAUSE)).append(' ').append(load(NicRegisters.TX_HEAD)).append(' ')
                .append(load(NicRegisters.RX_HEAD)).append(' ').append(clock.now()).toString();
    }

    @Test
    void aRestoredCardGoesOnWhereItWas() {
        nic = card("eth0=wrong@4", "eth0=slow@5");
        for (int steps = 0; steps < 6; steps++) {
            store(NicRegisters.CONTROL, NicRegisters.RESET);
            wire.sent.clear();
            beBusy();
            for (int i = 0; i < steps; i++) {
                step();
            }
            byte[] state = save();
            Ram.Image image = bus.takeImage();
            String outcome = outcome();
            bus.restoreImage(image);
            store(NicRegisters.CONTROL, NicRegisters.RESET);
            restore(state);
            assertThat(save()).isEqualTo(state);
            assertThat(outcome()).isEqualTo(outcome);
        }
    }

    /** State that the card cannot reach is refused, and the card works on from all other state. */
    @Test
    void damagedStateIsRefusedOrWorksOn() {
        Seed seed = Seed.fresh();
        Random random = seed.random(0);
        beBusy();
        step();
        byte[] right = save();
        int clockBytes = right.length;
        StateWriter alone = new StateWriter();
        nic.save(alone);
        clockBytes -= alone.toBytes().length;
        int refused = 0;
        int rounds = 3000;
        for (int i = 0; i < rounds; i++) {
            byte[] state = right.clone();
            for (int change = 0; change <= random.nextInt(3); change++) {
                state[clockBytes + random.nextInt(state.length - clockBytes)] = (byte) random.nextInt();
            }
            try {
                restore(state);
                for (int events = 0; events < 40; events++) {
                    step();
                }
                new NicCommand(nic).run("");
            } catch (StateException e) {
                refused++;
            }
        }
        assertThat(refused).as(seed.replay("refused")).isBetween(rounds / 10, rounds - 10);
    }

    @Test
    void impossibleStateIsNamed() {
        start();
        nic.receive(frame(MAC, 60));
        StateWriter out = new StateWriter();
        nic.save(out);
        finish();
        assertThatThrownBy(() -> nic.restore(new StateReader(out.toBytes()))).isInstanceOf(StateException.class)
                .hasMessageContaining("1 frames wait in the network card");
    }

    @Test
    void theMonitorShowsWhoHasTheDescriptors() {
        assertThat(new NicCommand(nic).run("").children().get(0).value("state")).isEqualTo("not set up");
        start();
        receive(frame(MAC, 60));
        byte[] before = save();
        assertThat(new NicCommand(nic).run("").children().get(1).value("owners")).isEqualTo(".ccc");
        assertThat(save()).as("looking changes nothing").isEqualTo(before);
    }
}

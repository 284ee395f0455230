package ferrite.peripherals.uart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.hardware.bus.BusFault;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.state.StateException;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import ferrite.peripherals.fault.DeviceFaults;
import ferrite.peripherals.fault.Fault;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The sections of the PC16550D data sheet, one by one. */
class UartTest {

    private static final int RBR = UartRegisters.RBR;
    private static final int THR = UartRegisters.THR;
    private static final int IER = UartRegisters.IER;
    private static final int IIR = UartRegisters.IIR;
    private static final int FCR = UartRegisters.FCR;
    private static final int LCR = UartRegisters.LCR;
    private static final int MCR = UartRegisters.MCR;
    private static final int LSR = UartRegisters.LSR;
    private static final int MSR = UartRegisters.MSR;
    private static final int SCR = UartRegisters.SCR;
    /** Eight bits and no parity at a divisor of 2: 10 bits of 16 samples each. */
    private static final long CHARACTER = 10L * 16 * 2 * Clock.TICKS_PER_SECOND / UartRegisters.CLOCK_HZ;

    /** The other end of the line. */
    private static final class Line implements SerialLine {
        private final List<Integer> sent = new ArrayList<>();
        private final List<String> asked = new ArrayList<>();

        @Override
        public void send(int value) {
            sent.add(value);
        }

        @Override
        public void awaited(boolean polled) {
            asked.add(polled ? "polled" : "listening");
        }
    }

    private final Clock clock = new Clock();
    private final Line line = new Line();
    private boolean interrupt;
    private final Uart uart = new Uart(line, level -> interrupt = level, clock);

    private int load(int register) {
        return uart.load(register, 1);
    }

    private void store(int register, int value) {
        uart.store(register, 1, value);
    }

    private void pass(long ticks) {
        clock.jumpTo(clock.now() + ticks);
        clock.fireDue();
    }

    private void setEightBitsAtDivisorTwo() {
        store(LCR, UartRegisters.DLAB | 3);
        store(0, 2);
        store(1, 0);
        store(LCR, 3);
    }

    private void receive(int... values) {
        for (int value : values) {
            uart.receive(value);
        }
    }

    // ---- reset (table 1) and plain registers ----

    @Test
    void afterResetNothingIsEnabledAndTheTransmitterIsEmpty() {
        int[] expected = {0, 0, 1, 0, 0, 0x60, 0xb0, 0};
        for (int register = 0; register < UartRegisters.COUNT; register++) {
            assertThat(load(register)).as("register " + register).isEqualTo(expected[register]);
        }
        assertThat(interrupt).isFalse();
    }

    @Test
    void aByteThatIsStoredIsSent() {
        store(THR, 'F');
        store(THR, 0x1_23);
        assertThat(line.sent).containsExactly((int) 'F', 0x23);
    }

    @Test
    void theDivisorLatchesHideTheDataAndInterruptRegisters() {
        store(IER, 5);
        store(LCR, UartRegisters.DLAB | 3);
        store(0, 0x12);
        store(1, 0x34);
        assertThat(line.sent).as("a divisor is not data").isEmpty();
        assertThat(load(0)).isEqualTo(0x12);
        assertThat(load(1)).isEqualTo(0x34);
        store(LCR, 3);
        assertThat(load(IER)).isEqualTo(5);
        assertThat(load(LCR)).isEqualTo(3);
    }

    @Test
    void unusedBitsReadAsZeroAndTheScratchRegisterKeepsAByte() {
        store(IER, 0xf0);
        store(MCR, 0xe0);
        store(SCR, 0x1ff);
        store(LSR, 0xff);
        store(MSR, 0xff);
        assertThat(load(IER)).isZero();
        assertThat(load(MCR)).isZero();
        assertThat(load(SCR)).isEqualTo(0xff);
        assertThat(load(LSR)).isEqualTo(0x60);
        assertThat(load(MSR)).isEqualTo(0xb0);
    }

    @Test
    void onVirtAWideAccessIsOneOfTheRegisterAtItsAddress() {
        Uart wide = new Uart(line, level -> interrupt = level, clock, true);
        wide.store(SCR, 1, 0x5a);
        wide.store(THR, 4, 0x64636261);
        wide.store(THR, 2, 0x6665);
        assertThat(line.sent).hasToString("[97, 101]");
        assertThat(wide.load(4, 4)).as("MCR alone").isZero();
        assertThat(wide.load(6, 2)).as("MSR alone").isEqualTo(0xb0);
        assertThatThrownBy(() -> wide.load(8, 4)).isInstanceOf(BusFault.class);
        assertThatThrownBy(() -> wide.store(8, 1, 0)).isInstanceOf(BusFault.class);
    }

    @Test
    void thereAreEightRegistersOfOneByte() {
        assertThatThrownBy(() -> uart.load(8, 1)).isInstanceOf(BusFault.class)
                .hasMessageContaining("eight registers of one byte");
        assertThatThrownBy(() -> uart.store(0, 4, 'x')).isInstanceOf(BusFault.class).hasMessageContaining("32-bit");
        assertThatThrownBy(() -> uart.peek(0, 2)).isInstanceOf(BusFault.class);
        assertThat(line.sent).isEmpty();
    }

    // ---- the receiver ----

    @Test
    void withoutFifosOneByteIsKeptAndAnotherOverrunsIt() {
        receive('a');
        assertThat(load(LSR)).isEqualTo(0x61);
        receive('b');
        assertThat(load(LSR)).as("overrun").isEqualTo(0x63);
        assertThat(load(LSR)).as("reading clears the error").isEqualTo(0x61);
        assertThat(load(RBR)).as("the newer one").isEqualTo('b');
        assertThat(load(LSR)).isEqualTo(0x60);
    }

    @Test
    void aFifoKeepsSixteenBytesAndLosesTheSeventeenth() {
        store(FCR, 1);
        for (int i = 0; i < 17; i++) {
            assertThat(load(LSR)).as("before byte " + i).isEqualTo(i == 0 ? 0x60 : 0x61);
            receive('a' + i);
        }
        assertThat(load(LSR)).isEqualTo(0x63);
        for (int i = 0; i < 16; i++) {
            assertThat(load(RBR)).isEqualTo('a' + i);
        }
        assertThat(load(LSR)).isEqualTo(0x60);
    }

    @Test
    void clearingTheReceiverFifoOrSwitchingFifosEmptiesIt() {
        store(FCR, 1);
        receive('a', 'b');
        store(FCR, 2);
        assertThat(load(LSR) & 1).as("bit 1 counts only with bit 0, whose change has emptied it").isZero();
        store(FCR, 1);
        receive('a', 'b');
        store(FCR, 5);
        assertThat(load(LSR) & 1).as("clearing the transmitter's").isOne();
        store(FCR, 3);
        assertThat(load(LSR) & 1).isZero();
    }

    @Test
    void iirSaysWhetherFifosAreOn() {
        assertThat(load(IIR)).isEqualTo(0x01);
        store(FCR, 1);
        assertThat(load(IIR)).isEqualTo(0xc1);
        store(FCR, 0);
        assertThat(load(IIR)).isEqualTo(0x01);
    }

    @ParameterizedTest
    @CsvSource({"0x01, 1", "0x41, 4", "0x81, 8", "0xc1, 14"})
    void theReceivedDataInterruptComesAtTheTriggerLevelAndGoesBelowIt(String fcr, int trigger) {
        store(FCR, Integer.decode(fcr));
        store(IER, 1);
        for (int i = 1; i <= trigger; i++) {
            assertThat(interrupt).as("before byte " + i).isFalse();
            receive(i);
        }
        assertThat(interrupt).isTrue();
        assertThat(load(IIR)).isEqualTo(0xc4);
        load(RBR);
        assertThat(interrupt).isFalse();
    }

    @Test
    void bytesBelowTheTriggerTimeOutAfterFourCharactersWithoutAnotherOrARead() {
        setEightBitsAtDivisorTwo();
        store(FCR, 0x81);
        store(IER, 1);
        receive('a', 'b');
        pass(4 * CHARACTER - 1);
        assertThat(interrupt).isFalse();
        receive('c');
        pass(4 * CHARACTER - 1);
        assertThat(interrupt).as("another came").isFalse();
        pass(1);
        assertThat(interrupt).isTrue();
        assertThat(load(IIR)).isEqualTo(0xcc);
        assertThat(load(RBR)).isEqualTo('a');
        assertThat(interrupt).as("a read ends it, and begins it anew").isFalse();
        pass(4 * CHARACTER);
        assertThat(load(IIR)).isEqualTo(0xcc);
        load(RBR);
        load(RBR);
        pass(100 * CHARACTER);
        assertThat(interrupt).as("nothing is left").isFalse();
    }

    // ---- interrupts ----

    @Test
    void theTransmitterInterruptsWhenEnabledWhileEmptyAndAfterEachByteAndReadingIirEndsIt() {
        store(IER, 2);
        assertThat(interrupt).isTrue();
        assertThat(load(IIR)).isEqualTo(0x02);
        assertThat(interrupt).as("IIR was read").isFalse();
        assertThat(load(IIR)).isEqualTo(0x01);
        store(IER, 2);
        assertThat(interrupt).as("it was enabled already").isFalse();
        store(THR, 'x');
        assertThat(interrupt).isTrue();
    }

    @Test
    void theInterruptOfHighestPriorityIsToldFirst() {
        store(FCR, 1);
        store(MCR, UartRegisters.MCR_LOOP);
        load(MSR);
        store(MCR, UartRegisters.MCR_LOOP | UartRegisters.MCR_RTS);
        for (int i = 0; i < 17; i++) {
            store(THR, i);
        }
        store(IER, 0xf);
        assertThat(load(IIR)).as("line status").isEqualTo(0xc6);
        assertThat(load(LSR) & UartRegisters.LSR_OE).isNotZero();
        assertThat(load(IIR)).as("received data").isEqualTo(0xc4);
        for (int i = 0; i < 16; i++) {
            load(RBR);
        }
        assertThat(load(IIR)).as("transmitter").isEqualTo(0xc2);
        assertThat(load(IIR)).as("modem status").isEqualTo(0xc0);
        assertThat(interrupt).isTrue();
        assertThat(load(MSR) & 0xf).isEqualTo(1);
        assertThat(load(IIR)).isEqualTo(0xc1);
        assertThat(interrupt).isFalse();
    }

    @Test
    void readingIirForAnotherReasonDoesNotEndTheTransmittersInterrupt() {
        store(IER, 3);
        receive('a');
        assertThat(load(IIR)).isEqualTo(0x04);
        load(RBR);
        assertThat(load(IIR)).isEqualTo(0x02);
    }

    @ParameterizedTest
    @CsvSource({"0", "1", "2", "4", "8"})
    void onlyWhatIsEnabledInterrupts(int enabled) {
        store(MCR, UartRegisters.MCR_LOOP);
        load(MSR);
        store(MCR, UartRegisters.MCR_LOOP | UartRegisters.MCR_DTR);
        store(THR, 1);
        store(THR, 2);
        store(IER, enabled);
        assertThat(load(IIR)).isEqualTo(switch (enabled) {
            case 1 -> 4;
            case 2 -> 2;
            case 4 -> 6;
            case 8 -> 0;
            default -> 1;
        });
    }

    // ---- loopback (section 8.7) ----

    @Test
    void inLoopbackNothingLeavesAndWhatIsSentIsReceived() {
        store(MCR, UartRegisters.MCR_LOOP);
        store(THR, 'L');
        receive('x');
        assertThat(line.sent).isEmpty();
        assertThat(load(LSR)).isEqualTo(0x61);
        assertThat(load(RBR)).isEqualTo('L');
        store(MCR, 0);
        store(THR, 'o');
        assertThat(line.sent).containsExactly((int) 'o');
    }

    @ParameterizedTest
    @CsvSource({"1, 0x20", "2, 0x10", "4, 0x40", "8, 0x80"})
    void inLoopbackTheModemOutputsAreItsInputs(int output, String input) {
        store(MCR, UartRegisters.MCR_LOOP);
        load(MSR);
        assertThat(load(MSR)).isZero();
        store(MCR, UartRegisters.MCR_LOOP | output);
        int changed = Integer.decode(input) >>> 4 & ~4;
        assertThat(load(MSR)).as("RI is told of when it falls").isEqualTo(Integer.decode(input) | changed);
        assertThat(load(MSR)).as("read once").isEqualTo(Integer.decode(input));
        store(MCR, UartRegisters.MCR_LOOP);
        assertThat(load(MSR)).isEqualTo(Integer.decode(input) >>> 4);
    }

    @Test
    void aBreakInLoopbackIsAZeroWithItsErrorWhichComesUpWithIt() {
        store(FCR, 1);
        store(MCR, UartRegisters.MCR_LOOP);
        store(IER, 4);
        store(THR, 'a');
        store(LCR, UartRegisters.LCR_BREAK);
        assertThat(uart.peek(LSR, 1)).as("somewhere in the FIFO").isEqualTo(0x61 | UartRegisters.LSR_FIFO_ERROR);
        assertThat(interrupt).isFalse();
        assertThat(load(RBR)).isEqualTo('a');
        assertThat(interrupt).isTrue();
        assertThat(load(IIR)).isEqualTo(0xc6);
        assertThat(load(LSR)).isEqualTo(0x61 | UartRegisters.LSR_FIFO_ERROR | UartRegisters.LSR_BI);
        assertThat(load(LSR)).isEqualTo(0x61);
        assertThat(load(RBR)).isZero();
    }

    // ---- when the UART asks the line for a byte ----

    @Test
    void theLineIsAskedACharacterAfterTheInterruptIsEnabledAndNotAgainBeforeItAnswers() {
        setEightBitsAtDivisorTwo();
        pass(1000 * CHARACTER);
        assertThat(line.asked).as("nobody waits").isEmpty();
        store(IER, 1);
        pass(CHARACTER - 1);
        assertThat(line.asked).isEmpty();
        pass(1);
        assertThat(line.asked).containsExactly("listening");
        pass(1000 * CHARACTER);
        assertThat(line.asked).hasSize(1);
        receive('a');
        pass(1000 * CHARACTER);
        assertThat(line.asked).as("there is one already").hasSize(1);
        load(RBR);
        pass(CHARACTER);
        assertThat(line.asked).hasSize(2);
        uart.askAgainIn(7);
        pass(7);
        assertThat(line.asked).hasSize(3);
    }

    @Test
    void readingAnEmptyReceiverOrItsStatusOverAndOverIsWaiting() {
        for (int i = 0; i < 15; i++) {
            load(RBR);
        }
        load(IIR);
        load(RBR);
        pass(1 << 20);
        assertThat(line.asked).as("a driver that empties it").isEmpty();
        for (int i = 0; i < 16; i++) {
            load(RBR);
        }
        pass(1 << 20);
        assertThat(line.asked).containsExactly("polled");
        receive('a');
        load(RBR);
        for (int i = 0; i < 15; i++) {
            load(LSR);
        }
        store(THR, 'x');
        for (int i = 0; i < 15; i++) {
            load(LSR);
        }
        pass(1 << 20);
        assertThat(line.asked).as("it looked whether it could send").hasSize(1);
        load(LSR);
        pass(1 << 20);
        assertThat(line.asked).containsExactly("polled", "polled");
    }

    // ---- state ----

    @Test
    void lookingHasNoEffect() {
        store(FCR, 1);
        store(IER, 0xf);
        receive('a', 'b');
        for (int round = 0; round < 3; round++) {
            assertThat(uart.peek(RBR, 1)).isEqualTo('a');
            assertThat(uart.peek(IIR, 1)).isEqualTo(0xc4);
            assertThat(uart.peek(LSR, 1)).isEqualTo(0x61);
        }
        assertThat(line.sent).isEmpty();
    }

    /** It goes while software waits for the second byte, and a restored chip is gone too. */
    @Test
    void aChipThatIsPulledOutReadsAsOnesAndSendsNothing() {
        Uart faulty = new Uart(line, level -> interrupt = level, clock, true, removedAtTwo());
        faulty.store(FCR, 1, 1);
        faulty.store(IER, 1, UartRegisters.IER_RECEIVED);
        pass(CHARACTER);
        faulty.receive('a');
        pass(5 * CHARACTER);
        assertThat(interrupt).isTrue();
        assertThat(faulty.load(RBR, 1)).isEqualTo('a');
        StateWriter saved = new StateWriter();
        faulty.save(saved);
        Uart restored = new Uart(line, level -> interrupt = level, new Clock(), true, removedAtTwo());
        restored.restore(new StateReader(saved.toBytes()));
        for (Uart gone : List.of(faulty, restored)) {
            assertThat(gone.isAwaited()).isFalse();
            gone.receive('b');
            gone.store(THR, 1, 'x');
            gone.store(IER, 1, 0xf);
            for (int register = 0; register < UartRegisters.COUNT; register++) {
                assertThat(gone.load(register, 1)).as("register " + register).isEqualTo(0xff);
            }
            assertThat(gone.peek(LSR, 2)).isEqualTo(0xffff);
            assertThat(gone.peek(LSR, 4)).isEqualTo(-1);
        }
        assertThat(interrupt).isFalse();
        assertThat(line.sent).isEmpty();
    }

    private static DeviceFaults removedAtTwo() {
        return DeviceFaults.of("uart", List.of(Fault.parse("uart=removed@2")), 0);
    }

    @Test
    void itsStateIsSavedAndRestored() {
        setEightBitsAtDivisorTwo();
        store(FCR, 0x41);
        store(MCR, UartRegisters.MCR_LOOP);
        store(MCR, UartRegisters.MCR_LOOP | UartRegisters.MCR_OUT2);
        store(SCR, 9);
        store(IER, 5);
        for (int i = 0; i < 17; i++) {
            store(THR, 'a' + i);
        }
        StateWriter saved = new StateWriter();
        uart.save(saved);
        Uart other = new Uart(new Line(), level -> { }, new Clock());
        other.restore(new StateReader(saved.toBytes()));
        for (int register = 0; register < UartRegisters.COUNT; register++) {
            assertThat(other.peek(register, 1)).as("register " + register).isEqualTo(uart.peek(register, 1));
        }
        for (int i = 0; i < 16; i++) {
            assertThat(other.load(RBR, 1)).isEqualTo('a' + i);
        }
        other.store(LCR, 1, UartRegisters.DLAB);
        assertThat(other.load(0, 1)).isEqualTo(2);
    }

    /** Saved state from a hostile file is refused, or leaves usable registers. */
    @Test
    void aSavedStateThatCannotBeIsRefused() {
        store(FCR, 0x41);
        store(IER, 5);
        receive('a', 'b');
        StateWriter saved = new StateWriter();
        uart.save(saved);
        int refused = 0;
        for (int value : new int[] {0xff, 0x7f, 0x11}) {
            for (int at = 0; at < saved.toBytes().length; at++) {
                byte[] hostile = saved.toBytes();
                hostile[at] = (byte) value;
                Uart other = new Uart(new Line(), level -> { }, new Clock());
                try {
                    other.restore(new StateReader(hostile));
                    for (int register = 0; register < UartRegisters.COUNT; register++) {
                        other.load(register, 1);
                        other.receive(register);
                    }
                } catch (StateException e) {
                    refused++;
                    assertThat(e.getMessage()).isNotBlank();
                }
            }
        }
        assertThat(refused).isGreaterThan(60);
    }
}

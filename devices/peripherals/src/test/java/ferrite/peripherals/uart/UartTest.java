package ferrite.peripherals.uart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.hardware.bus.BusFault;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class UartTest {

    private final List<Integer> sent = new ArrayList<>();
    private final Uart uart = new Uart(sent::add);

    @Test
    void aByteThatIsStoredIsSent() {
        uart.store(UartRegisters.THR, 1, 'F');
        uart.store(UartRegisters.THR, 1, 0x1_23);
        assertThat(sent).containsExactly((int) 'F', 0x23);
    }

    @Test
    void theTransmitterIsAlwaysEmptyAndNothingIsEverReceived() {
        assertThat(uart.load(UartRegisters.LSR, 1)).isEqualTo(0x60);
        assertThat(uart.load(UartRegisters.THR, 1)).isZero();
        assertThat(uart.load(UartRegisters.IIR, 1)).as("no interrupt pending").isEqualTo(1);
    }

    @Test
    void theDivisorLatchesHideTheDataAndInterruptRegisters() {
        uart.store(UartRegisters.IER, 1, 5);
        uart.store(UartRegisters.LCR, 1, UartRegisters.DLAB | 3);
        uart.store(0, 1, 0x12);
        uart.store(1, 1, 0x34);
        assertThat(sent).as("a divisor is not data").isEmpty();
        assertThat(uart.load(0, 1)).isEqualTo(0x12);
        assertThat(uart.load(1, 1)).isEqualTo(0x34);
        uart.store(UartRegisters.LCR, 1, 3);
        assertThat(uart.load(UartRegisters.IER, 1)).isEqualTo(5);
        assertThat(uart.load(UartRegisters.LCR, 1)).isEqualTo(3);
    }

    @Test
    void theScratchRegisterKeepsAByte() {
        uart.store(UartRegisters.SCR, 1, 0x1ff);
        assertThat(uart.load(UartRegisters.SCR, 1)).isEqualTo(0xff);
    }

    @Test
    void lookingSendsNothing() {
        for (int register = 0; register < UartRegisters.COUNT; register++) {
            assertThat(uart.peek(register, 1)).isEqualTo(uart.load(register, 1));
        }
        assertThat(sent).isEmpty();
    }

    @Test
    void thereAreEightRegistersOfOneByte() {
        assertThatThrownBy(() -> uart.load(8, 1)).isInstanceOf(BusFault.class).hasMessageContaining("eight registers of one byte");
        assertThatThrownBy(() -> uart.store(0, 4, 'x')).isInstanceOf(BusFault.class).hasMessageContaining("32-bit");
        assertThatThrownBy(() -> uart.peek(0, 2)).isInstanceOf(BusFault.class);
        assertThat(sent).isEmpty();
    }

    @Test
    void itsRegistersAreSavedAndRestored() {
        uart.store(UartRegisters.LCR, 1, UartRegisters.DLAB);
        uart.store(0, 1, 7);
        uart.store(UartRegisters.SCR, 1, 9);
        StateWriter saved = new StateWriter();
        uart.save(saved);
        Uart other = new Uart(value -> { });
        other.restore(new StateReader(saved.toBytes()));
        for (int register = 0; register < UartRegisters.COUNT; register++) {
            assertThat(other.peek(register, 1)).isEqualTo(uart.peek(register, 1));
        }
        assertThat(other.peek(0, 1)).isEqualTo(7);
    }
}

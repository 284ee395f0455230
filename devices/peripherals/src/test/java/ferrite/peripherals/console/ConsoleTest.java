package ferrite.peripherals.console;

import static ferrite.peripherals.console.ConsoleRegisters.ACKNOWLEDGE;
import static ferrite.peripherals.console.ConsoleRegisters.BAD_ADDRESS;
import static ferrite.peripherals.console.ConsoleRegisters.COMMAND;
import static ferrite.peripherals.console.ConsoleRegisters.END;
import static ferrite.peripherals.console.ConsoleRegisters.INPUT;
import static ferrite.peripherals.console.ConsoleRegisters.INTERRUPT_KEY;
import static ferrite.peripherals.console.ConsoleRegisters.NOT_YET;
import static ferrite.peripherals.console.ConsoleRegisters.OUTPUT_GONE;
import static ferrite.peripherals.console.ConsoleRegisters.READ_LINE;
import static ferrite.peripherals.console.ConsoleRegisters.REPORT;
import static ferrite.peripherals.console.ConsoleRegisters.REPORT_TASK;
import static ferrite.peripherals.console.ConsoleRegisters.RESULT;
import static ferrite.peripherals.console.ConsoleRegisters.TOO_LONG;
import static ferrite.peripherals.console.ConsoleRegisters.WRITE_STANDARD_ERROR;
import static ferrite.peripherals.console.ConsoleRegisters.WRITE_STANDARD_OUTPUT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.hardware.bus.BusFault;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.bus.PhysicalBus;
import ferrite.hardware.bus.Ram;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The host console's registers, with real RAM on the bus. */
class ConsoleTest {

    private static final int RAM_BYTES = 1 << 20;
    private static final int BUFFER = 0x8000;

    private final PhysicalBus bus = new PhysicalBus(new Ram(0, RAM_BYTES));
    private final List<String> happened = new ArrayList<>();
    private boolean outputIsGone;
    private boolean interrupt;
    private long event = 41;
    private final Console console = newConsole();

    private Console newConsole() {
        return new Console("console0", bus, level -> interrupt = level, () -> event, () -> 10 * event,
                new Console.Host() {
                    @Override
                    public void output(int stream, byte[] bytes) throws IOException {
                        if (outputIsGone) {
                            throw new IOException("broken pipe");
                        }
                        happened.add(stream + ":" + new String(bytes, StandardCharsets.UTF_8));
                    }

                    @Override
                    public void commandEnded(int pid, int status) {
                        happened.add("ended " + pid + " " + status);
                    }

                    @Override
                    public void inputWanted() {
                        happened.add("wanted");
                    }
                });
    }

    private int command(int command, int address, int length) {
        console.store(ConsoleRegisters.ADDRESS, 4, address);
        console.store(ConsoleRegisters.LENGTH, 4, length);
        console.store(COMMAND, 4, command);
        return console.load(RESULT, 4);
    }

    private String line(int limit) {
        int length = command(READ_LINE, BUFFER, limit);
        byte[] bytes = new byte[Math.max(0, length)];
        bus.peek(BUFFER, bytes, 0, bytes.length);
        return length < 0 ? Integer.toString(length) : new String(bytes, StandardCharsets.UTF_8);
    }

    @Test
    void aBufferGoesToEitherStreamInOneCommand() {
        byte[] text = "hellö\n".getBytes(StandardCharsets.UTF_8);
        bus.write(new BusMaster("test", 32), BUFFER, text, 0, text.length);
        assertThat(command(WRITE_STANDARD_OUTPUT, BUFFER, text.length)).isEqualTo(7);
        assertThat(command(WRITE_STANDARD_ERROR, BUFFER + 1, 2)).isEqualTo(2);
        assertThat(command(WRITE_STANDARD_OUTPUT, BUFFER, 0)).isZero();
        assertThat(happened).containsExactly("1:hellö\n", "2:el", "1:");
    }

    @Test
    void whenNobodyListensAnyMoreTheGuestIsToldSo() {
        outputIsGone = true;
        assertThat(command(WRITE_STANDARD_OUTPUT, BUFFER, 1)).isEqualTo(OUTPUT_GONE);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, Integer.MIN_VALUE, Integer.MAX_VALUE, RAM_BYTES, (16 << 20) + 1})
    void aLengthThatMakesNoSenseIsRefused(int length) {
        assertThat(command(WRITE_STANDARD_OUTPUT, BUFFER, length)).isEqualTo(BAD_ADDRESS);
        assertThat(happened).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {RAM_BYTES, RAM_BYTES - 1, -4, Integer.MIN_VALUE})
    void anAddressThatIsNoMemoryIsRefused(int address) {
        assertThat(command(WRITE_STANDARD_OUTPUT, address, 8)).isEqualTo(BAD_ADDRESS);
        assertThat(happened).isEmpty();
        console.input("a line");
        assertThat(command(READ_LINE, address, 80)).isEqualTo(BAD_ADDRESS);
    }

    @Test
    void linesComeInTheirOrderAndThenTheEnd() {
        console.input("first");
        console.input("");
        console.input("ünï");
        console.endInput();
        assertThat(console.load(INPUT, 4)).isEqualTo(1);
        assertThat(line(80)).isEqualTo("first");
        assertThat(line(80)).isEmpty();
        assertThat(line(80)).isEqualTo("ünï");
        assertThat(command(READ_LINE, BUFFER, 80)).isEqualTo(END);
        assertThat(command(READ_LINE, BUFFER, 80)).isEqualTo(END);
        assertThat(happened).as("nobody has to be asked").isEmpty();
    }

    @Test
    void aGuestThatWaitsForALineMakesItWanted() {
        assertThat(console.load(INPUT, 4)).isZero();
        assertThat(command(READ_LINE, BUFFER, 80)).isEqualTo(NOT_YET);
        assertThat(happened).containsExactly("wanted");
    }

    @Test
    void aLineThatDoesNotFitIsDroppedAndTheNextOneIsNot() {
        console.input("far too long");
        console.input("next");
        assertThat(command(READ_LINE, BUFFER, 4)).isEqualTo(TOO_LONG);
        assertThat(line(4)).isEqualTo("next");
    }

    @Test
    void inputRaisesTheInterruptUntilItIsAcknowledged() {
        console.input("line");
        assertThat(interrupt).isTrue();
        console.store(ACKNOWLEDGE, 4, 1);
        assertThat(interrupt).isFalse();
        console.endInput();
        assertThat(interrupt).isTrue();
    }

    @Test
    void inputIsRecordedWithItsEventNumber() {
        console.input("one");
        event = 99;
        console.endInput();
        assertThat(console.received()).containsExactly(new Console.Input(Console.Input.Kind.LINE, 41, 410, "one"),
                new Console.Input(Console.Input.Kind.END, 99, 990, null));
    }

    /** Clients of the debug port may type, and press the key, for as long as they like. */
    @Test
    void theRecordOfTheInputIsBoundedAndLaterLinesAreTakenAsBefore() {
        String line = "x".repeat(60_000);
        int count = 3 * Console.MAX_RECORDED / line.length();
        for (int i = 0; i < count; i++) {
            assertThat(console.inputAhead(line)).isEqualTo(i);
            command(READ_LINE, BUFFER, 80);
        }
        int recorded = console.received().size();
        assertThat(recorded).isBetween(count / 4, count / 2);
        for (int i = 0; i < 10_000; i++) {
            console.pressInterruptKey();
        }
        console.inputAhead("short");
        assertThat(line(80)).isEqualTo("short");
        assertThat(console.received()).as("it ends for good").hasSize(recorded);
    }

    @Test
    void theInterruptKeyIsThereUntilItIsTakenBackAndIsSavedAndRecorded() {
        console.pressInterruptKey();
        assertThat(interrupt).isTrue();
        assertThat(console.load(INTERRUPT_KEY, 4)).isEqualTo(1);
        assertThat(console.load(INPUT, 4)).as("a line waits").isZero();
        StateWriter saved = new StateWriter();
        console.save(saved);
        console.store(INTERRUPT_KEY, 4, 1);
        assertThat(console.load(INTERRUPT_KEY, 4)).isZero();
        Console other = newConsole();
        other.restore(new StateReader(saved.toBytes()));
        assertThat(other.load(INTERRUPT_KEY, 4)).isEqualTo(1);
        assertThat(console.received())
                .containsExactly(new Console.Input(Console.Input.Kind.INTERRUPT_KEY, 41, 410, null));
    }

    @Test
    void aLineOfSomebodyWhoTypesComesBeforeTheRestOfAScript() {
        console.input("script one");
        console.input("script two");
        console.endInput();
        assertThat(console.inputAhead("typed one")).isEqualTo(3);
        assertThat(console.inputAhead("typed two")).isEqualTo(4);
        assertThat(List.of(line(80), line(80), line(80), line(80)))
                .containsExactly("typed one", "typed two", "script one", "script two");
        assertThat(command(READ_LINE, BUFFER, 80)).isEqualTo(END);
    }

    @Test
    void aLineThatWasTakenBackIsAnEmptyOneAndThatIsRecorded() {
        int first = console.inputAhead("same");
        int second = console.inputAhead("same");
        console.inputAhead("last");
        assertThat(line(80)).isEqualTo("same");
        assertThat(console.takeBack(first)).as("taken by the guest").isFalse();
        assertThat(console.takeBack(second)).isTrue();
        assertThat(console.received()).last().isEqualTo(new Console.Input(Console.Input.Kind.TAKEN_BACK, 41, 410, "1"));
        assertThat(line(80)).isEmpty();
        assertThat(line(80)).isEqualTo("last");
        assertThat(console.hasLines()).isFalse();
    }

    @Test
    void aLineAheadIsInputUntilItIsTakenAndIsSavedInItsPlace() {
        console.input("script");
        console.inputAhead("typed");
        StateWriter saved = new StateWriter();
        console.save(saved);
        assertThat(List.of(line(80), line(80))).containsExactly("typed", "script");
        console.restore(new StateReader(saved.toBytes()));
        assertThat(List.of(line(80), line(80))).containsExactly("typed", "script");
        assertThat(console.load(INPUT, 4)).isZero();
        console.inputAhead("more");
        assertThat(console.load(INPUT, 4)).isEqualTo(1);
    }

    @Test
    void theStatusOfACommandIsReported() {
        console.store(REPORT_TASK, 4, 3);
        console.store(REPORT, 4, 127);
        assertThat(happened).containsExactly("ended 3 127");
    }

    @Test
    void anUnknownCommandIsRefused() {
        assertThat(command(77, BUFFER, 4)).isEqualTo(BAD_ADDRESS);
        assertThat(happened).isEmpty();
    }

    @Test
    void thereAreNoOtherRegisters() {
        assertThatThrownBy(() -> console.load(COMMAND, 4)).isInstanceOf(BusFault.class)
                .hasMessageContaining("no register of this width and direction");
        assertThatThrownBy(() -> console.store(RESULT, 4, 0)).isInstanceOf(BusFault.class);
        assertThatThrownBy(() -> console.store(0x24, 4, 0)).isInstanceOf(BusFault.class);
        assertThatThrownBy(() -> console.load(INPUT, 1)).isInstanceOf(BusFault.class);
        assertThatThrownBy(() -> console.store(COMMAND, 2, 1)).isInstanceOf(BusFault.class);
    }

    @Test
    void linesThatWaitAreSavedAndRestored() {
        console.input("one");
        console.input("two");
        console.endInput();
        line(80);
        StateWriter saved = new StateWriter();
        console.save(saved);
        Console other = newConsole();
        other.input("forgotten");
        other.restore(new StateReader(saved.toBytes()));
        assertThat(other.peek(RESULT, 4)).isEqualTo(3);
        other.store(COMMAND, 4, READ_LINE);
        byte[] bytes = new byte[3];
        bus.peek(BUFFER, bytes, 0, 3);
        assertThat(bytes).isEqualTo("two".getBytes(StandardCharsets.UTF_8));
        other.store(COMMAND, 4, READ_LINE);
        assertThat(other.load(RESULT, 4)).isEqualTo(END);
    }
}

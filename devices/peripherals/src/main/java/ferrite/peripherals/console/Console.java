package ferrite.peripherals.console;

import ferrite.hardware.bus.BusDevice;
import ferrite.hardware.bus.BusFault;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.bus.PhysicalBus;
import ferrite.hardware.interrupt.IrqLine;
import ferrite.hardware.state.Saveable;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * The host console: lines of input, an interrupt key, two output streams, and the exit status of each command.
 *
 * <p>The console masters the bus, so one command moves a whole buffer. The code that controls the machine adds input
 * lines between two runs.
 */
public final class Console implements BusDevice, Saveable {

    public static final String COMPATIBLE = "ferrite,console";
    public static final long BYTES = ConsoleRegisters.BYTES;
    public static final int STANDARD_OUTPUT = ConsoleRegisters.WRITE_STANDARD_OUTPUT;
    public static final int STANDARD_ERROR = ConsoleRegisters.WRITE_STANDARD_ERROR;

    private static final int MAX_TRANSFER = 16 << 20;
    /** Characters of all recorded input, and the cost of each record beside them. */
    static final int MAX_RECORDED = 4 << 20;
    static final int RECORD = 64;

    /** The host's side of the console. Each method is called during a run, on the thread that has the turn. */
    public interface Host {

        /**
         * Reports that the guest took a line of input.
         *
         * @param number the number that {@link Console#input} returned for this line, or -1 after a restore
         */
        default void lineTaken(int number, String line) { }

        /** Writes bytes to one of the two streams. An exception means that the stream has no reader any more. */
        void output(int stream, byte[] bytes) throws IOException;

        /**
         * Reports that a command has ended.
         *
         * @param pid the number of the task that ran it, or 0 for a line that started none
         */
        void commandEnded(int pid, int status);

        /** Reports that the guest waits for a line and none is available. */
        void inputWanted();
    }

    private final PhysicalBus bus;
    private final BusMaster master;
    private final IrqLine irq;
    private final Host host;
    private final LongSupplier eventNumber;
    private final LongSupplier time;
    private final List<Input> received = new ArrayList<>();
    private int recorded;
    /** All inputs, those past the end of the record too. */
    private int inputs;
    /** These lines are taken before {@link #lines}. */
    private final Deque<Line> linesAhead = new ArrayDeque<>();
    private final Deque<Line> lines = new ArrayDeque<>();
    private boolean ended;
    private boolean interruptKey;
    private int address;
    private int length;
    private int result;
    private int reportedTask;

    /**
     * Input that reached the guest, and its moment. The recorded inputs and the seed are enough to repeat a run, if
     * none was left out.
     *
     * @param event the run's event number
     * @param tick  the machine's time
     * @param line  the text of a line; the line's number in decimal for {@code TAKEN_BACK}; null for the other kinds
     */
    public record Input(Kind kind, long event, long tick, String line) {

        /** The kinds of input. A {@code LINE_AHEAD} is taken before lines that are already waiting. */
        public enum Kind { LINE, LINE_AHEAD, TAKEN_BACK, END, INTERRUPT_KEY }
    }

    private record Line(int number, byte[] bytes) { }

    /**
     * Creates a console without input.
     *
     * @param eventNumber supplies the run's event number
     * @param time        supplies the machine's time in ticks
     */
    public Console(String name, PhysicalBus bus, IrqLine irq, LongSupplier eventNumber, LongSupplier time, Host host) {
        this.bus = bus;
        this.master = new BusMaster(name, 32);
        this.irq = irq;
        this.eventNumber = eventNumber;
        this.time = time;
        this.host = host;
    }

    /** Adds a line of input, without its line end. Returns the line's number among all input. */
    public int input(String line) {
        return give(lines, Input.Kind.LINE, line);
    }

    /**
     * Adds a line before all lines from {@link #input} that the guest has not taken. A person's typing goes before the
     * rest of a script.
     */
    public int inputAhead(String line) {
        return give(linesAhead, Input.Kind.LINE_AHEAD, line);
    }

    /**
     * Empties the line that {@link #inputAhead} gave this number. The line stays in the queue, because the guest may
     * already have been told that a line waits.
     *
     * @return false if the guest has taken the line already
     */
    public boolean takeBack(int number) {
        if (linesAhead.stream().noneMatch(line -> line.number == number)) {
            return false;
        }
        for (int i = linesAhead.size(); i > 0; i--) {
            Line line = linesAhead.remove();
            linesAhead.add(line.number == number ? new Line(number, new byte[0]) : line);
        }
        record(Input.Kind.TAKEN_BACK, Integer.toString(number));
        return true;
    }

    /** Returns true if the guest has not taken all lines. */
    public boolean hasLines() {
        return !linesAhead.isEmpty() || !lines.isEmpty();
    }

    private int give(Deque<Line> to, Input.Kind kind, String line) {
        int number = inputs;
        record(kind, line);
        to.add(new Line(number, line.getBytes(StandardCharsets.UTF_8)));
        irq.set(true);
        return number;
    }

    /** Tells the guest that no more lines will come. */
    public void endInput() {
        record(Input.Kind.END, null);
        ended = true;
        irq.set(true);
    }

    /** Presses the interrupt key. The thread that has the turn may call this during a run, between two accesses. */
    public void pressInterruptKey() {
        record(Input.Kind.INTERRUPT_KEY, null);
        interruptKey = true;
        irq.set(true);
    }

    /** Records an input. A client may type for as long as it likes, so at some length the record ends for good. */
    private void record(Input.Kind kind, String line) {
        inputs++;
        recorded = Math.min(MAX_RECORDED, recorded + RECORD + (line == null ? 0 : line.length()));
        if (recorded < MAX_RECORDED) {
            received.add(new Input(kind, eventNumber.getAsLong(), time.getAsLong(), line));
        }
    }

    /**
     * Returns the input so far, oldest first, up to {@link #MAX_RECORDED}. The list records the run and is not part of
     * the machine: restoring a snapshot does not shorten it.
     */
    public List<Input> received() {
        return List.copyOf(received);
    }

    @Override
    public int load(long offset, int width) {
        return peek(offset, width);
    }

    @Override
    public int peek(long offset, int width) {
        requireWord(offset, width);
        return switch ((int) offset) {
            case ConsoleRegisters.ADDRESS -> address;
            case ConsoleRegisters.LENGTH -> length;
            case ConsoleRegisters.RESULT -> result;
            case ConsoleRegisters.INPUT -> hasLines() || ended ? 1 : 0;
            case ConsoleRegisters.INTERRUPT_KEY -> interruptKey ? 1 : 0;
            default -> throw noRegister(offset, width);
        };
    }

    @Override
    public void store(long offset, int width, int value) {
        requireWord(offset, width);
        switch ((int) offset) {
            case ConsoleRegisters.ADDRESS -> address = value;
            case ConsoleRegisters.LENGTH -> length = value;
            case ConsoleRegisters.COMMAND -> command(value);
            case ConsoleRegisters.REPORT_TASK -> reportedTask = value;
            case ConsoleRegisters.REPORT -> host.commandEnded(reportedTask, value);
            case ConsoleRegisters.ACKNOWLEDGE -> irq.set(false);
            case ConsoleRegisters.INTERRUPT_KEY -> interruptKey &= (value & 1) == 0;
            default -> throw noRegister(offset, width);
        }
    }

    private static void requireWord(long offset, int width) {
        if (width != 4) {
            throw noRegister(offset, width);
        }
    }

    private static BusFault noRegister(long offset, int width) {
        return new BusFault(offset, width, "the console has no register of this width and direction here");
    }

    private void command(int command) {
        try {
            result = switch (command) {
                case ConsoleRegisters.WRITE_STANDARD_OUTPUT, ConsoleRegisters.WRITE_STANDARD_ERROR -> write(command);
                case ConsoleRegisters.READ_LINE -> readLine();
                default -> ConsoleRegisters.BAD_ADDRESS;
            };
        } catch (BusFault fault) {
            result = ConsoleRegisters.BAD_ADDRESS;
        }
    }

    private int write(int stream) {
        if (length < 0 || length > MAX_TRANSFER) {
            return ConsoleRegisters.BAD_ADDRESS;
        }
        byte[] bytes = new byte[length];
        bus.read(master, address & 0xffff_ffffL, bytes, 0, length);
        try {
            host.output(stream, bytes);
            return length;
        } catch (IOException e) {
            return ConsoleRegisters.OUTPUT_GONE;
        }
    }

    private int readLine() {
        Line taken = linesAhead.isEmpty() ? lines.poll() : linesAhead.poll();
        if (taken == null) {
            if (!ended) {
                host.inputWanted();
            }
            return ended ? ConsoleRegisters.END : ConsoleRegisters.NOT_YET;
        }
        byte[] line = taken.bytes;
        host.lineTaken(taken.number, new String(line, StandardCharsets.UTF_8));
        if (line.length > length) {
            return ConsoleRegisters.TOO_LONG;
        }
        bus.write(master, address & 0xffff_ffffL, line, 0, line.length);
        return line.length;
    }

    @Override
    public void save(StateWriter out) {
        out.putInts(new int[] {address, length, result, reportedTask, linesAhead.size() + lines.size()});
        linesAhead.forEach(line -> out.putBytes(line.bytes));
        lines.forEach(line -> out.putBytes(line.bytes));
        out.putBoolean(ended);
        out.putBoolean(interruptKey);
    }

    @Override
    public void restore(StateReader in) {
        int[] words = new int[5];
        in.getInts(words);
        address = words[0];
        length = words[1];
        result = words[2];
        reportedTask = words[3];
        linesAhead.clear();
        lines.clear();
        for (int i = 0; i < words[4]; i++) {
            lines.add(new Line(-1, in.getBytes()));
        }
        ended = in.getBoolean();
        interruptKey = in.getBoolean();
    }
}

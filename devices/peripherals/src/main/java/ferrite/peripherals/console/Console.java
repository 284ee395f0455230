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
 * The host console: lines of input, an interrupt key, two streams of output, and the exit status of each command. It masters the bus, so that a buffer goes out in one
 * command. Lines are given to it by who controls the machine, between two runs.
 */
public final class Console implements BusDevice, Saveable {

    public static final String COMPATIBLE = "ferrite,console";
    public static final long BYTES = ConsoleRegisters.BYTES;
    public static final int STANDARD_OUTPUT = ConsoleRegisters.WRITE_STANDARD_OUTPUT;
    public static final int STANDARD_ERROR = ConsoleRegisters.WRITE_STANDARD_ERROR;

    private static final int LARGEST_TRANSFER = 16 << 20;

    /** The person's side. Called in the middle of a run, by whoever has the turn. */
    public interface Host {

        /**
         * The guest took a line of input.
         *
         * @param number what {@link Console#input} returned when it was given, or -1 after a restore
         */
        default void lineTaken(int number, String line) { }

        /** Bytes for one of the two streams. An exception means that nobody listens any more. */
        void output(int stream, byte[] bytes) throws IOException;

        /** A command has ended. */
        void commandEnded(int status);

        /** The guest waits for a line, and there is none. */
        void inputWanted();
    }

    private final PhysicalBus bus;
    private final BusMaster master;
    private final IrqLine irq;
    private final Host host;
    private final LongSupplier eventNumber;
    private final LongSupplier time;
    private final List<Input> received = new ArrayList<>();
    /** Taken before {@link #lines}. */
    private final Deque<Line> linesAhead = new ArrayDeque<>();
    private final Deque<Line> lines = new ArrayDeque<>();
    private boolean ended;
    private boolean interruptKey;
    private int address;
    private int length;
    private int result;

    /**
     * Input that reached the guest, and when: what it takes, beside the seed, to do a run again.
     *
     * @param event the run's event number
     * @param tick  the machine's time
     * @param line  null but for a line; of one that was taken back, the number
     */
    public record Input(Kind kind, long event, long tick, String line) {

        /** What it can be; a line {@code AHEAD} is taken before lines that were there already. */
        public enum Kind { LINE, LINE_AHEAD, TAKEN_BACK, END, INTERRUPT_KEY }
    }

    private record Line(int number, byte[] bytes) { }

    /**
     * @param eventNumber tells the run's event number
     * @param time        tells the machine's time in ticks
     */
    public Console(String name, PhysicalBus bus, IrqLine irq, LongSupplier eventNumber, LongSupplier time, Host host) {
        this.bus = bus;
        this.master = new BusMaster(name, 32);
        this.irq = irq;
        this.eventNumber = eventNumber;
        this.time = time;
        this.host = host;
    }

    /** Gives the guest a line of input, without its line end. Returns its number among all input. */
    public int input(String line) {
        return give(lines, Input.Kind.LINE, line);
    }

    /** As {@link #input}, before lines given so that the guest has not taken: those of a script wait for somebody who types. */
    public int inputAhead(String line) {
        return give(linesAhead, Input.Kind.LINE_AHEAD, line);
    }

    /**
     * Makes the line that {@link #inputAhead} gave this number an empty one, if the guest has not taken it: who was told that there is a line still finds one.
     * Returns whether that could be done.
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

    /** Whether there are lines that the guest has not taken. */
    public boolean hasLines() {
        return !linesAhead.isEmpty() || !lines.isEmpty();
    }

    private int give(Deque<Line> to, Input.Kind kind, String line) {
        int number = received.size();
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

    /** The interrupt key is pressed. May be called while the machine runs, between two accesses, by whoever has the turn. */
    public void pressInterruptKey() {
        record(Input.Kind.INTERRUPT_KEY, null);
        interruptKey = true;
        irq.set(true);
    }

    private void record(Input.Kind kind, String line) {
        received.add(new Input(kind, eventNumber.getAsLong(), time.getAsLong(), line));
    }

    /** All input so far, oldest first. It is a record of the run, not part of the machine: a restored snapshot does not shorten it. */
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
            case ConsoleRegisters.REPORT -> host.commandEnded(value);
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
        return new BusFault(offset, width, "the console has no such register here");
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
        if (length < 0 || length > LARGEST_TRANSFER) {
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
        out.putInts(new int[] {address, length, result, linesAhead.size() + lines.size()});
        linesAhead.forEach(line -> out.putBytes(line.bytes));
        lines.forEach(line -> out.putBytes(line.bytes));
        out.putBoolean(ended);
        out.putBoolean(interruptKey);
    }

    @Override
    public void restore(StateReader in) {
        int[] words = new int[4];
        in.getInts(words);
        address = words[0];
        length = words[1];
        result = words[2];
        linesAhead.clear();
        lines.clear();
        for (int i = 0; i < words[3]; i++) {
            lines.add(new Line(-1, in.getBytes()));
        }
        ended = in.getBoolean();
        interruptKey = in.getBoolean();
    }
}

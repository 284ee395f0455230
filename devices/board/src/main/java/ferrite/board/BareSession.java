package ferrite.board;

import ferrite.hardware.Machine;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.monitor.Monitor;
import ferrite.hardware.report.Violation;
import ferrite.hardware.turn.Turn;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * One run of a bare program: carries its serial line, says how it ended. The thread that calls {@link #run} controls the machine.
 *
 * <p><b>Input and time.</b> A byte is taken from the host when the program waits for one: when every hart waits and the receiver's interrupt is on,
 * or when the program reads the receiver's status over and over. The machine, its time included, then stands still until the byte or the end of input is there; so a
 * file and a pipe give the same run, however slow the pipe. A program that is busy with the receiver's interrupt on gets what is there at that
 * moment, a character's time after the one before. While every hart waits with nobody to wait for, time jumps ahead to what is due next.
 * When a person types, waiting takes as long as it takes, and timers go on.
 */
public final class BareSession implements RunControl, AutoCloseable {

    public static final int FAILED = 1;
    public static final int NOT_FINISHED = 124;
    /** The person left. */
    public static final int LEFT = 130;

    /** How long a program that polls an idle keyboard sleeps between two looks, in ticks: ten milliseconds. */
    private static final long NAP_TICKS = Clock.TICKS_PER_SECOND / 100;
    /** How long it looks. */
    private static final long POLLING_TICKS = 1000;
    /** How often a busy program's pipe is looked at: a thousand times a second of its time. */
    private static final long LOOK_TICKS = Clock.TICKS_PER_SECOND / 1000;

    /**
     * What a person typed, and when it reached the program: what it takes, beside the seed, to do a run again.
     *
     * @param event the run's event number
     * @param value the byte
     */
    public record Input(long event, int value) { }

    private final BareBoard board;
    private final Turn turn;
    private final Clock clock;
    private final SerialInput input;
    private final OutputStream out;
    private final PrintStream err;
    private final List<Input> typed = new ArrayList<>();
    private long bytesReceived;
    private boolean polled;
    private boolean inputEnded;
    private boolean left;
    private boolean unheard;
    private boolean halted;
    private boolean debuggerExpected;
    /** The program has asked for a byte, and is told when it runs on. */
    private boolean unanswered;
    private SnapshotTaker snapshots;

    /**
     * Builds a board and prepares to run it.
     *
     * @param input given the machine's turn; where the serial line's bytes come from
     * @param out   where they go
     * @param err   what the program's host has to say, and what the program writes to file descriptor 2
     * @throws IOException with a sentence, when one of the files is unusable
     */
    public BareSession(BoardOptions options, GuestProgram program, Function<Turn, SerialInput> input, OutputStream out, PrintStream err) throws IOException {
        this(host -> BareBoard.of(options, program, host), input, out, err);
    }

    /** As above, to go on where a snapshot was taken; options are as {@link SavedMachine#complete} makes them. */
    public BareSession(BoardOptions options, SnapshotFile snapshot, Function<Turn, SerialInput> input, OutputStream out, PrintStream err) throws IOException {
        this(host -> BareBoard.of(options, snapshot, host), input, out, err);
        unanswered = board.isUnanswered();
        polled = board.isPolling();
    }

    private BareSession(Builder builder, Function<Turn, SerialInput> input, OutputStream out, PrintStream err) throws IOException {
        this.out = out;
        this.err = err;
        this.board = builder.build(new Host());
        this.turn = board.machine().turn();
        this.clock = board.machine().clock();
        this.snapshots = new SnapshotTaker(board, SnapshotPlan.none());
        this.input = input.apply(turn);
        ControlCommands.addTo(board.monitor(), this);
        StateCommands.addTo(board.monitor(), this);
    }

    private interface Builder {
        BareBoard build(BareHost host) throws IOException;
    }

    /** The serial line's host. */
    private final class Host implements BareHost {

        @Override
        public void serialOutput(int value) {
            try {
                out.write(value);
            } catch (IOException nobodyListens) {
                unheard = true;
                turn.stop(Turn.Stop.HALTED);
            }
        }

        @Override
        public void write(int descriptor, byte[] bytes) {
            if (descriptor == 2) {
                err.write(bytes, 0, bytes.length);
                return;
            }
            for (byte b : bytes) {
                serialOutput(b & 0xff);
            }
        }

        @Override
        public void inputWanted(boolean onlyWaits) {
            polled = onlyWaits;
            turn.stop(Turn.Stop.INPUT_WANTED);
        }

        @Override
        public void violation(Violation violation) {
            err.print(ViolationText.WITHOUT_REPLAY.of(violation));
        }
    }

    public Machine machine() {
        return board.machine();
    }

    public Monitor monitor() {
        return board.monitor();
    }

    /** What a person has typed so far. What came from a file or a pipe is there to be read again, and is not kept. */
    public List<Input> typed() {
        return List.copyOf(typed);
    }

    /** How many bytes of input have reached the program, whoever they came from. */
    public long bytesReceived() {
        return bytesReceived;
    }

    @Override
    public void setHalted(boolean stand) {
        halted = stand;
        if (stand) {
            turn.stop(Turn.Stop.HALTED);
        }
    }

    /** Says that somebody will be there who can let a halted machine run on. */
    public void expectDebugger() {
        debuggerExpected = true;
    }

    @Override
    public boolean expectsDebugger() {
        return debuggerExpected;
    }

    /** Makes the run begin halted. */
    public void haltFirst() {
        halted = true;
    }

    /**
     * Says where snapshots may be put, and when some are to be taken.
     *
     * @throws IllegalArgumentException with a sentence, when the run is past one of the moments
     */
    public void takeSnapshots(SnapshotPlan plan) {
        snapshots = new SnapshotTaker(board, plan);
    }

    SnapshotTaker snapshots() {
        return snapshots;
    }

    /** To be called by whoever has the turn, when a person has typed something. */
    public void inputArrived() {
        turn.stop(Turn.Stop.HALTED);                   // the loop below looks what it is
    }

    /** Runs to the end. Returns the exit status of the command. */
    public int run() throws IOException {
        for (;;) {
            standWhileHalted();
            if (input.isPerson()) {
                serveKeyboard();
            }
            if (left || unheard) {
                return leave();
            }
            if (unanswered) {
                answer();
                continue;
            }
            Turn.Stop stop = turn.runUntilQuiet();
            switch (stop) {
                case HALTED -> { }
                case INPUT_WANTED -> answer();
                case QUIET -> {
                    if (!passTime()) {
                        return end(Turn.Stop.ALL_WAIT);
                    }
                }
                case POWERED_OFF -> {
                    if (!board.wantsReset()) {
                        return end(stop);
                    }
                    board.reset();
                }
                case INSTRUCTION_LIMIT -> {
                    snapshots.takeDue();
                    if (board.isSpent()) {
                        return end(stop);
                    }
                }
                default -> {
                    return end(stop);
                }
            }
        }
    }

    private void serveKeyboard() throws IOException {
        int value = board.awaitsInput() ? input.take() : SerialInput.NOT_YET;
        left = input.isQuitting();
        if (value != SerialInput.NOT_YET) {
            give(value);
        }
    }

    private void standWhileHalted() throws IOException {
        try {
            while (halted) {
                turn.servePost();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the machine was halted");
        }
    }

    /** The program has asked for a byte. */
    private void answer() throws IOException {
        out.flush();
        unanswered = false;
        int value = input.take();
        if (value != SerialInput.NOT_YET) {
            give(value);
        } else if (!input.isPerson()) {
            int awaited = polled ? await() : value;
            unanswered = polled && awaited == SerialInput.NOT_YET;        // halted meanwhile
            if (!unanswered) {
                give(awaited);
            }
        } else if (polled) {
            nap(Math.min(clock.nextDue(), clock.now() + NAP_TICKS));
            board.askAgainIn(POLLING_TICKS);
        }
    }

    /** Every hart waits. Returns false when that is for ever. */
    private boolean passTime() throws IOException {
        out.flush();
        boolean waitsForInput = board.awaitsInput() && !inputEnded;
        if (waitsForInput) {
            int value = input.isPerson() ? input.take() : await();
            if (halted) {
                return true;
            }
            if (value != SerialInput.NOT_YET) {
                give(value);
                return true;
            }
        }
        long due = clock.nextDue();
        if (due == Long.MAX_VALUE && !waitsForInput) {
            return false;
        }
        if (input.isPerson()) {
            nap(due);
        } else {
            letPass(due);
        }
        return true;
    }

    /** Waits for a pipe. When the machine is halted meanwhile, the answer is that nothing has come. */
    private int await() throws IOException {
        int value = input.take();
        while (value == SerialInput.NOT_YET && !halted) {
            input.await(Long.MAX_VALUE);
            value = input.take();
        }
        return value;
    }

    private void give(int value) {
        switch (value) {
            case SerialInput.NOT_YET -> board.askAgainIn(LOOK_TICKS);
            case SerialInput.END -> inputEnded = true;
            default -> {
                bytesReceived++;
                if (input.isPerson()) {
                    typed.add(new Input(turn.eventNumber(), value));
                }
                board.receive(value);
            }
        }
    }

    /** Lets a person's time pass, until something is due or something comes. */
    private void nap(long due) throws IOException {
        long nanoseconds = due == Long.MAX_VALUE ? due : (due - clock.now()) * Clock.NANOSECONDS_PER_TICK;
        long passed = input.await(nanoseconds);
        letPass(Math.min(due, clock.now() + passed / Clock.NANOSECONDS_PER_TICK));
    }

    private void letPass(long until) {
        clock.jumpTo(until);
        clock.fireDue();
    }

    // ---- the end ----

    private int leave() throws IOException {
        if (unheard) {
            err.println("standard output cannot be written any more");
            return FAILED;
        }
        out.flush();
        err.println("left from the console");
        return LEFT;
    }

    private int end(Turn.Stop stop) throws IOException {
        try {
            out.flush();
        } catch (IOException nobodyListens) {
            unheard = true;
        }
        int status = new BareEnding(board, err).report(stop);
        snapshots.tellOfMissed(err);
        err.flush();
        return status == 0 && unheard ? leave() : status;
    }

    @Override
    public void close() throws IOException {
        board.close();
    }
}

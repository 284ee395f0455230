package ferrite.board;

import ferrite.debugport.MachinePrompt;
import ferrite.hardware.report.Violation;
import ferrite.hardware.turn.Turn;
import ferrite.kernel.shell.CommandWatcher;
import ferrite.peripherals.console.Console;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * One run of a board from power-on to power-off: gives the guest its lines, carries its output away, and keeps count of what went wrong.
 * The thread that calls {@link #run} controls the machine.
 */
public final class Session implements BoardHost, RunControl, AutoCloseable {

    /** Exit statuses of the {@code ferrite} command. */
    public static final int COMMAND_FAILED = 1;
    public static final int VIOLATION = 4;
    public static final int PANIC = 5;
    public static final int INSTRUCTIONS_SPENT = 124;

    /** Where lines of input come from. */
    @FunctionalInterface
    public interface LineSource {

        /** The next line, or null at the end. May block. */
        String next() throws IOException;
    }

    /** Where the run's output goes. */
    public static final class Streams {
        private final OutputStream out;
        private final PrintStream err;
        private final OutputStream serial;
        private final boolean verbose;
        private final boolean json;
        private final TerminalLook look;
        private final LongSupplier hostClock;

        /**
         * @param serial  takes what leaves the serial line
         * @param verbose whether the kernel log goes to {@code err}
         */
        public Streams(OutputStream out, PrintStream err, OutputStream serial, boolean verbose) {
            this(out, err, serial, verbose, false, null, null);
        }

        private Streams(OutputStream out, PrintStream err, OutputStream serial, boolean verbose, boolean json, TerminalLook look, LongSupplier hostClock) {
            this.out = out;
            this.err = err;
            this.serial = serial;
            this.verbose = verbose;
            this.json = json;
            this.look = look;
            this.hostClock = hostClock;
        }

        /** The same streams, with lines of JSON on {@code out}: one for each command, one for each violation. */
        public Streams asJson() {
            return new Streams(out, err, serial, verbose, true, null, null);
        }

        /** The same streams, {@code err} being a terminal; {@code hostClock} tells nanoseconds, for when something is worth showing. */
        public Streams atTerminal(TerminalLook how, LongSupplier hostClock) {
            return new Streams(out, err, serial, verbose, json, how, hostClock);
        }

        private FrontEnd frontEnd() {
            if (json) {
                return new JsonFrontEnd(out, err);
            }
            FrontEnd text = new TextFrontEnd(out, err);
            return look == null ? text : new TerminalFrontEnd(text, err, look, hostClock);
        }
    }

    private final Board board;
    private final Streams streams;
    private final Function<Violation, String> violationText;
    private final FrontEnd frontEnd;
    private final RunningCommands commands;
    private final LineInbox inbox;
    private final AttachedPrompts attached;
    private int failedCommands;
    private boolean sawViolation;
    private boolean halted;
    private boolean debuggerExpected;
    /** The front end of the command that switched the machine off; null for the run's own. */
    private FrontEnd switchedOffBy;

    /**
     * Builds a board and prepares to run it.
     *
     * @param script        lines that are all there from the start, or null when they come from {@code lines}
     * @param lines         asked for a line when the guest wants one; the machine stands still meanwhile
     * @param violationText how a violation is shown to a person
     */
    public Session(BoardOptions options, List<String> script, LineSource lines, Streams streams,
                   Function<Violation, String> violationText) throws IOException {
        this.streams = streams;
        this.violationText = violationText;
        this.frontEnd = streams.frontEnd();
        this.commands = new RunningCommands(this::board, frontEnd);
        this.board = new Board(options, this);
        this.inbox = new LineInbox(lines, board.machine().turn());
        this.attached = new AttachedPrompts(this, commands);
        if (script != null) {
            script.forEach(board.console()::input);
            board.console().endInput();
        }
        ControlCommands.addTo(board.monitor(), this);
    }

    public Board board() {
        return board;
    }

    /** The prompt for clients that are not local. */
    public MachinePrompt prompt() {
        return attached;
    }

    /** Whether the machine is to stand still before its next access; may be changed by whoever has the turn. */
    @Override
    public void setHalted(boolean stand) {
        halted = stand;
        if (stand) {
            board.machine().turn().stop(Turn.Stop.HALTED);
        }
    }

    boolean isHalted() {
        return halted;
    }

    /** Says that somebody will be there who can let a halted machine run on; without, {@code halt} would be for ever, and is refused. */
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

    /** The person at the terminal presses the interrupt key (Ctrl-C): for a command of his own, not for a client's. May be called by any thread. */
    public void pressInterruptKey() {
        board.machine().turn().post(() -> {
            CommandRun foreground = commands.foreground();
            if (foreground == null || foreground.typedAt() == null) {
                board.console().pressInterruptKey();
            }
        });
    }

    /** Runs to the end, which is once only. Returns the exit status of the command. */
    public int run() throws IOException {
        try {
            return runToTheEnd();
        } finally {
            board.machine().turn().refusePosts();
            attached.end(COMMAND_FAILED, "the machine's run failed", null);      // unless its end was told
        }
    }

    private int runToTheEnd() throws IOException {
        for (;;) {
            standWhileHalted();
            Turn.Stop stop = board.machine().turn().run();
            switch (stop) {
                case INPUT_WANTED -> giveLine();
                case HALTED, QUIET -> { }
                default -> {
                    return end(stop);
                }
            }
        }
    }

    private void standWhileHalted() throws IOException {
        try {
            while (halted) {
                board.machine().turn().servePost();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the machine was halted");
        }
    }

    private void giveLine() throws IOException {
        streams.out.flush();
        Console console = board.console();
        if (console.hasLines() || !inbox.await(console::hasLines)) {
            return;                                   // a client was faster
        }
        String line = inbox.take();
        if (line == null) {
            console.endInput();
        } else {
            console.input(line);
        }
    }

    private int end(Turn.Stop stop) throws IOException {
        board.machine().turn().refusePosts();
        streams.out.flush();
        streams.serial.flush();
        String reason = switch (stop) {
            case CRASHED -> "a hart crashed: a trap's handler cannot be fetched";
            case PANIC -> "kernel panic: " + describe(board.machine().turn().panic());
            case ALL_WAIT -> "the machine stands still: every hart waits, and nothing is left to happen";
            case INSTRUCTION_LIMIT -> "--max-instructions ran out after " + board.machine().clock().instructions() + " instructions";
            default -> null;
        };
        if (reason != null) {
            streams.err.println(reason);
        }
        for (CommandRun command : commands.takeAll()) {
            tell(command::cutShort);
        }
        frontEnd.finish();
        streams.err.flush();
        int status = status(stop);
        attached.end(status, reason == null ? "the machine was switched off" : reason, switchedOffBy);
        return status;
    }

    private int status(Turn.Stop stop) {
        if (sawViolation) {
            return VIOLATION;
        }
        return switch (stop) {
            case PANIC, CRASHED -> PANIC;
            case INSTRUCTION_LIMIT -> INSTRUCTIONS_SPENT;
            case ALL_WAIT -> COMMAND_FAILED;
            default -> failedCommands > 0 || board.finisherCode() != 0 ? COMMAND_FAILED : 0;
        };
    }

    private static String describe(Throwable panic) {
        return panic.getMessage() == null ? panic.toString() : panic.getMessage();
    }

    // ---- the guest's side ----

    @Override
    public void lineTaken(int number, String line) {
        commands.lineTaken(number, line);
    }

    @Override
    public CommandWatcher commands() {
        return commands;
    }

    @Override
    public void output(int stream, byte[] bytes) throws IOException {
        CommandRun command = commands.current();
        if (command == null) {
            frontEnd.output(stream, bytes);
        } else {
            command.output(stream, bytes);
        }
    }

    @Override
    public void commandEnded(int status) {
        CommandRun command = commands.takeEnded();
        boolean isOwn = command == null || command.typedAt() == null;
        failedCommands += isOwn && status != 0 ? 1 : 0;
        tell(() -> {
            if (command != null) {
                command.ended(status);
            }
            streams.out.flush();
        });
    }

    /** Something said to whoever listens. */
    @FunctionalInterface
    private interface Saying {
        void say() throws IOException;
    }

    /** That nobody listens any more is a failure, and no reason to stop. */
    private void tell(Saying saying) {
        try {
            saying.say();
        } catch (IOException nobodyListens) {
            failedCommands++;
        }
    }

    /** The command that did it has done what it was asked for. */
    @Override
    public void switchedOff() {
        CommandRun command = commands.current();
        if (command != null) {
            commands.remove(command);
            switchedOffBy = command.typedAt();
            tell(() -> command.ended(board.finisherCode() == 0 ? 0 : COMMAND_FAILED));
        }
    }

    @Override
    public void serialOutput(int value) {
        try {
            streams.serial.write(value);
        } catch (IOException unplugged) {
            // a line that nobody is at the other end of: bytes are lost, as they would be
        }
    }

    @Override
    public void kernelLog(String line) {
        if (streams.verbose) {
            streams.err.print(line);
        }
    }

    @Override
    public void violation(Violation violation) {
        sawViolation = true;
        String text = violationText.apply(violation);
        String mistake = violation.mistake();
        tell(() -> frontEnd.violation(violation, text, mistake));
        attached.violation(violation, text, mistake);
    }

    public int failedCommands() {
        return failedCommands;
    }

    @Override
    public void close() throws IOException {
        board.close();
    }
}

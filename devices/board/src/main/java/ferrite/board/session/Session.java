package ferrite.board.session;

import ferrite.board.front.CommandRun;
import ferrite.board.front.FrontEnd;
import ferrite.board.front.JsonFrontEnd;
import ferrite.board.front.TerminalFrontEnd;
import ferrite.board.front.TerminalLook;
import ferrite.board.front.TextFrontEnd;
import ferrite.board.options.BoardOptions;
import ferrite.board.wiring.Board;
import ferrite.board.wiring.BoardHost;
import ferrite.debugport.MachinePrompt;
import ferrite.hardware.Machine;
import ferrite.hardware.debug.DebugTarget;
import ferrite.hardware.hart.Hart;
import ferrite.hardware.model.ModelFailure;
import ferrite.hardware.monitor.Monitor;
import ferrite.hardware.report.Durations;
import ferrite.hardware.report.Violation;
import ferrite.hardware.turn.Halt;
import ferrite.hardware.turn.RunControl;
import ferrite.hardware.turn.Strand;
import ferrite.hardware.turn.Turn;
import ferrite.kernel.log.CallSite;
import ferrite.kernel.shell.CommandWatcher;
import ferrite.peripherals.console.Console;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * One run of a board from power-on to power-off: gives the guest its lines, shows its output, and counts failures. The
 * thread that calls {@link #run} controls the machine.
 */
public final class Session implements BoardHost, MachineSession {

    /** A source of lines of input. */
    @FunctionalInterface
    public interface LineSource {

        /** Returns the next line, or null at the end. May block. */
        String next() throws IOException;
    }

    /** The streams that take the run's output. */
    public static final class Streams {

        private final OutputStream out;
        private final PrintStream err;
        private final OutputStream serial;
        private final boolean verbose;
        private final FrontEnd frontEnd;

        /**
         * @param serial  takes the bytes that leave the serial line
         * @param verbose whether the kernel log goes to {@code err}
         */
        public Streams(OutputStream out, PrintStream err, OutputStream serial, boolean verbose) {
            this(out, err, serial, verbose, new TextFrontEnd(out, err));
        }

        private Streams(OutputStream out, PrintStream err, OutputStream serial, boolean verbose, FrontEnd frontEnd) {
            this.out = out;
            this.err = err;
            this.serial = serial;
            this.verbose = verbose;
            this.frontEnd = frontEnd;
        }

        /**
         * Returns the same streams with lines of JSON on {@code out}, one for each command and one for each violation.
         *
         * @param again supplies the command line that repeats the run so far
         */
        public Streams asJson(Supplier<String> again) {
            return new Streams(out, err, serial, verbose, new JsonFrontEnd(out, err, again));
        }

        /**
         * Returns the same streams with {@code err} as a terminal.
         *
         * @param hostClock tells nanoseconds; it times the progress bar
         */
        public Streams atTerminal(TerminalLook look, LongSupplier hostClock) {
            return new Streams(out, err, serial, verbose,
                    new TerminalFrontEnd(new TextFrontEnd(out, err), err, look, hostClock));
        }
    }

    private final Board board;
    private final Streams streams;
    private final Function<Violation, String> violationText;
    private final FrontEnd frontEnd;
    private final RunningCommands commands;
    private final LineInbox inbox;
    private final AttachedPrompts attached;
    private final KernelSnapshots snapshots = new KernelSnapshots(this);
    /** Whether the shell waits for a line, without having asked for it since the machine became quiet. */
    private boolean lineIsDue;
    /** Whether the controller waits for a line. */
    private boolean awaitingLine;
    /** Whether a person can press the interrupt key. */
    private boolean atTerminal;
    private int failedCommands;
    private boolean sawViolation;
    /** Why output of the serial line was lost; null if none was. */
    private IOException serialFailure;
    /** The front end of the command that switched the machine off; null for the run's own. */
    private FrontEnd switchedOffBy;

    /**
     * Builds a board and prepares to run it.
     *
     * @param script        all lines of the run, or null if they come from {@code lines}
     * @param lines         is asked for a line when the guest wants one; the machine stands still meanwhile
     * @param violationText returns the explanation of a violation for a person
     */
    public Session(BoardOptions options, List<String> script, LineSource lines, Streams streams,
                   Function<Violation, String> violationText) throws IOException {
        this.streams = streams;
        this.violationText = violationText;
        this.frontEnd = streams.frontEnd;
        this.commands = new RunningCommands(this::board, frontEnd);
        this.board = new Board(options, this);
        this.inbox = new LineInbox(lines, board.machine().control());
        this.attached = new AttachedPrompts(this, commands);
        board.machine().control().onHalt(this::halted);
        snapshots.addTo(board.monitor());
        board.monitor().printTo(this::notice);
        if (script != null) {
            script.forEach(board.console()::input);
            board.console().endInput();
        }
    }

    public Board board() {
        return board;
    }

    @Override
    public Machine machine() {
        return board.machine();
    }

    @Override
    public Monitor monitor() {
        return board.monitor();
    }

    @Override
    public DebugTarget debugTarget() {
        return new KernelTarget(board);
    }

    @Override
    public MachinePrompt prompt() {
        return attached;
    }

    /**
     * Presses the interrupt key (Ctrl-C) at the terminal. It reaches commands that were typed there, and none of a
     * client. May be called by any thread.
     */
    public void pressInterruptKey() {
        board.machine().control().post(() -> {
            CommandRun foreground = commands.foreground();
            if (foreground == null || foreground.typedAt() == null) {
                board.console().pressInterruptKey();
            }
        });
    }

    @Override
    public int run() throws IOException {
        try {
            return runToTheEnd();
        } finally {
            board.machine().turn().posts().refuse();
            attached.end(ExitStatus.FAILED, "the machine's run failed", null);      // unless they have been told
        }
    }

    private int runToTheEnd() throws IOException {
        for (;;) {
            board.machine().control().waitWhileHalted();
            if (machine().control().isKilled()) {
                streams.err.println("killed by the debugger");
                return end(Turn.Stop.POWERED_OFF);
            }
            lineIsDue |= snapshots.returnIfWanted();
            if (lineIsDue) {
                lineIsDue = false;
                giveLine();
                continue;
            }
            Turn turn = board.machine().turn();
            Turn.Stop stop = snapshots.isWanted() && !board.console().hasLines()
                    ? turn.runUntilQuietOr(snapshots::isDue) : turn.run();
            switch (stop) {
                case INPUT_WANTED -> {
                    snapshots.shellWaits();
                    giveLine();
                }
                case HALTED -> { }
                case QUIET -> {
                    snapshots.take();
                    lineIsDue = true;
                }
                default -> {
                    if (!waitsForPerson(stop) && !board.machine().control().haltAtEnd(stop)) {
                        return end(stop);
                    }
                }
            }
        }
    }

    /** Tells the session that a person sits at the terminal, who can press the interrupt key. */
    public void atTerminal() {
        atTerminal = true;
    }

    /**
     * Waits for a key or a line if every hart waits, and a person can give it. Tasks that no signal reaches are told
     * of. Returns whether the machine can run on.
     */
    private boolean waitsForPerson(Turn.Stop stop) throws IOException {
        if (stop != Turn.Stop.ALL_WAIT || !board.kernel().isUp() || !atTerminal && !attached.areAny()
                || machine().control().holdsRunnable()) {
            return false;
        }
        board.kernel().tasks().hungTasks().report();
        streams.out.flush();
        machine().control().serveUntil(() -> canGoOn() || !atTerminal && !attached.areAny());
        return canGoOn();
    }

    private boolean canGoOn() {
        return machine().harts().stream().anyMatch(Hart::isRunnable) || machine().clock().nextDue() != Long.MAX_VALUE
                || machine().control().isHalted() || machine().control().isKilled() || snapshots.isWaiting()
                || machine().turn().hasFailed();
    }

    private void giveLine() throws IOException {
        streams.out.flush();
        Console console = board.console();
        RunControl control = board.machine().control();
        while (console.hasLines() || !awaitLine(console, control)) {
            if (console.hasLines() || control.isKilled() || snapshots.isWaiting() || machine().turn().hasFailed()) {
                return;                               // a client was faster, or a host thread broke the run
            }
            control.waitWhileHalted();
        }
        String line = inbox.take();
        if (line == null) {
            tellOfBackground();
            console.endInput();
        } else {
            console.input(line);
        }
    }

    /** Tells a person why the end of input does not end the run at once. */
    private void tellOfBackground() {
        int running = commands.running();
        if (atTerminal && running > 0) {
            notice("waiting for " + running + (running == 1 ? " background command" : " background commands")
                    + "; Ctrl-C ends ferrite at once\n");
        }
    }

    /** Waits for a line or a request. Returns whether there is a line to take. */
    private boolean awaitLine(Console console, RunControl control) throws IOException {
        awaitingLine = true;
        try {
            return inbox.await(() -> console.hasLines() || control.isHalted() || control.isKilled()
                    || snapshots.isWaiting() || machine().turn().hasFailed());
        } finally {
            awaitingLine = false;
        }
    }

    /** Tells whether the machine stands still because the shell waits for a line. */
    boolean awaitsLine() {
        return awaitingLine;
    }

    /** Tells whether the caller is the controller, and no Java frame of the machine runs. */
    boolean isAtRest() {
        return awaitingLine || machine().control().isStanding();
    }

    /** Ends the commands that ran when the machine returned to a snapshot. The shell waits for a line. */
    void restored(String text) {
        lineIsDue = !awaitingLine;
        for (CommandRun command : commands.takeAll()) {
            tell(() -> command.ended(ExitStatus.FAILED));
        }
        attached.restored(commands.takeTypists());
        notice(text);
    }

    /** Tells the people at all prompts something. */
    void notice(String text) {
        streams.err.print(text);
        streams.err.flush();
        attached.notice(text);
    }

    private int end(Turn.Stop stop) throws IOException {
        board.machine().turn().posts().refuse();
        streams.out.flush();
        endSerialLine();
        if (stop == Turn.Stop.ALL_WAIT && board.kernel().isUp()) {
            board.kernel().tasks().hungTasks().report();
        }
        String reason = switch (stop) {
            case CRASHED -> "a hart crashed: a trap's handler cannot be fetched";
            case PANIC -> hasTimedOut() ? board.machine().turn().panic().getMessage()
                    : describe(board.machine().turn().panic());
            case ALL_WAIT -> "the machine stands still: every hart waits, and nothing is left to happen";
            case INSTRUCTION_LIMIT -> "--max-instructions ran out after "
                    + board.machine().clock().instructions() + " instructions";
            case TIME_LIMIT -> "--max-time ran out after " + Durations.write(board.machine().turn()
                    .limits().lastTick());
            default -> null;
        };
        if (reason != null) {
            streams.err.println(reason);
        }
        if (stop == Turn.Stop.PANIC) {
            frames(board.machine().turn().panic()).forEach(streams.err::println);
        }
        if (snapshots.missed() != null) {
            streams.err.println(snapshots.missed());
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

    /** Writes the rest of the serial line's output. A lost byte counts as a failed command. */
    private void endSerialLine() {
        try {
            streams.serial.flush();
        } catch (IOException unwritable) {
            serialFailure = unwritable;
        }
        if (serialFailure != null) {
            failedCommands++;
            streams.err.println("output of the serial line was lost: " + serialFailure.getMessage());
        }
    }

    private int status(Turn.Stop stop) {
        if (sawViolation) {
            return ExitStatus.VIOLATION;
        }
        return switch (stop) {
            case PANIC, CRASHED -> hasTimedOut() ? ExitStatus.NOT_FINISHED : ExitStatus.PANIC;
            case INSTRUCTION_LIMIT, TIME_LIMIT -> ExitStatus.NOT_FINISHED;
            case ALL_WAIT -> ExitStatus.FAILED;
            default -> failedCommands > 0 || board.finisherCode() != 0 ? ExitStatus.FAILED : 0;
        };
    }

    private boolean hasTimedOut() {
        return board.machine().turn().panic() instanceof TimeLimitReached;
    }

    private static String describe(Throwable panic) {
        if (panic instanceof ModelFailure) {
            return panic.getMessage();
        }
        if (panic instanceof OutOfMemoryError) {
            return "kernel panic: the host's Java heap is full; use a smaller --ram, or give Java more with -Xmx";
        }
        return "kernel panic: " + (panic.getMessage() == null ? panic + " (at " + CallSite.of(panic) + ")"
                : panic.getMessage());
    }

    /** Returns the Java frames that a person needs to see. */
    private static List<String> frames(Throwable panic) {
        return panic instanceof Standstill standstill ? standstill.frames()
                : panic instanceof ModelFailure failure ? failure.frames() : List.of();
    }

    /** Tells the people at the prompts that a point was reached. A debugger that is attached tells its own user. */
    private void halted(Halt halt) {
        if (halt.isAtPoint() && !machine().control().isDebugged()) {
            notice("halted: " + halt.inWords() + "; 'continue' lets the machine run on\n");
        }
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
    public void commandEnded(int pid, int status) {
        CommandRun command = commands.ended(pid);
        boolean isOwn = command == null || command.typedAt() == null;
        failedCommands += isOwn && status != 0 ? 1 : 0;
        tell(() -> {
            if (command != null) {
                command.ended(status);
            }
            streams.out.flush();
        });
    }

    /** Writes to a front end. */
    @FunctionalInterface
    private interface Message {
        void write() throws IOException;
    }

    /** Writes a message. An error counts as a failed command; the run continues. */
    private void tell(Message message) {
        try {
            message.write();
        } catch (IOException unwritable) {
            failedCommands++;
        }
    }

    /** Ends the command that switched the machine off. */
    @Override
    public void switchedOff() {
        int code = board.finisherCode();
        if (code != 0) {
            tell(() -> output(Console.STANDARD_ERROR, ("the guest reported failure, with code " + code + "\n")
                    .getBytes(StandardCharsets.UTF_8)));
        }
        CommandRun command = commands.current();
        if (command != null) {
            commands.remove(command);
            switchedOffBy = command.typedAt();
            tell(() -> command.ended(code == 0 ? 0 : ExitStatus.FAILED));
        }
    }

    @Override
    public void serialOutput(int value) {
        try {
            streams.serial.write(value);
        } catch (IOException unwritable) {
            serialFailure = unwritable;                // the guest is not told, as by a line that is not connected
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
        board.machine().control().violated("violation " + violation.rule() + ": " + violation.summary());
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
        for (Strand strand : board.machine().turn().strands().unended()) {
            streams.err.println("ferrite: the code of task '" + strand.name() + "' does not end with the machine: it "
                    + "catches every error, or loops without an access");
        }
        streams.err.flush();
    }
}

package ferrite.board.session;

import ferrite.board.front.JsonLines;
import ferrite.board.front.ViolationText;
import ferrite.board.image.GuestProgram;
import ferrite.board.image.GuestSymbols;
import ferrite.board.options.BoardOptions;
import ferrite.board.options.ReplayLine;
import ferrite.board.snapshot.SavedMachine;
import ferrite.board.snapshot.SnapshotFile;
import ferrite.board.snapshot.SnapshotPlan;
import ferrite.board.wiring.BareBoard;
import ferrite.board.wiring.BareHost;
import ferrite.debugport.MachinePrompt;
import ferrite.hardware.Machine;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.debug.DebugTarget;
import ferrite.hardware.debug.SymbolSource;
import ferrite.hardware.monitor.Monitor;
import ferrite.hardware.report.Violation;
import ferrite.hardware.turn.RunControl;
import ferrite.hardware.turn.SpinWatch;
import ferrite.hardware.turn.Turn;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * One run of a bare program: connects its serial line to the host, and reports its end. The thread that calls
 * {@link #run} controls the machine.
 *
 * <p><b>Input and time.</b> A byte is taken from the host when the program waits for one: every hart waits and the
 * receiver's interrupt is on, or the program reads the receiver's status over and over. The machine and its time then
 * stand still until the byte or the end of input arrives, so a slow pipe and a fast one give the same run. A busy
 * program with the receiver's interrupt on gets the bytes of a file one character's time apart. It gets the bytes of a
 * pipe when it waits again. If it has been busy for a second of its time, it gets those that have arrived: only then
 * does the host's time reach the program. While every hart waits and no input is wanted, time jumps ahead to the next
 * event. When a person types, waiting takes real time, and timers go on.
 */
public final class BareSession implements MachineSession {

    /** The sleep of a program that polls an idle keyboard, between two polls, in ticks: ten milliseconds. */
    private static final long NAP_TICKS = Clock.TICKS_PER_SECOND / 100;
    /** The time for which it polls, in ticks. */
    private static final long POLLING_TICKS = 1000;

    /**
     * A byte that a person typed, and its moment. With the seed, these repeat a run.
     *
     * @param event the run's event number when the byte reached the program
     * @param value the byte
     */
    public record Input(long event, int value) { }

    private final BoardOptions options;
    /** Repeats the run from power-on, or from the snapshot that was restored last. */
    private ReplayLine replay;
    private final BareBoard board;
    private final Turn turn;
    private final RunControl control;
    private final Clock clock;
    private final SerialInput input;
    private final OutputStream out;
    private final PrintStream err;
    private final ViolationText violations;
    private BiConsumer<Violation, String> results = (violation, text) -> { };
    private final List<Input> typed = new ArrayList<>();
    private long bytesReceived;
    private boolean polled;
    private boolean inputEnded;
    private boolean left;
    private boolean unheard;
    /** The reason of the end, as a sentence without its full stop. */
    private String reason;
    /** Whether the program has asked for a byte and waits for the answer. */
    private boolean unanswered;
    private final PipeLooks looks;
    private SnapshotTaker snapshots;
    /** Takes the violations and the summary for programs; null if they are for people. */
    private JsonLines json;
    /** Tells between two slices whether the caller of {@link #runUntil} wants to look at the machine. */
    private BooleanSupplier pause = () -> false;
    /** Whether no test looks at the machine between two parts of the run, and may change it then. */
    private boolean nobodyPauses;
    private final DebugTarget target;
    private final SpinWatch spins;

    /**
     * Builds a board and prepares to run it.
     *
     * @param input creates the serial line's input, given the machine's control
     * @param out   takes the serial line's output
     * @param err   takes the host's messages, and the bytes that the program writes to file descriptor 2
     * @throws IOException with a sentence, when one of the files is unusable
     */
    public BareSession(BoardOptions options, GuestProgram program, Function<RunControl, SerialInput> input,
            OutputStream out, PrintStream err) throws IOException {
        this(options, host -> BareBoard.of(options, program, host),
                ReplayLine.ofBoot(options, program.image()).add(program.optionWords()),
                new GuestSymbols(program.image()), input, out, err);
    }

    /** Builds a board that goes on from a snapshot. {@link SavedMachine#complete} makes the options. */
    public BareSession(BoardOptions options, SnapshotFile snapshot, Function<RunControl, SerialInput> input,
            OutputStream out, PrintStream err) throws IOException {
        this(options, host -> BareBoard.of(options, snapshot, host), ReplayLine.ofRestore(options, snapshot.file()),
                SymbolSource.NONE, input, out, err);
        unanswered = board.input().isUnanswered();
        polled = board.input().isPolled();
    }

    private BareSession(BoardOptions options, Builder builder, ReplayLine beginning, SymbolSource symbols,
            Function<RunControl, SerialInput> input, OutputStream out, PrintStream err) throws IOException {
        this.options = options;
        this.replay = beginning;
        this.violations = new ViolationText(this::replay);
        this.out = out;
        this.err = err;
        this.board = builder.build(new Host());
        this.turn = board.machine().turn();
        this.control = board.machine().control();
        this.clock = board.machine().clock();
        this.snapshots = new SnapshotTaker(board, SnapshotPlan.none());
        this.input = input.apply(control);
        this.looks = new PipeLooks(turn, clock, board.input());
        this.target = new BareTarget(board, symbols);
        this.spins = board.watchSpins(this::isUndisturbed);
        StateCommands.addTo(board.monitor(), this);
        board.monitor().printTo(err::print);
    }

    private interface Builder {
        BareBoard build(BareHost host) throws IOException;
    }

    /** The host's side of the board. */
    private final class Host implements BareHost {

        @Override
        public void serialOutput(int value) {
            try {
                out.write(value);
            } catch (IOException unwritable) {
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
        public void note(String line) {
            err.println("ferrite boot: " + line);
        }

        @Override
        public void violation(Violation violation) {
            String text = violations.of(violation);
            results.accept(violation, text);
            if (json == null) {
                err.print(text);
            } else {
                report(() -> json.violation(violation));
            }
            control.violated("violation " + violation.rule() + ": " + violation.summary());
        }
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
        return target;
    }

    @Override
    public MachinePrompt prompt() {
        return null;
    }

    /**
     * Returns the bytes that a person has typed so far. Bytes of a file or a pipe can be read again, and are not kept.
     */
    public List<Input> typed() {
        return List.copyOf(typed);
    }

    /** Tells whether neither input, nor a debugger, nor a planned snapshot needs the machine to run on. */
    private boolean isUndisturbed() {
        boolean waitsForInput = board.input().isAwaited() && !inputEnded;
        boolean isSteered = control.isDebuggerExpected() || control.isDebugged() || snapshots.isPlanned();
        return nobodyPauses && !waitsForInput && !isSteered && turn.inputs().isEmpty();
    }

    /** Returns how many bytes of input have reached the program, from any source. */
    public long bytesReceived() {
        return bytesReceived;
    }

    /**
     * Sets the plan of snapshots.
     *
     * @throws IllegalArgumentException with a sentence, when the run is past one of the moments
     */
    public void takeSnapshots(SnapshotPlan plan) {
        snapshots = new SnapshotTaker(board, plan);
    }

    public SnapshotTaker snapshots() {
        return snapshots;
    }

    /**
     * Returns the halted machine to a snapshot in a file of the plan's directory. Input that the program has received
     * is not given again.
     *
     * @return the file
     * @throws IllegalArgumentException with a sentence, when the machine runs or no such file is allowed
     * @throws IOException with a sentence, when it cannot be restored
     */
    Path returnTo(String name) throws IOException {
        if (!control.isStanding()) {
            throw new IllegalArgumentException("the machine is running; 'halt' comes first");
        }
        Path file = snapshots.returnTo(name);
        control.returned(control.lastHalt().hart());
        replay = ReplayLine.ofRestore(options, file);
        bytesReceived = 0;
        returned();
        return file;
    }

    /** Has violations told to another place too, each with its text. */
    public void tellViolations(BiConsumer<Violation, String> place) {
        results = place;
    }

    /** Has violations and a summary of the run reported as lines of JSON, in place of the violations' texts. */
    public void reportTo(JsonLines lines) {
        json = lines;
    }

    private interface Line {
        void print() throws IOException;
    }

    /** Prints a line of JSON. If it is lost, the run ends as for a lost byte. */
    private void report(Line line) {
        try {
            line.print();
        } catch (IOException unwritable) {
            unheard = true;
            turn.stop(Turn.Stop.HALTED);
        }
    }

    /** Wakes the run after a person has typed. To be called by the thread that holds the turn. */
    public void inputArrived() {
        turn.stop(Turn.Stop.HALTED);                   // the run's loop looks at the input
    }

    @Override
    public int run() throws IOException {
        nobodyPauses = true;
        int status = runUntil(() -> false);
        if (json != null) {
            report(() -> json.end(status, reason, board.instructions(), machine()));
        }
        return status == 0 && unheard ? leave() : status;
    }

    /**
     * Runs until a condition holds, or to the end. Another call goes on, as if there had been no pause. It is for test
     * kits, whose input is that of a person.
     *
     * @param condition is asked between two slices, and when the machine stops; it only looks
     * @return the exit status of the command, or null if the program has not ended
     */
    public Integer runUntil(BooleanSupplier condition) throws IOException {
        pause = condition;
        for (;;) {
            control.waitWhileHalted();
            if (pause.getAsBoolean()) {
                return null;
            }
            if (input.isPerson()) {
                serveKeyboard();
            }
            if (left || control.isKilled() || unheard) {
                return leave();
            }
            if (unanswered && !turn.hasFailed()) {
                answer();
                continue;
            }
            if (looks.isDue()) {
                look();
                continue;
            }
            Turn.Stop stop = turn.runUntilQuietOr(pause);
            switch (stop) {
                case HALTED -> { }
                case INPUT_WANTED -> answer();
                case QUIET -> {
                    if (!pause.getAsBoolean() && !passTime() && !control.haltAtEnd(Turn.Stop.ALL_WAIT)) {
                        return end(Turn.Stop.ALL_WAIT);
                    }
                }
                case POWERED_OFF -> {
                    if (!board.wantsReset() || options.endsAtReboot()) {
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
                    if (!control.haltAtEnd(stop)) {
                        return end(stop);
                    }
                }
            }
        }
    }

    private void serveKeyboard() throws IOException {
        int value = board.input().isAwaited() ? input.take() : SerialInput.NOT_YET;
        left = input.isQuitting();
        if (value != SerialInput.NOT_YET) {
            give(value);
        }
    }

    /** Answers the program, which has asked for a byte. */
    private void answer() throws IOException {
        out.flush();
        unanswered = false;
        if (!polled && !input.isPerson() && !input.isAtHand()) {
            looks.asked();
            return;
        }
        int value = input.take();
        if (value != SerialInput.NOT_YET) {
            give(value);
        } else if (!input.isPerson()) {
            int awaited = await();
            unanswered = awaited == SerialInput.NOT_YET;                  // halted meanwhile
            if (!unanswered) {
                give(awaited);
            }
        } else if (polled) {
            nap(Math.min(clock.nextDue(), clock.now() + NAP_TICKS));
            board.input().askAgainIn(POLLING_TICKS);
        }
    }

    /** Gives a byte of a pipe to a program that polls by now, or to a busy one if a byte has arrived. */
    private void look() throws IOException {
        if (board.input().isPolled()) {
            polled = true;
            answer();
            return;
        }
        looks.isBusyForLong();
        int value = input.take();
        if (value == SerialInput.NOT_YET) {
            input.expect();
            looks.asked();
        } else {
            give(value);
        }
    }

    /** Reads from the devices whether a byte is wanted, because the machine has returned to another moment. */
    private void returned() {
        looks.forget();
        unanswered = board.input().isUnanswered();
        polled = board.input().isPolled();
    }

    /** Lets time pass while every hart waits. Returns false if they wait for ever. */
    private boolean passTime() throws IOException {
        out.flush();
        looks.waits();
        if (turn.posts().serveAll()) {                 // events may be due for ever, and wake no hart
            return true;                               // a request may be a key, or anything else that ends the wait
        }
        boolean waitsForInput = board.input().isAwaited() && !inputEnded;
        if (waitsForInput) {
            int value = input.isPerson() ? input.take() : await();
            if (control.isHalted() || turn.hasFailed()) {
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
            nap(Math.min(due, board.lastTick()));
        } else {
            letPass(due);
        }
        return true;
    }

    /** Waits for a pipe. Returns {@code NOT_YET} if the machine is halted meanwhile. */
    private int await() throws IOException {
        int value = input.take();
        while (value == SerialInput.NOT_YET && !control.isHalted() && !turn.hasFailed()) {
            input.await(Long.MAX_VALUE);
            value = input.take();
        }
        return value;
    }

    private void give(int value) {
        switch (value) {
            case SerialInput.END -> {
                inputEnded = true;
                board.input().endInput();
            }
            default -> {
                bytesReceived++;
                if (input.isPerson()) {
                    typed.add(new Input(turn.eventNumber(), value));
                }
                board.input().receive(value);
            }
        }
    }

    /** Lets real time pass until an event is due or input arrives. */
    private void nap(long due) throws IOException {
        long nanoseconds = due == Long.MAX_VALUE ? due : (due - clock.now()) * Clock.NANOSECONDS_PER_TICK;
        long passed = input.await(nanoseconds);
        letPass(Math.min(due, clock.now() + passed / Clock.NANOSECONDS_PER_TICK));
    }

    private void letPass(long until) {
        clock.jumpTo(Math.min(until, board.lastTick()));
        clock.fireDue();
    }

    // ---- the end ----

    private int leave() throws IOException {
        reason = unheard ? "standard output cannot be written any more"
                : control.isKilled() ? "killed by the debugger" : "left from the console";
        if (!unheard) {
            out.flush();
        }
        err.println(reason);
        return unheard ? ExitStatus.FAILED : ExitStatus.LEFT;
    }

    private int end(Turn.Stop stop) throws IOException {
        try {
            out.flush();
        } catch (IOException unwritable) {
            unheard = true;
        }
        BareEnding ending = new BareEnding(board, spins.found(), inputEnded, err);
        int status = ending.report(stop);
        reason = ending.reason();
        snapshots.tellOfMissed(err);
        err.flush();
        return status == 0 && unheard ? leave() : status;
    }

    public BareBoard board() {
        return board;
    }

    /** Returns the instructions since power-on, resets included. */
    public long instructions() {
        return board.instructions();
    }

    /** Returns the command line that repeats the run, with a comment if it needs input. */
    public String replay() {
        return replay.withSerialInput(bytesReceived);
    }

    // ---- snapshots in memory ----

    /** Takes a snapshot, at any moment between two calls of {@link #runUntil}. */
    public BareBoard.Snapshot snapshot() {
        return board.snapshot();
    }

    /** Returns to a snapshot of this session. Input that the program has received since is not given again. */
    public void restore(BareBoard.Snapshot snapshot) {
        board.restore(snapshot);
        control.returned(control.lastHalt().hart());
        inputEnded = false;
        returned();
    }

    @Override
    public void close() throws IOException {
        board.close();
    }
}

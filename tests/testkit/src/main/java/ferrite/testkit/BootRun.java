package ferrite.testkit;

import ferrite.board.image.GuestProgram;
import ferrite.board.options.BoardOptions;
import ferrite.board.options.ReplayLine;
import ferrite.board.session.BareSession;
import ferrite.board.session.SerialInput;
import ferrite.board.wiring.BareBoard;
import ferrite.hardware.Machine;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.report.Violation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * A bare program under test, on the machine of {@code ferrite boot}, with a person at its serial line. A call that
 * waits runs the machine; between two calls the machine and its time stand still, and the test may inspect it or take a
 * snapshot.
 *
 * <pre>{@code
 * try (BootRun run = BootRun.start(BoardOptions.ofBoot().harts(2), Path.of("firmware.elf"))) {
 *     run.waitFor("login: ");
 *     run.typeLine("root");
 *     assertThat(run.waitForLine("uptime")).startsWith("uptime 0");
 *     run.typeLine("poweroff");
 *     assertThat(run.waitForEnd()).isZero();
 * }
 * }</pre>
 *
 * <p>A wait ends with an {@link AssertionError} when its limits are reached. They are in virtual time and in
 * instructions, so a test fails on each host in the same way. By default they are a minute and 10⁹ instructions;
 * {@link #within} sets them. A limit is found at the end of a slice, some thousand instructions late at most. While
 * every hart waits, virtual time jumps ahead, so waiting takes no time of the host.
 *
 * <p>The same options, program and calls give the same run. Only one thread may use this object. A test that takes
 * {@link Machines} boots programs with {@link Machines#boot(GuestProgram, java.util.function.UnaryOperator)}, which
 * closes them and says how to repeat their runs.
 */
public final class BootRun implements AutoCloseable {

    private final StringBuilder out = new StringBuilder();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Keys keys = new Keys();
    private final List<String> unnamed;
    private final BareSession session;
    private final Clock clock;
    /** The characters of {@code out} that earlier waits have passed. */
    private int passed;
    /** The awaited text, a character per byte; null while none is awaited. */
    private String awaited;
    private boolean awaitsLine;
    /** The end of the awaited text or of its line in {@code out}; negative until it is there. */
    private int found;
    /** The exit status after the end of the run. */
    private Integer status;

    private long maxTicks = 60L * Clock.TICKS_PER_SECOND;
    private long maxInstructions = 1_000_000_000;
    private long ticksLeft;
    private long lastInstruction;
    private long lastTick;

    /** A moment of a run, to return to. */
    public static final class Snapshot {

        private final BareBoard.Snapshot board;

        private Snapshot(BareBoard.Snapshot board) {
            this.board = board;
        }
    }

    private BootRun(BoardOptions options, GuestProgram program) throws IOException {
        unnamed = ReplayLine.unnamed(options);
        session = new BareSession(options, program, control -> keys, new Output(),
                new PrintStream(err, true, StandardCharsets.UTF_8));
        clock = session.machine().clock();
        lastTick = clock.now();
    }

    /**
     * Builds a machine with a program in its memory, before its first instruction.
     *
     * @param options the machine; {@link BoardOptions#ofBoot} has the defaults of {@code ferrite boot}
     * @param image   an ELF file for RV32, or a flat binary
     * @throws IOException with a sentence, if a file is unusable
     */
    public static BootRun start(BoardOptions options, Path image) throws IOException {
        return start(options, new GuestProgram(image, null, ""));
    }

    /**
     * Builds a machine with a program in its memory, before its first instruction.
     *
     * @param options the machine; {@link BoardOptions#ofBoot} has the defaults of {@code ferrite boot}
     * @param program the image with its files, command line and firmware
     * @throws IOException with a sentence, if a file is unusable
     */
    public static BootRun start(BoardOptions options, GuestProgram program) throws IOException {
        return new BootRun(options, program);
    }

    // ---- limits ----

    /**
     * Sets the virtual time that each later wait may take.
     *
     * @return this
     * @throws IllegalArgumentException if it is no time
     */
    public BootRun within(Duration virtualTime) {
        requirePositive(virtualTime.toNanos());
        maxTicks = virtualTime.toNanos() / Clock.NANOSECONDS_PER_TICK;
        return this;
    }

    /**
     * Sets the number of instructions, over all harts, that each later wait may take.
     *
     * @return this
     * @throws IllegalArgumentException if there are none
     */
    public BootRun within(long instructions) {
        requirePositive(instructions);
        maxInstructions = instructions;
        return this;
    }

    private static void requirePositive(long limit) {
        if (limit <= 0) {
            throw new IllegalArgumentException("a wait within " + limit + " would end before it begins; a limit is "
                    + "positive");
        }
    }

    // ---- the serial line ----

    /**
     * Types a line and its end, {@code "\n"}. The program receives it during the next waits, as soon as it reads.
     *
     * @param line the text, sent in UTF-8
     * @return this
     */
    public BootRun typeLine(String line) {
        return type(line + "\n");
    }

    /**
     * Types characters. The program receives them during the next waits, as soon as it reads.
     *
     * @param characters the text, sent in UTF-8
     * @return this
     */
    public BootRun type(String characters) {
        for (byte key : characters.getBytes(StandardCharsets.UTF_8)) {
            keys.add(key & 0xff);
        }
        return this;
    }

    /**
     * Ends the input after the characters that are typed. It does not end the run.
     *
     * @return this
     */
    public BootRun endInput() {
        keys.add(SerialInput.END);
        return this;
    }

    /**
     * Runs until the program has written a text that no earlier wait has passed.
     *
     * @return this
     * @throws AssertionError if the run ends before, or a limit is reached
     */
    public BootRun waitFor(String text) {
        await(text, false);
        return this;
    }

    /**
     * Runs until the program has written a whole line with a text that no earlier wait has passed.
     *
     * @return the line, without its end
     * @throws AssertionError if the run ends before, or a limit is reached
     */
    public String waitForLine(String text) {
        await(text, true);
        int end = passed - 1;
        String line = out.substring(out.lastIndexOf("\n", end - 1) + 1, end);
        return text(line.endsWith("\r") ? line.substring(0, line.length() - 1) : line);
    }

    /** Returns all output of the serial line since the start, decoded as UTF-8. */
    public String out() {
        return text(out.toString());
    }

    /** Returns what {@code ferrite boot} prints on standard error, reports of violations included. */
    public String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    private static String text(String bytes) {
        return new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    // ---- the run ----

    /**
     * Runs until the program ends.
     *
     * @return the exit status that {@code ferrite boot} would have: 0 for success, 1 for a failure or a crash, 124 if
     *     every hart waits for ever
     * @throws AssertionError if a limit is reached before
     */
    public int waitForEnd() {
        run();
        if (status == null) {
            throw new AssertionError(failure("the end of the program"));
        }
        return status;
    }

    private void await(String text, boolean wholeLine) {
        awaited = new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        awaitsLine = wholeLine;
        found = find(passed);
        if (found < 0) {
            run();
        }
        awaited = null;
        if (found < 0) {
            throw new AssertionError(failure((wholeLine ? "a line with '" : "'") + text + "'"));
        }
        passed = found;
    }

    /** Returns the end of the awaited text, or of its line, from this character on; negative if it is not there. */
    private int find(int from) {
        int at = out.indexOf(awaited, from);
        if (at < 0 || !awaitsLine) {
            return at < 0 ? -1 : at + awaited.length();
        }
        int end = out.indexOf("\n", at);
        return end < 0 ? -1 : end + 1;
    }

    /** Runs until the awaited text is there, to the end of the run, or to a limit. */
    private void run() {
        ticksLeft = maxTicks;
        lastInstruction = Math.min(maxInstructions, Long.MAX_VALUE - session.instructions()) + session.instructions();
        keys.starved = false;
        try {
            if (status == null) {
                status = session.runUntil(this::isOver);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean isOver() {
        long now = clock.now();
        ticksLeft -= now >= lastTick ? now - lastTick : now;         // a reset sets the clock to 0
        lastTick = now;
        return awaited != null && found >= 0 || keys.starved || ticksLeft <= 0
                || session.instructions() >= lastInstruction;
    }

    private String failure(String what) {
        String reason = status != null ? "the run ended with status " + status
                : keys.starved ? "the program waits for input, and nothing else is left to happen"
                : ticksLeft <= 0 ? "a limit was reached: " + Duration.ofNanos(maxTicks * Clock.NANOSECONDS_PER_TICK)
                        .toMillis() + " ms of virtual time"
                : "a limit was reached: " + maxInstructions + " instructions";
        String line = System.lineSeparator();
        return what + " did not come: " + reason + line + "since the last wait the program wrote: "
                + text(out.substring(passed)) + line + err() + "again: " + replay();
    }

    /** Returns the machine, to inspect. */
    public Machine machine() {
        return session.machine();
    }

    /** Returns the instructions since power-on over all harts, resets included. */
    public long instructions() {
        return session.instructions();
    }

    /** Returns the last violations, at most 256, oldest first. */
    public List<Violation> violations() {
        return machine().events().violations();
    }

    /**
     * Returns the command line that boots this program, with a comment if it needs input, or has devices that are
     * objects of the test.
     */
    public String replay() {
        return session.replay() + (unnamed.isEmpty() ? "" : "    # without " + String.join(", ", unnamed)
                + ": only the test repeats it");
    }

    /** Tells whether a command line describes this machine. */
    boolean isNamed() {
        return unnamed.isEmpty();
    }

    // ---- snapshots ----

    /** Takes a snapshot of the machine. Typed characters that the program has not received are not part of it. */
    public Snapshot snapshot() {
        return new Snapshot(session.snapshot());
    }

    /**
     * Returns to a snapshot of this run, also after its end. Typed characters that the program has not received are
     * forgotten. The output so far stays, and later waits begin after it.
     *
     * @return this
     */
    public BootRun restore(Snapshot snapshot) {
        session.restore(snapshot.board);
        keys.clear();
        status = null;
        passed = out.length();
        lastTick = clock.now();
        return this;
    }

    /**
     * Switches the machine off. A second call does nothing.
     *
     * @throws UncheckedIOException if a file of the machine cannot be closed
     */
    @Override
    public void close() {
        try {
            session.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The serial line's output. The machine stops before its next access when the awaited text is complete. */
    private final class Output extends OutputStream {

        @Override
        public void write(int value) {
            out.append((char) (value & 0xff));
            if (awaited != null && found < 0 && (awaitsLine ? value == '\n'
                    : (value & 0xff) == awaited.charAt(awaited.length() - 1))) {
                int from = awaitsLine ? out.lastIndexOf("\n", out.length() - 2) + 1 : out.length() - awaited.length();
                found = find(Math.max(passed, from));
                if (found >= 0) {
                    session.inputArrived();
                }
            }
        }
    }

    /** The keyboard of a person who types when the test does, and for whom waiting takes no time of the host. */
    private final class Keys implements SerialInput {

        private final Deque<Integer> typed = new ArrayDeque<>();
        /** Whether nothing can happen any more but a key. */
        private boolean starved;

        void add(int key) {
            typed.add(key);
        }

        void clear() {
            typed.clear();
            starved = false;
        }

        @Override
        public boolean isPerson() {
            return true;
        }

        @Override
        public boolean isQuitting() {
            return false;
        }

        @Override
        public int take() {
            return typed.isEmpty() ? NOT_YET : typed.remove();
        }

        @Override
        public long await(long nanoseconds) {
            if (nanoseconds == Long.MAX_VALUE) {
                starved = true;
                return 0;
            }
            return Math.min(nanoseconds, Math.max(0, ticksLeft) * Clock.NANOSECONDS_PER_TICK);
        }
    }
}

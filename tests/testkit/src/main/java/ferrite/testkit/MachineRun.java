package ferrite.testkit;

import ferrite.board.Board;
import ferrite.board.BoardOptions;
import ferrite.board.Session;
import ferrite.board.ViolationText;
import ferrite.hardware.Machine;
import ferrite.hardware.report.Violation;
import ferrite.hardware.turn.Turn;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A machine under test, and what it said. Give it commands with {@link #type}; each call runs the machine until it waits for the next line, at a quiescent
 * point, and the test may look at it there, snapshot it, or go on.
 *
 * <p>A JUnit test lets {@link Machine} start it, and takes it as a parameter; or, when the test makes the disks or needs several machines, takes
 * {@link Machines}. Both close it, and say how to repeat it if the test fails. {@link #start} is for everything else: benchmarks, other test
 * frameworks, helpers that start machines by the dozen. Who calls it closes it.
 *
 * <pre>{@code
 * try (MachineRun run = MachineRun.start(new BoardOptions().ram(64 << 20).disk(image))) {
 *     run.type("sha256sum /dev/disk0");
 *     assertThat(run.out()).isEqualTo(expected + "  /dev/disk0\n");
 *     assertThat(run.violations()).isEmpty();
 * }
 * }</pre>
 *
 * <p>To be used by one thread.
 */
public final class MachineRun implements AutoCloseable {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final ByteArrayOutputStream serial = new ByteArrayOutputStream();
    private final List<Violation> violations = new ArrayList<>();
    private final List<String> typed = new ArrayList<>();
    private Leaks atBoot;
    private final List<String> arguments;
    private final Session session;

    private MachineRun(BoardOptions options) throws IOException {
        arguments = options.toArguments();
        ViolationText text = new ViolationText("(this test)");
        session = new Session(options, null, () -> null,
                new Session.Streams(out, new PrintStream(err, true, StandardCharsets.UTF_8), serial, false), violation -> {
                    violations.add(violation);
                    return text.of(violation);
                });
    }

    /**
     * Builds a machine and boots it, up to where its shell waits for a line.
     *
     * @throws IOException with a sentence, when a disk's file is unusable
     * @throws IllegalStateException when it does not get there; the message says why
     */
    public static MachineRun start(BoardOptions options) throws IOException {
        MachineRun run = new MachineRun(options);
        run.runUntilPrompt();
        run.atBoot = Leaks.now(run.board());
        return run;
    }

    /** Gives the machine lines, and runs it until it has carried all of them out and every hart waits. */
    public MachineRun type(String... lines) {
        for (String line : lines) {
            typed.add(line);
            board().console().input(line);
        }
        runUntilPrompt();
        board().machine().turn().dropInputs();
        return this;
    }

    /**
     * Has the interrupt key (Ctrl-C) pressed when so many things have happened, counted from here: at the first moment after that at which a person's key would
     * reach the machine. If the next {@link #type} does not come so far, it is not pressed. Returns this.
     */
    public MachineRun interruptAfter(long events) {
        Turn turn = board().machine().turn();
        turn.inputAt(turn.eventNumber() + events, 0, board().console()::pressInterruptKey);
        return this;
    }

    /** Has the interrupt key pressed at the moment at which another run has recorded it ({@link ferrite.peripherals.console.Console#received}). Returns this. */
    public MachineRun interruptAt(long event, long tick) {
        board().machine().turn().inputAt(event, tick, board().console()::pressInterruptKey);
        return this;
    }

    private void runUntilPrompt() {
        Turn turn = board().machine().turn();
        Turn.Stop stop = turn.run();
        while (stop == Turn.Stop.INPUT_WANTED) {
            stop = turn.runUntilQuiet();
        }
        if (stop == Turn.Stop.PANIC) {
            throw new IllegalStateException("the machine panicked: " + turn.panic().getMessage(), turn.panic());
        }
        if (stop != Turn.Stop.QUIET && stop != Turn.Stop.POWERED_OFF) {
            throw new IllegalStateException("the machine stopped for another reason than waiting for a line: " + stop);
        }
    }

    public Board board() {
        return session.board();
    }

    /** What commands wrote to standard output so far. */
    public byte[] bytes() {
        return out.toByteArray();
    }

    /** What commands wrote to standard output so far, as UTF-8. */
    public String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    /** What commands and reports wrote to standard error so far. */
    public String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    /** What left the serial line so far. */
    public String serial() {
        return serial.toString(StandardCharsets.ISO_8859_1);
    }

    /** Forgets output so far; returns this. */
    public MachineRun forgetOutput() {
        out.reset();
        err.reset();
        return this;
    }

    /** Rules that were broken so far. */
    public List<Violation> violations() {
        return List.copyOf(violations);
    }

    /** What is allocated now and was not when the machine had booted, a line each; empty when everything was given back. */
    public List<String> leaks() {
        return Leaks.now(board()).since(atBoot);
    }

    /** All that was typed so far. */
    public List<String> typed() {
        return List.copyOf(typed);
    }

    /** The command line that does the same run: the machine, and what was typed. */
    public String replay() {
        StringBuilder line = new StringBuilder("ferrite run");
        arguments.forEach(word -> line.append(' ').append(quote(word)));
        return line.append(" -c ").append(quote(String.join("; ", typed))).toString();
    }

    private static String quote(String word) {
        return word.matches("[A-Za-z0-9_./:=,@%+-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }

    /** How many commands ended with another status than 0. */
    public int failedCommands() {
        return session.failedCommands();
    }

    /** The run's fingerprints, here and now. */
    public Machine.Digest digest() {
        return board().machine().digest();
    }

    /** Switches the machine off. A second time does nothing. */
    @Override
    public void close() {
        try {
            session.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

package ferrite.testkit;

import ferrite.board.front.ViolationText;
import ferrite.board.options.BoardOptions;
import ferrite.board.options.MachineOptions;
import ferrite.board.options.ReplayLine;
import ferrite.board.session.Session;
import ferrite.board.wiring.Board;
import ferrite.hardware.Machine;
import ferrite.hardware.report.Violation;
import ferrite.hardware.turn.Turn;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.mm.FailPageAlloc;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A machine under test, and its output. Give it commands with {@link #type}. Each call runs the machine until it waits
 * for the next line, at a quiescent point. There the test may inspect it, take a snapshot, or type more.
 *
 * <p>In a JUnit test, {@link Machine} starts the machine and the test takes it as a parameter. A test that makes the
 * disks or needs several machines takes {@link Machines} instead. Both close the machine, and print how to repeat its
 * run if the test fails. {@link #start} is for all other uses, such as benchmarks, other test frameworks, and helpers
 * that start many machines. The caller of {@code start} closes the machine.
 *
 * <pre>{@code
 * try (MachineRun run = MachineRun.start(new BoardOptions().ram(64 << 20).disk(image))) {
 *     run.type("sha256sum /dev/disk0");
 *     assertThat(run.out()).isEqualTo(expected + "  /dev/disk0\n");
 *     assertThat(run.violations()).isEmpty();
 * }
 * }</pre>
 *
 * <p>Only one thread may use a machine. Output and violations are kept since boot. Reading them changes nothing in the
 * machine.
 */
public final class MachineRun implements AutoCloseable {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final ByteArrayOutputStream serial = new ByteArrayOutputStream();
    private final List<Violation> violations = new ArrayList<>();
    private final List<String> typed = new ArrayList<>();
    private Leaks atBoot;
    /** The end of a cable that leads to another machine; null for none. */
    private final Cable.End cable;
    private final List<String> arguments;
    /** The parts of the run that no command line names. */
    private final List<String> unnamed;
    private final boolean allocationFails;
    private final Session session;

    private MachineRun(BoardOptions options, boolean allocationFails) throws IOException {
        this.allocationFails = allocationFails;
        cable = options.cable() instanceof Cable.End end ? end : null;
        arguments = MachineOptions.words(options);
        unnamed = ReplayLine.unnamed(options);
        ViolationText text = new ViolationText("(this test)");
        session = new Session(options, null, () -> null,
                new Session.Streams(out, new PrintStream(err, true, StandardCharsets.UTF_8), serial, false),
                violation -> {
                    violations.add(violation);
                    return text.of(violation);
                });
    }

    /**
     * Builds a machine and boots it until its shell waits for a line.
     *
     * @param options the machine; its RAM is in bytes
     * @throws IOException with a sentence, if a disk's file is unusable
     * @throws IllegalStateException if boot does not reach the prompt; the message gives the reason, the reports, the
     *     kernel's log and the command line that repeats it
     */
    public static MachineRun start(BoardOptions options) throws IOException {
        return start(options, false);
    }

    static MachineRun start(BoardOptions options, boolean allocationFails) throws IOException {
        MachineRun run = new MachineRun(options, allocationFails);
        try {
            run.runUntilPrompt();
            run.atBoot = Leaks.now(run.board());
            if (run.cable != null) {
                run.cable.booted(run);
            }
            return run;
        } catch (RuntimeException | Error failed) {
            throw run.failedToBoot(failed);
        }
    }

    /** Closes the machine, and tells all that it leaves. */
    private IllegalStateException failedToBoot(Throwable failed) {
        String line = System.lineSeparator();
        IllegalStateException told = new IllegalStateException(failed.getMessage() + line + err() + kernelLog()
                + "again: " + replay(), failed.getCause() == null ? failed : failed.getCause());
        try {
            close();
        } catch (RuntimeException unclosed) {
            told.addSuppressed(unclosed);
        }
        return told;
    }

    /** Returns the kernel's log, as {@code dmesg} prints it; empty before the kernel has one. */
    public String kernelLog() {
        KernelBase base = board().kernel().base();
        return base == null ? "" : base.log().text(board().machine().peek(0));
    }

    /**
     * Types lines, and runs the machine until all are carried out and every hart waits. A machine at the end of a
     * {@link Cable} runs together with the one at the other end, until both wait and no frame is on its way.
     *
     * @param lines shell commands, without line ends
     * @return this
     * @throws IllegalStateException if the kernel panics, or the machine stops for another reason, such as an
     *     instruction limit; also if the machine is closed
     */
    public MachineRun type(String... lines) {
        for (String line : lines) {
            typed.add(line);
            board().console().input(line);
        }
        if (cable == null || !cable.runWithOther(lines.length > 0)) {
            runUntilPrompt();
        }
        board().machine().turn().inputs().drop();
        return this;
    }

    /**
     * Schedules one press of the interrupt key (Ctrl-C), during the next call of {@link #type}. If that call ends
     * earlier, the key is not pressed.
     *
     * @param events the number of events from now; the press comes at the first later moment at which a person's key
     *     would reach the machine
     * @return this
     */
    public MachineRun interruptAfter(long events) {
        unnamed.add("the interrupt key " + events + " events after line " + typed.size());
        Turn turn = board().machine().turn();
        turn.inputs().at(turn.eventNumber() + events, 0, board().console()::pressInterruptKey);
        return this;
    }

    /**
     * Schedules one press of the interrupt key at the moment that another run has recorded ({@link
     * ferrite.peripherals.console.Console#received}).
     *
     * @param event the recorded event number
     * @param tick  the recorded time, in ticks of virtual time
     * @return this
     */
    public MachineRun interruptAt(long event, long tick) {
        unnamed.add("the interrupt key at event " + event);
        board().machine().turn().inputs().at(event, tick, board().console()::pressInterruptKey);
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
            throw new IllegalStateException("the machine stopped before it waited for a line: " + stop);
        }
    }

    /** Returns the machine's board: its hardware, its kernel and its devices. */
    public Board board() {
        return session.board();
    }

    /** Returns the bytes that commands have written to standard output. */
    public byte[] bytes() {
        return out.toByteArray();
    }

    /** Returns the commands' standard output, decoded as UTF-8. */
    public String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    /** Returns the standard error of commands and reports, decoded as UTF-8. */
    public String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    /** Returns the serial line's output, one character per byte. */
    public String serial() {
        return serial.toString(StandardCharsets.ISO_8859_1);
    }

    /**
     * Forgets the output on standard output and standard error.
     *
     * @return this
     */
    public MachineRun forgetOutput() {
        out.reset();
        err.reset();
        return this;
    }

    /** Returns the violations since boot, oldest first. */
    public List<Violation> violations() {
        return List.copyOf(violations);
    }

    /**
     * Returns the allocations and tasks that are new since boot, a line each. The list is empty if there is no leak.
     */
    public List<String> leaks() {
        return Leaks.now(board()).since(atBoot);
    }

    /**
     * Returns the memory that the lines of some classes have allocated since boot and not freed, a line each. It knows
     * the lines of the first 16384 allocations of objects, and of all blocks of pages if
     * {@link ferrite.testkit.Machine#owners} is set.
     */
    public List<String> leaksOf(Class<?>... code) {
        Leaks now = Leaks.now(board());
        return Stream.of(code).map(SourcePlace::of).distinct().flatMap(file -> now.since(atBoot, file).stream())
                .toList();
    }

    /** Returns all lines typed since boot. */
    public List<String> typed() {
        return List.copyOf(typed);
    }

    /**
     * Returns the command line that repeats this run, with the machine's options and the typed lines. If parts of the
     * run have no words there, such as drivers and models that are objects of the test, a comment of the shell names
     * them: then only the test repeats the run.
     */
    public String replay() {
        String line = ReplayLine.of("run").add(arguments).add(List.of("-c", String.join("; ", typed))).toString();
        return isNamed() ? line : line + "    # without " + String.join(", ", unnamed) + ": only the test repeats it";
    }

    /** Tells whether a command line repeats this run. */
    boolean isNamed() {
        return unnamed.isEmpty();
    }

    /**
     * Returns whether one allocation of this run fails on purpose, because of
     * {@link ferrite.testkit.Machine#failEveryAllocation}.
     * Commands may fail then.
     */
    public boolean isAllocationFailing() {
        return allocationFails;
    }

    /** Returns how many allocations of objects could have failed, if they are counted. */
    int objectAllocations() {
        return board().kernel().mm().caches().failures().candidates(board().machine().peek(0));
    }

    /** Returns how many allocations of pages could have failed, if they are counted. */
    int pageAllocations() {
        FailPageAlloc failures = board().kernel().mm().pages().failures();
        return failures == null ? 0 : failures.candidates(board().machine().peek(0));
    }

    /** Returns the number of commands with an exit status other than 0. */
    public int failedCommands() {
        return session.failedCommands();
    }

    /** Returns the run's fingerprints at this moment. Two runs that did the same have the same fingerprints. */
    public Machine.Digest digest() {
        return board().machine().digest();
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
}

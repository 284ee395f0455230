package ferrite.testkit;

import ferrite.board.image.GuestProgram;
import ferrite.board.layout.BoardKind;
import ferrite.board.options.BoardOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * The machines that a test boots itself. They serve tests that an annotation cannot describe: the test makes the disks,
 * a number is a parameter of the test, or the test needs several machines. Each machine begins as {@link Machine}
 * describes it. All are closed after the test. If the test fails, each prints its reports and the command line that
 * repeats its run.
 *
 * <pre>{@code
 * @Machine(ram = "64M")
 * @ParameterizedTest
 * @ValueSource(ints = {1, 4, 8})
 * void theDiskIsRead(int harts, Machines machines, @TempDir Path directory) throws IOException {
 *     Path disk = Files.write(directory.resolve("disk.img"), new byte[512]);
 *     MachineRun machine = machines.boot(options -> options.harts(harts).disk(disk));
 *     machine.type("sha256sum /dev/disk0");
 *     assertThat(machine).hasNoViolations().hasNoLeaks();
 * }
 * }</pre>
 *
 * <p>Only one thread may use this object and its machines.
 */
public final class Machines {

    private final Supplier<BoardOptions> described;
    private final Variation variation;
    /** The test, as Maven's {@code -Dtest} names it. */
    private final String test;
    private final List<MachineRun> booted = new ArrayList<>();
    private final List<BootRun> bare = new ArrayList<>();

    Machines(Supplier<BoardOptions> described, Variation variation, String test) {
        this.described = described;
        this.variation = variation;
        this.test = test;
    }

    /**
     * Boots the machine that the annotation describes, until its shell waits for a line.
     *
     * @throws IOException with a sentence, if a disk's file is unusable
     * @throws IllegalArgumentException with a sentence, if the annotation's RAM is out of range or a driver has no such
     *     parameter
     * @throws IllegalStateException if boot does not reach the prompt; the message gives the reason
     */
    public MachineRun boot() throws IOException {
        return boot(options -> options);
    }

    /**
     * Boots a machine that differs from the annotation.
     *
     * @param changes the changes; disks come after those of the annotation
     * @throws IOException with a sentence, if a disk's file is unusable
     * @throws IllegalArgumentException with a sentence, if the annotation's RAM is out of range or a driver has no such
     *     parameter
     * @throws IllegalStateException if boot does not reach the prompt; the message gives the reason
     */
    public MachineRun boot(UnaryOperator<BoardOptions> changes) throws IOException {
        MachineRun run = MachineRun.start(variation.changes().apply(changes.apply(described.get())),
                variation.fails());
        booted.add(run);
        return run;
    }

    /**
     * Boots a bare program on the annotation's machine, as {@code ferrite boot} does. The board is {@code virt}, unless
     * the changes say otherwise.
     *
     * @param program the program, with its files and its command line
     * @param changes the changes of the annotation's machine
     * @throws IOException with a sentence, if the program or another file is unusable
     */
    public BootRun boot(GuestProgram program, UnaryOperator<BoardOptions> changes) throws IOException {
        BootRun run = BootRun.start(variation.changes().apply(changes.apply(described.get().kind(BoardKind.VIRT))),
                program);
        bare.add(run);
        return run;
    }

    /** Returns the machines' reports and replay lines, for the person who investigates a failed test. */
    String explanation() {
        StringBuilder text = new StringBuilder(variation.name().isEmpty() ? ""
                : "with " + variation.name() + ":" + System.lineSeparator());
        booted.forEach(run -> explain(text, run.err(), run.isNamed(), run.replay()));
        bare.forEach(run -> explain(text, run.err(), run.isNamed(), run.replay()));
        return text.toString();
    }

    private void explain(StringBuilder text, String reports, boolean isNamed, String replay) {
        text.append(reports);
        if (isNamed) {
            text.append("again: ");
        } else {
            text.append("again: mvn test -Dtest='").append(test).append('\'').append(System.lineSeparator())
                    .append("       ");
        }
        text.append(replay).append(System.lineSeparator());
    }

    /** Returns the largest numbers of allocations that a machine has made. */
    Variation.Allocations allocations() {
        return new Variation.Allocations(booted.stream().mapToInt(MachineRun::objectAllocations).max().orElse(0),
                booted.stream().mapToInt(MachineRun::pageAllocations).max().orElse(0));
    }

    void close() {
        RuntimeException failure = null;
        for (AutoCloseable run : Stream.<AutoCloseable>concat(booted.stream(), bare.stream()).toList()) {
            try {
                run.close();
            } catch (Exception unclosed) {
                failure = failure == null ? new IllegalStateException(unclosed) : failure;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}

package ferrite.testkit;

import ferrite.board.options.BoardOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * Machines that a test switches on itself, as many as it needs: for what an annotation cannot say, such as disks that the test makes, or numbers
 * that are a parameter of the test. Each begins as {@link Machine} describes it; all are closed after the test, and if it fails, each prints its
 * reports and the command line that does its run again.
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
 * <p>To be used by one thread, as are the machines.
 */
public final class Machines {

    private final Supplier<BoardOptions> described;
    private final List<MachineRun> booted = new ArrayList<>();

    Machines(Supplier<BoardOptions> described) {
        this.described = described;
    }

    /**
     * Builds the machine that the annotation describes, and boots it up to where its shell waits for a line.
     *
     * @throws IOException with a sentence, when a disk's file is unusable
     * @throws IllegalStateException when it does not get there; the message says why
     */
    public MachineRun boot() throws IOException {
        return boot(options -> options);
    }

    /**
     * Builds such a machine with changes, and boots it.
     *
     * @param changes what is to be different from the annotation; disks come after those that it names
     * @throws IOException with a sentence, when a disk's file is unusable
     * @throws IllegalStateException when it does not get there; the message says why
     */
    public MachineRun boot(UnaryOperator<BoardOptions> changes) throws IOException {
        MachineRun run = MachineRun.start(changes.apply(described.get()));
        booted.add(run);
        return run;
    }

    /** What a person needs who has to find out why a test failed. */
    String explanation() {
        StringBuilder text = new StringBuilder();
        booted.forEach(run -> text.append(run.err()).append("again: ").append(run.replay()).append(System.lineSeparator()));
        return text.toString();
    }

    void close() {
        booted.forEach(MachineRun::close);
    }
}

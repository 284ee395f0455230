package ferrite.scenarios.hostile;

import ferrite.board.image.GuestProgram;
import ferrite.board.options.BoardOptions;
import ferrite.board.session.BareSession;
import ferrite.board.snapshot.SavedMachine;
import ferrite.board.snapshot.SnapshotFile;
import ferrite.board.snapshot.SnapshotPlan;
import ferrite.hardware.Machine;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * Gives hostile files to {@code ferrite boot}, without its command line, and checks the end of the run. A correct run
 * ends soon, with one of the documented exit statuses.
 */
final class HostileRun implements Closeable {

    /**
     * The maximum host memory of a bare machine beside its RAM, for any hostile program. {@link HostMemoryTest}
     * measures it.
     */
    static final int OVERHEAD_MEGABYTES = 192;

    /** Many times the duration of a run's allowed instructions. A run that takes longer hangs. */
    private static final long MAX_SECONDS = 30;
    /** Success, failure or crash, a contradiction, an unusable file, not finished. */
    private static final Set<Integer> STATUSES = Set.of(0, 1, 2, 3, 124);
    private static final int WRONG_USAGE = 2;
    private static final int UNUSABLE_INPUT = 3;

    private final Path directory;
    private final Path file;
    private final Path saved;
    private final Path initrd;
    /** The directory for calls of semihosting. */
    private final Path calls;
    /** The exit status of the last run. */
    private volatile int status;
    /** True if a thread hangs, and cannot be ended. */
    private boolean hung;

    HostileRun() throws IOException {
        directory = Files.createTempDirectory("hostile");
        file = directory.resolve("file");
        saved = directory.resolve("saved");
        initrd = directory.resolve("initrd");
        calls = directory.resolve("calls");
    }

    /** The end of a run; {@code digest} is null if no machine was built. */
    private record Ending(int status, Machine.Digest digest, boolean saved, int inputTaken) { }

    /** Returns a description of Ferrite's mistake, or null if the run was correct. */
    String problemWith(Setup setup, byte[] contents) throws IOException, InterruptedException {
        Files.write(file, contents);
        Files.deleteIfExists(saved);
        if (setup.initrdBytes() > 0) {
            try (RandomAccessFile sparse = new RandomAccessFile(initrd.toFile(), "rw")) {
                sparse.setLength(setup.initrdBytes());
            }
        }
        AtomicReference<String> problem = new AtomicReference<>();
        Thread worker = new Thread(() -> problem.set(tryOut(setup)), "hostile run");
        worker.setDaemon(true);
        worker.start();
        worker.join(MAX_SECONDS * 1000);
        if (worker.isAlive()) {
            hung = true;
            return "Ferrite hangs, at\n" + trace(worker.getStackTrace());
        }
        return problem.get();
    }

    /** Returns the exit status of the last run. */
    int status() {
        return status;
    }

    /** Returns true if the last run was also saved on its way. */
    boolean hasSaved() {
        return Files.exists(saved);
    }

    /** Returns the file that the last run was saved to. */
    byte[] saved() throws IOException {
        return Files.readAllBytes(saved);
    }

    /** Returns true if a thread hangs for ever. Then this process should not go on. */
    boolean hasHung() {
        return hung;
    }

    private String tryOut(Setup setup) {
        try {
            Serial line = new Serial();
            Ending straight = run(setup, line, setup.instructions(), -1);
            status = straight.status;
            if (!STATUSES.contains(straight.status)) {
                return "the exit status is undocumented: " + straight.status;
            }
            return setup.resumeAt() < 0 ? null : resumed(setup, line, straight);
        } catch (Throwable broken) {                   // any throwable is a finding
            return broken + "\n" + trace(broken.getStackTrace());
        }
    }

    private static String trace(StackTraceElement[] frames) {
        return String.join("\n", Stream.of(frames).limit(14).map(frame -> "    at " + frame).toList());
    }

    // ---- saved, ended, restored ----

    private String resumed(Setup setup, Serial straightLine, Ending straight) throws IOException {
        Serial line = new Serial();
        Ending first = run(setup, line, setup.resumeAt(), setup.resumeAt());
        if (!first.saved) {
            return null;                               // it ended before the instruction
        }
        Ending second = restore(saved, disks(directory, setup.disks()), setup, setup.inputBytes() - first.inputTaken,
                line, executed -> setup.instructions());
        if (second.status != straight.status || !second.digest.equals(straight.digest) || !line.equals(straightLine)) {
            return "saved after " + setup.resumeAt() + " instructions and restored, it ends with status "
                    + second.status + " and\n" + second.digest + line
                    + ", and straight through with " + straight.status + " and\n" + straight.digest + straightLine;
        }
        return null;
    }

    // ---- one run ----

    private Ending run(Setup setup, Serial line, long instructions, long saveAt) throws IOException {
        List<Path> disks = blankDisks(directory, setup.disks());
        if (Files.exists(calls)) {
            delete(calls);
        }
        Files.createDirectory(calls);
        if (setup.snapshot()) {
            return restore(file, disks, setup, setup.inputBytes(), line, executed -> executed + instructions);
        }
        try {
            GuestProgram program = new GuestProgram(file, setup.initrdBytes() > 0 ? initrd : null,
                    "x".repeat(setup.appendBytes()), setup.bios());
            BoardOptions options = withCalls(setup.options(disks)).maxInstructions(instructions);
            return run(() -> new BareSession(options, program, control -> new Input(setup.inputBytes()), line,
                    nowhere()), saveAt);
        } catch (IllegalArgumentException tooLong) {
            return wrongUsage(tooLong, GuestProgram.class);
        }
    }

    private BoardOptions withCalls(BoardOptions options) {
        return options.semihosting(true).semihostingDirectory(calls);
    }

    private interface Limit {
        long from(long executed);
    }

    private Ending restore(Path from, List<Path> disks, Setup setup, int inputBytes, Serial line, Limit limit)
            throws IOException {
        try (SnapshotFile snapshot = SnapshotFile.open(from)) {
            BoardOptions given = withCalls(setup.options(disks))
                    .maxInstructions(limit.from(snapshot.machine().instructions()));
            BoardOptions options = snapshot.machine().complete(given, option -> option.equals("--ram"));
            return run(() -> new BareSession(options, snapshot, control -> new Input(inputBytes), line, nowhere()), -1);
        } catch (IllegalArgumentException contradiction) {
            return wrongUsage(contradiction, SavedMachine.class);
        } catch (IOException unusable) {
            return new Ending(UNUSABLE_INPUT, null, false, 0);
        }
    }

    /**
     * Returns the end for wrong usage if the class {@code by}, which checks the command line, has thrown the exception.
     * Rethrows it otherwise.
     */
    private static Ending wrongUsage(IllegalArgumentException refusal, Class<?> by) {
        if (!refusal.getStackTrace()[0].getClassName().equals(by.getName())) {
            throw refusal;
        }
        return new Ending(WRONG_USAGE, null, false, 0);
    }

    private interface Builder {
        BareSession build() throws IOException;
    }

    private Ending run(Builder builder, long saveAt) throws IOException {
        BareSession built;
        try {
            built = builder.build();
        } catch (IOException unusable) {
            return new Ending(UNUSABLE_INPUT, null, false, 0);
        }
        try (BareSession session = built) {
            if (saveAt >= 0) {
                session.takeSnapshots(new SnapshotPlan(null, List.of(new SnapshotPlan.Moment(saveAt, saved))));
            }
            int status = session.run();
            return new Ending(status, session.machine().digest(), saveAt >= 0 && Files.exists(saved),
                    (int) session.bytesReceived());
        }
    }

    private static List<Path> disks(Path directory, int count) {
        List<Path> disks = new ArrayList<>();
        for (int n = 0; n < count; n++) {
            disks.add(directory.resolve("disk" + n));
        }
        return disks;
    }

    /** Makes the disks as they are before a run. */
    static List<Path> blankDisks(Path directory, int count) throws IOException {
        byte[] contents = new byte[Setup.DISK_BYTES];
        List<Path> disks = disks(directory, count);
        for (Path disk : disks) {
            Arrays.fill(contents, (byte) (contents[0] + 1));
            Files.write(disk, contents);
        }
        return disks;
    }

    private static PrintStream nowhere() {
        return new PrintStream(OutputStream.nullOutputStream());
    }

    /** The serial line, reduced to a fingerprint: a program may send a megabyte with a few instructions. */
    private static final class Serial extends OutputStream {

        private final CRC32C sum = new CRC32C();
        private long bytes;

        @Override
        public void write(int value) {
            sum.update(value);
            bytes++;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Serial line && line.bytes == bytes && line.sum.getValue() == sum.getValue();
        }

        @Override
        public int hashCode() {
            return (int) sum.getValue();
        }

        @Override
        public String toString() {
            return bytes + " bytes of output with the sum " + Long.toHexString(sum.getValue());
        }
    }

    @Override
    public void close() throws IOException {
        if (Files.exists(calls)) {
            delete(calls);
        }
        delete(directory);
    }

    static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path left : (Iterable<Path>) files::iterator) {
                Files.delete(left);
            }
        }
        Files.delete(directory);
    }
}

package ferrite.board.command;

import ferrite.board.snapshot.SnapshotFile;
import ferrite.board.snapshot.SnapshotPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** The options of {@code boot} about snapshots in files. */
final class SnapshotOptions {

    @Option(names = "--restore", paramLabel = "FILE",
            description = "goes on with the machine in a snapshot, instead of an IMAGE")
    private Path restore;

    @Option(names = "--snapshot-at", paramLabel = "N,FILE",
            description = "writes a snapshot to FILE when all harts together have executed N instructions "
                    + "since power-on, and runs on; may be given again")
    private List<String> moments = new ArrayList<>();

    @Option(names = "--snapshots", paramLabel = "DIR",
            description = "the directory to which the monitor's 'snapshot FILE' may write")
    private Path directory;

    boolean restores() {
        return restore != null;
    }

    /** Opens the snapshot that was named. */
    SnapshotFile open() throws InputException {
        try {
            return SnapshotFile.open(restore);
        } catch (IOException e) {
            throw new InputException("--restore: " + HostFiles.reason(e));
        }
    }

    /**
     * Returns the planned snapshots and the directory for others.
     *
     * @throws UsageException when an option cannot be understood
     */
    SnapshotPlan plan() throws InputException {
        if (directory != null && !Files.isDirectory(directory)) {
            throw new InputException("--snapshots " + directory + ": there is no such directory");
        }
        List<SnapshotPlan.Moment> planned = new ArrayList<>();
        for (String moment : moments) {
            planned.add(moment(moment));
        }
        return new SnapshotPlan(directory, planned);
    }

    private static SnapshotPlan.Moment moment(String text) throws InputException {
        int comma = text.indexOf(',');
        if (comma < 0 || comma == text.length() - 1 || !text.substring(0, comma).matches("[0-9]{1,18}")) {
            throw new UsageException("--snapshot-at " + text
                    + ": a number of instructions, a comma and a file are expected, as in 5000000,five.snap");
        }
        try {
            Path file = Path.of(text.substring(comma + 1));
            Path parent = file.toAbsolutePath().getParent();
            if (parent == null || !Files.isDirectory(parent)) {
                throw new InputException("--snapshot-at " + text + ": there is no directory to put it into");
            }
            return new SnapshotPlan.Moment(Long.parseLong(text.substring(0, comma)), file);
        } catch (InvalidPathException e) {
            throw new UsageException("--snapshot-at " + text + ": that is no path of this host");
        }
    }
}

package ferrite.board.snapshot;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;

/** The planned snapshots of a run, and the directory for those that the monitor takes. */
public final class SnapshotPlan {

    /**
     * A moment of the run.
     *
     * @param instructions over all harts since power-on
     * @param file         the file of the snapshot
     */
    public record Moment(long instructions, Path file) { }

    private final Path directory;
    private final Deque<Moment> moments;

    /** @param directory the directory for the monitor's snapshots; null if it may take none */
    public SnapshotPlan(Path directory, List<Moment> moments) {
        this.directory = directory;
        this.moments =
                new ArrayDeque<>(moments.stream().sorted(Comparator.comparingLong(Moment::instructions)).toList());
    }

    /** Returns a plan without moments and without a directory. */
    public static SnapshotPlan none() {
        return new SnapshotPlan(null, List.of());
    }

    /** Returns the instruction count of the next moment; {@link Long#MAX_VALUE} if there is none. */
    public long next() {
        return moments.isEmpty() ? Long.MAX_VALUE : moments.peek().instructions();
    }

    /** Removes the next moment and returns it. */
    public Moment take() {
        return moments.remove();
    }

    /** Returns the moments that have not come. */
    public List<Moment> left() {
        return List.copyOf(moments);
    }

    /**
     * Returns the file for a snapshot of the monitor's with this name.
     *
     * @throws IllegalArgumentException with a sentence, when no such file is allowed
     */
    public Path file(String name) {
        if (directory == null) {
            throw new IllegalArgumentException("a snapshot is a file of the host, and no directory for it was given; "
                    + "'ferrite boot --snapshots DIR' gives one");
        }
        if (!name.matches("[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")) {
            throw new IllegalArgumentException("'" + name + "' is no name for a snapshot, which has up to 100 letters, "
                    + "digits, '_', '-' and '.', and goes to the directory of --snapshots");
        }
        return directory.resolve(name);
    }
}

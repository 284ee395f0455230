package ferrite.board.snapshot;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;

/** Where snapshots of a run may be put, and at which moments some are taken. */
public final class SnapshotPlan {

    /**
     * A moment of the run.
     *
     * @param instructions over all harts since power-on
     * @param file         where the snapshot goes
     */
    public record Moment(long instructions, Path file) { }

    private final Path directory;
    private final Deque<Moment> moments;

    /** @param directory where the monitor may put snapshots; null for nowhere */
    public SnapshotPlan(Path directory, List<Moment> moments) {
        this.directory = directory;
        this.moments = new ArrayDeque<>(moments.stream().sorted(Comparator.comparingLong(Moment::instructions)).toList());
    }

    /** Nothing is planned, and the monitor may put no file anywhere. */
    public static SnapshotPlan none() {
        return new SnapshotPlan(null, List.of());
    }

    /** The moment that comes next; {@link Long#MAX_VALUE} when none does. */
    public long next() {
        return moments.isEmpty() ? Long.MAX_VALUE : moments.peek().instructions();
    }

    /** The next moment, and takes it off. */
    public Moment take() {
        return moments.remove();
    }

    /** The moments that have not come. */
    public List<Moment> left() {
        return List.copyOf(moments);
    }

    /**
     * The file of the monitor's that has this name.
     *
     * @throws IllegalArgumentException with a sentence, when there can be none
     */
    public Path file(String name) {
        if (directory == null) {
            throw new IllegalArgumentException("a snapshot is a file of the host, and no place for one was given; 'ferrite boot --snapshots DIR' gives one");
        }
        if (!name.matches("[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")) {
            throw new IllegalArgumentException("'" + name + "' is no name for a snapshot: up to 100 letters, digits, '_', '-' and '.', which goes to the "
                    + "directory of --snapshots");
        }
        return directory.resolve(name);
    }
}

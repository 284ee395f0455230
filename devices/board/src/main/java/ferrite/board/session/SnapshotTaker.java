package ferrite.board.session;

import ferrite.board.snapshot.SnapshotFile;
import ferrite.board.snapshot.SnapshotPlan;
import ferrite.board.wiring.BareBoard;
import ferrite.hardware.turn.Turn;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Takes the snapshots of a run: the planned ones at their moments, and those that the monitor asks for. */
final class SnapshotTaker {

    private final BareBoard board;
    private final SnapshotPlan plan;

    /** @throws IllegalArgumentException with a sentence, when the run is past one of the moments */
    SnapshotTaker(BareBoard board, SnapshotPlan plan) {
        if (plan.next() < board.instructions()) {
            throw new IllegalArgumentException("--snapshot-at " + plan.next()
                    + ": the machine has executed " + board.instructions() + " instructions already");
        }
        this.board = board;
        this.plan = plan;
        board.pauseAt(plan.next());
    }

    /** Tells whether a snapshot of the plan is still to be taken. */
    boolean isPlanned() {
        return plan.next() != Long.MAX_VALUE;
    }

    /** Takes the planned snapshots that are due. To be called when the run has paused. */
    void takeDue() throws IOException {
        while (plan.next() <= board.instructions()) {
            board.save(plan.take().file());
        }
        board.pauseAt(plan.next());
    }

    /**
     * Takes a snapshot now, into a file of the plan's directory. To be called by the thread that holds the turn,
     * between two accesses. Changes nothing about the run.
     *
     * @return the file
     * @throws IllegalArgumentException with a sentence, when no such file is allowed, or the run is over
     */
    Path takeNow(String name) throws IOException {
        Path file = plan.file(name);
        Turn.Stop stopping = board.machine().control().stopReason();
        if (stopping == Turn.Stop.POWERED_OFF || stopping == Turn.Stop.CRASHED) {
            throw new IllegalArgumentException("the program has come to its end");
        }
        board.save(file);
        return file;
    }

    /**
     * Returns the machine, which stands still, to a snapshot in a file of the plan's directory.
     *
     * @return the file
     * @throws IllegalArgumentException with a sentence, when no such file is allowed
     * @throws IOException with a sentence, when it cannot be restored
     */
    Path returnTo(String name) throws IOException {
        Path file = plan.file(name);
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException("there is no snapshot " + file + "; 'snapshot " + name + "' makes one");
        }
        if (board.isDisk(file)) {                       // closing it would release its lock
            throw new IllegalArgumentException(file + " is the file of a disk");
        }
        try (SnapshotFile snapshot = SnapshotFile.open(file)) {
            board.returnTo(snapshot);
        }
        board.pauseAt(plan.next());
        return file;
    }

    /** Reports the moments that have not come, at the end of the run. */
    void tellOfMissed(PrintStream err) {
        plan.left().forEach(moment -> err.println("--snapshot-at " + moment.instructions()
                + "," + moment.file() + ": the run has ended after "
                + board.instructions() + " instructions, and there is no such snapshot"));
    }
}

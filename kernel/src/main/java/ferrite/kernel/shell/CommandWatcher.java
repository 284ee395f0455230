package ferrite.kernel.shell;

import ferrite.hardware.report.Report;
import java.util.function.Supplier;

/**
 * Receives the task of each command from the shell, so that a front end can match output with commands. A watcher is
 * outside the machine. The hart that has the turn calls it between two accesses. It may look, but it changes nothing: a
 * run is the same with and without a watcher.
 *
 * <p>The shell reads its lines from the console in order, and reports one exit status for each line there. A line that
 * starts no task ({@code wait}, a comment, a command without memory for its task) counts as task 0; at most one such
 * line runs at a time.
 */
public interface CommandWatcher {

    /** No watcher. */
    CommandWatcher NONE = new CommandWatcher() {
        @Override
        public void started(int pid, boolean inBackground) { }

        @Override
        public void waiting() { }

        @Override
        public void showing(Supplier<Report> findings) { }

        @Override
        public void progress(long done, long total) { }
    };

    /**
     * Receives the task that runs the last line, by its number. The task may already have run. The console is told when
     * it ends.
     */
    void started(int pid, boolean inBackground);

    /** Is called when the last line is {@code wait}, and the shell waits in the foreground itself. */
    void waiting();

    /**
     * Receives the current command's output as a report. The watcher calls {@code findings} at once or never; that call
     * only looks.
     */
    void showing(Supplier<Report> findings);

    /** Receives the progress of the current task's command, in bytes. The total is negative if it is not known. */
    void progress(long done, long total);
}

package ferrite.kernel.shell;

import ferrite.hardware.report.Report;
import java.util.function.Supplier;

/**
 * Told by the shell which task is which command, so that a front end can tell whose output it gets. It stands outside the machine: it is called between two
 * accesses by whoever has the turn, may look, and changes nothing; a run is the same whether somebody watches or not.
 *
 * <p>The shell takes its lines from the console in order, and every line ends with one exit status there. A line that starts no task ({@code wait},
 * a comment, a command for which there was no memory) is task 0; there is at most one of those at a time.
 */
public interface CommandWatcher {

    /** Nobody. */
    CommandWatcher NONE = new CommandWatcher() {
        @Override
        public void started(long task, boolean inBackground) { }

        @Override
        public void showing(Supplier<Report> findings) { }

        @Override
        public void progress(long done, long total) { }

        @Override
        public void ending(long task) { }
    };

    /** The line that was taken last runs as a task now. It may have run a little before this is called. */
    void started(long task, boolean inBackground);

    /**
     * The current task is a command that prints what it found; this is the same without the form of text. It is to be asked for at once, or never;
     * getting it only looks.
     */
    void showing(Supplier<Report> findings);

    /** The current task's command has dealt with so many bytes of so many; the total is negative when nobody knows it. */
    void progress(long done, long total);

    /** A command has ended: the console is told its status next. */
    void ending(long task);
}

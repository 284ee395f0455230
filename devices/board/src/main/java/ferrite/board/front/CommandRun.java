package ferrite.board.front;

import ferrite.hardware.report.Report;
import java.io.IOException;
import java.util.function.Supplier;

/** A command, from the moment when the guest takes its line to its exit status, as its front end sees it. */
public interface CommandRun {

    /**
     * Takes bytes that the command wrote, to {@link ferrite.peripherals.console.Console#STANDARD_OUTPUT} or
     * {@code STANDARD_ERROR}.
     */
    void output(int stream, byte[] bytes) throws IOException;

    /** Offers the findings that the text shows, as a report. The supplier works only during the call. */
    default void show(Supplier<Report> findings) { }

    /** Tells how many bytes the command has dealt with, at this tick; the total is negative if it is not known. */
    default void progress(long done, long total, long tick) { }

    /** The shell waits for the command, and the interrupt key reaches it. */
    default void comesToForeground() { }

    /** The shell does not wait for the command. */
    default void goesOnInBackground() { }

    /** The command ended. An exception means that its output cannot be written any more. */
    void ended(int status) throws IOException;

    /** Returns the front end at which the command was typed; null for the run's own. */
    default FrontEnd typedAt() {
        return null;
    }

    /** The machine ended before the command did. */
    default void cutShort() throws IOException { }
}

package ferrite.board.front;

import ferrite.hardware.report.Report;
import java.io.IOException;
import java.util.function.Supplier;

/** A command from when the guest took its line to its exit status, as the front end sees it at which it was typed. */
public interface CommandRun {

    /** Bytes that it wrote, to {@link ferrite.peripherals.console.Console#STANDARD_OUTPUT} or {@code STANDARD_ERROR}. */
    void output(int stream, byte[] bytes) throws IOException;

    /** What its text says, in another form; to be asked for at once, or not at all. */
    default void show(Supplier<Report> findings) { }

    /** It has dealt with so many bytes of so many, at this tick; the total is negative when nobody knows it. */
    default void progress(long done, long total, long tick) { }

    /** The shell waits for it, and the interrupt key reaches it. */
    default void comesToForeground() { }

    /** The shell does not wait for it. */
    default void goesOnInBackground() { }

    /** An exception means that nobody listens any more. */
    void ended(int status) throws IOException;

    /** The front end at which it was typed, if that is not the run's own. */
    default FrontEnd typedAt() {
        return null;
    }

    /** The machine ended before the command did. */
    default void cutShort() throws IOException { }
}

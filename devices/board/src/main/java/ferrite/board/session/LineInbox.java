package ferrite.board.session;

import ferrite.hardware.turn.RunControl;
import java.io.IOError;
import java.io.IOException;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;

/**
 * Lines on their way from a person to the machine. They are read by a thread of their own, so that the machine can be looked at while a line is
 * awaited; only one is read at a time, when the guest has asked.
 */
final class LineInbox {

    private final Session.LineSource source;
    private final RunControl control;
    /** Touched only by whoever has the turn. */
    private boolean reading;
    private boolean arrived;
    private String line;
    private IOException broken;

    LineInbox(Session.LineSource source, RunControl control) {
        this.source = source;
        this.control = control;
    }

    /**
     * Waits for the next line, serving those who post meanwhile.
     *
     * @param otherwise says that there is something else to do first; then the line is awaited by a later call
     * @return whether there is a line, or the end of input, to {@link #take}
     */
    boolean await(BooleanSupplier otherwise) throws IOException {
        if (!reading) {
            read();
        }
        control.serveUntil(() -> arrived || otherwise.getAsBoolean());
        return arrived;
    }

    /** The line that has come; null at the end of input. */
    String take() throws IOException {
        reading = false;
        if (broken != null) {
            throw broken;
        }
        return line;
    }

    private void read() {
        reading = true;
        arrived = false;
        Thread reader = new Thread(this::readOne, "console input");
        reader.setDaemon(true);
        reader.start();
    }

    private void readOne() {
        String read = null;
        IOException failure = null;
        try {
            read = source.next();
        } catch (IOException e) {
            failure = e;
        } catch (IOError | RuntimeException e) {
            failure = new IOException("input cannot be read: " + e, e);    // as from a terminal that was closed when the run had ended
        }
        String result = read;
        IOException problem = failure;
        try {
            control.post(() -> {
                line = result;
                broken = problem;
                arrived = true;
            });
        } catch (RejectedExecutionException ended) {
            // The run is over, and nobody wants the line any more.
        }
    }
}

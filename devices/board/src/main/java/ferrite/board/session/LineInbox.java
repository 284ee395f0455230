package ferrite.board.session;

import ferrite.hardware.turn.RunControl;
import java.io.IOException;
import java.util.function.BooleanSupplier;

/**
 * The lines on their way from a person to the machine. A thread of its own reads them, so that the machine serves
 * requests while it waits for a line. Only one is read at a time, when the guest has asked.
 */
final class LineInbox {

    private final Session.LineSource source;
    private final RunControl control;
    /** Used only by the thread that holds the turn, as are the fields after it. */
    private boolean reading;
    private boolean arrived;
    private String line;
    private IOException broken;

    LineInbox(Session.LineSource source, RunControl control) {
        this.source = source;
        this.control = control;
    }

    /**
     * Waits for the next line, and serves requests meanwhile.
     *
     * @param otherwise returns whether to stop waiting; a later call goes on
     * @return whether there is a line, or the end of input, to {@link #take}
     */
    boolean await(BooleanSupplier otherwise) throws IOException {
        if (!reading) {
            read();
        }
        control.serveUntil(() -> arrived || otherwise.getAsBoolean());
        return arrived;
    }

    /** Returns the line that has arrived; null at the end of input. */
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
        InputReader.start("console input", source::next, control, (next, failure) -> {
            line = next;
            broken = failure;
            arrived = true;
        });
    }
}

package ferrite.board;

import ferrite.hardware.turn.Turn;
import java.io.IOException;

/**
 * Lines on their way from a person to the machine. They are read by a thread of their own, so that the machine can be looked at while a line is
 * awaited; only one is read at a time, when the guest has asked.
 */
final class LineInbox {

    private final Session.LineSource source;
    private final Turn turn;
    /** Touched only by whoever has the turn. */
    private boolean arrived;
    private String line;
    private IOException broken;

    LineInbox(Session.LineSource source, Turn turn) {
        this.source = source;
        this.turn = turn;
    }

    /** Waits for the next line, serving the debugger meanwhile. Null at the end of input. */
    String await() throws IOException {
        arrived = false;
        Thread reader = new Thread(this::readOne, "console input");
        reader.setDaemon(true);
        reader.start();
        try {
            while (!arrived) {
                turn.servePost();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for input");
        }
        if (broken != null) {
            throw broken;
        }
        return line;
    }

    private void readOne() {
        String read = null;
        IOException failure = null;
        try {
            read = source.next();
        } catch (IOException e) {
            failure = e;
        }
        String result = read;
        IOException problem = failure;
        turn.post(() -> {
            line = result;
            broken = problem;
            arrived = true;
        });
    }
}

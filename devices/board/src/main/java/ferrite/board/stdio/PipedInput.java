package ferrite.board.stdio;

import ferrite.board.session.SerialInput;
import ferrite.hardware.turn.RunControl;
import java.io.IOException;
import java.io.InputStream;

/**
 * The bytes of a file or a pipe. A file is read when a byte is asked for; of a pipe, only the bytes that have arrived
 * are read.
 */
public final class PipedInput implements SerialInput {

    private final InputStream in;
    private final boolean neverWaits;
    private final RunControl control;
    /** Whether a thread waits for the next byte. */
    private boolean awaiting;
    private int arrived = NOT_YET;
    private IOException broken;
    private boolean ended;

    /** @param neverWaits whether reading never takes long, as of a file */
    public PipedInput(InputStream in, boolean neverWaits, RunControl control) {
        this.in = in;
        this.neverWaits = neverWaits;
        this.control = control;
    }

    @Override
    public boolean isPerson() {
        return false;
    }

    @Override
    public boolean isQuitting() {
        return false;
    }

    @Override
    public int take() throws IOException {
        if (broken != null) {
            throw broken;
        }
        int value = arrived;
        arrived = NOT_YET;
        if (value == NOT_YET && !ended && !awaiting && (neverWaits || in.available() > 0)) {
            value = in.read();
            ended = value < 0;
        }
        return value == NOT_YET && ended ? END : value;
    }

    @Override
    public long await(long nanoseconds) throws IOException {
        if (!awaiting) {
            awaiting = true;
            Thread reader = new Thread(this::readOne, "serial input");
            reader.setDaemon(true);
            reader.start();
        }
        control.serve();
        return 0;
    }

    private void readOne() {
        int value = NOT_YET;
        IOException failure = null;
        try {
            value = in.read();
        } catch (IOException e) {
            failure = e;
        }
        int read = value;
        IOException problem = failure;
        control.post(() -> {
            awaiting = false;
            broken = problem;
            arrived = read < 0 ? NOT_YET : read;
            ended = read < 0;
        });
    }
}

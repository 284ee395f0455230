package ferrite.board.stdio;

import ferrite.board.session.InputReader;
import ferrite.board.session.SerialInput;
import ferrite.hardware.turn.RunControl;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * The bytes of a file or a pipe. A file is read when a byte is asked for, up to the end that it had at first. Of a
 * pipe, only the bytes that have arrived are read.
 */
public final class PipedInput implements SerialInput {

    private final InputStream in;
    private final boolean neverWaits;
    private final RunControl control;
    /** The number of bytes that a file has left. Bytes that are added to it during the run are no part of the input. */
    private long left;
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
        try {
            left = neverWaits ? bytesLeft(in) : Long.MAX_VALUE;
        } catch (IOException e) {
            broken = e;
        }
    }

    /** Returns the number of bytes that a file has left. {@code available} counts no further than 2 GiB. */
    static long bytesLeft(InputStream in) throws IOException {
        int available = in.available();
        return available == Integer.MAX_VALUE && in instanceof FileInputStream file
                ? file.getChannel().size() - file.getChannel().position() : available;
    }

    @Override
    public boolean isPerson() {
        return false;
    }

    @Override
    public boolean isAtHand() {
        return neverWaits;
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
            value = neverWaits && left-- <= 0 ? NOT_YET : in.read();
            ended = value < 0;
        }
        return value == NOT_YET && ended ? END : value;
    }

    @Override
    public long await(long nanoseconds) throws IOException {
        expect();
        control.serve();
        return 0;
    }

    @Override
    public void expect() {
        if (!awaiting) {
            awaiting = true;
            InputReader.start("serial input", in::read, control, (next, failure) -> {
                awaiting = false;
                broken = failure;
                ended = next != null && next < 0;
                arrived = next == null || ended ? NOT_YET : next;
            });
        }
    }
}

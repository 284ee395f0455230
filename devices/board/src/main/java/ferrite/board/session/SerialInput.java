package ferrite.board.session;

import java.io.IOException;

/** The bytes that a serial line brings from the host. To be used by the thread that controls the machine. */
public interface SerialInput {

    /** Nothing has come yet. */
    int NOT_YET = -1;
    /** Nothing will come any more. */
    int END = -2;

    /** Whether a person types: then the machine's time is paced to that person's while it waits. */
    boolean isPerson();

    /** Whether the person wants to leave. */
    boolean isQuitting();

    /** The next byte, 0 to 255, or one of the two above; does not wait. */
    int take() throws IOException;

    /**
     * Waits until something comes, until the debugger has asked for something, which is served, or until time is up.
     *
     * @param nanoseconds of the host; {@link Long#MAX_VALUE} for ever
     * @return how many have passed
     */
    long await(long nanoseconds) throws IOException;
}

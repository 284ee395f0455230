package ferrite.board.session;

import java.io.IOException;

/** The bytes that the host sends over a serial line. To be used by the thread that controls the machine. */
public interface SerialInput {

    /** No byte has arrived yet. */
    int NOT_YET = -1;
    /** No byte will arrive any more. */
    int END = -2;

    /** Returns whether a person types. The machine's time is then real time while it waits. */
    boolean isPerson();

    /** Returns whether the host's time has no influence on {@link #take}, as for a file. */
    default boolean isAtHand() {
        return true;
    }

    /** Has the next byte, or the end, awaited by another thread from now on. A {@link #take} after that finds it. */
    default void expect() { }

    /** Returns whether the person wants to leave. */
    boolean isQuitting();

    /** Returns the next byte, 0 to 255, or one of the two constants. Does not wait. */
    int take() throws IOException;

    /**
     * Waits until input arrives, until a request of the debugger has been served, or until time is up.
     *
     * @param nanoseconds of the host; {@link Long#MAX_VALUE} for ever
     * @return the nanoseconds that have passed
     */
    long await(long nanoseconds) throws IOException;
}

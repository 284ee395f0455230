package ferrite.board.wiring;

import ferrite.hardware.report.Violation;

/**
 * The host's side of a board that runs a bare program. The thread that holds the turn calls it; nothing that it does is
 * part of the machine.
 */
public interface BareHost {

    /** Takes a byte that left the serial line. */
    void serialOutput(int value);

    /** Takes bytes for file descriptor 1 or 2. */
    void write(int descriptor, byte[] bytes);

    /** The program waits for a byte; {@code polled} if it reads a status over and over. */
    void inputWanted(boolean polled);

    /** Takes a line about the machine, for a person. */
    default void note(String line) { }

    /** A rule was broken. */
    void violation(Violation violation);
}

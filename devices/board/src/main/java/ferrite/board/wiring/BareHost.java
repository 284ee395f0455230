package ferrite.board.wiring;

import ferrite.hardware.report.Violation;

/** The world outside a board that runs a bare program. Called in the middle of a run by whoever has the turn; what it does is not part of the machine. */
public interface BareHost {

    /** A byte that left the serial line. */
    void serialOutput(int value);

    /** Bytes for file descriptor 1 or 2. */
    void write(int descriptor, byte[] bytes);

    /** The program waits for a byte; {@code polled} when it does nothing else. */
    void inputWanted(boolean polled);

    /** A rule was broken. */
    void violation(Violation violation);
}

package ferrite.hardware.turn;

/**
 * Unwinding of a strand's Java frames, because its task was killed, or because the machine is restored or closed.
 * Catching it is no use: until the frames are gone, every memory access throws it again and changes nothing.
 */
public final class Unwind extends Error {

    private static final long serialVersionUID = 1;

    Unwind() {
        super(null, null, false, false);
    }
}

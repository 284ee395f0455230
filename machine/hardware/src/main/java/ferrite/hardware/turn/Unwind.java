package ferrite.hardware.turn;

/**
 * Takes a strand's Java frames away, because its task was killed, or the machine is restored or closed. Whoever
 * catches it gains nothing: until the frames are gone every access of memory throws it again and changes nothing.
 */
public final class Unwind extends Error {

    private static final long serialVersionUID = 1;

    Unwind() {
        super(null, null, false, false);
    }
}

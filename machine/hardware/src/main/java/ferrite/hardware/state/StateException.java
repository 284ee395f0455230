package ferrite.hardware.state;

/**
 * Saved state that does not fit the part being restored. It is damaged, or belongs to another machine. The message is a
 * sentence without its full stop.
 */
public final class StateException extends IllegalStateException {

    private static final long serialVersionUID = 1;

    public StateException(String message) {
        super(message);
    }
}

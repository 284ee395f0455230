package ferrite.hardware.state;

/** Saved state does not fit the part that is to be restored from it: it is another machine's, or damaged. The message is a sentence without an end. */
public final class StateException extends IllegalStateException {

    private static final long serialVersionUID = 1;

    public StateException(String message) {
        super(message);
    }
}

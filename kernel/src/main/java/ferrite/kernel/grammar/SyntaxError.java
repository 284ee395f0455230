package ferrite.kernel.grammar;

/** A line that is no list of commands. The message says what is wrong, and what would be right. */
public final class SyntaxError extends Exception {

    private static final long serialVersionUID = 1;

    SyntaxError(String message) {
        super(message, null, false, false);
    }
}

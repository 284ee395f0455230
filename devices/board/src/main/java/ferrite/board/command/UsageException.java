package ferrite.board.command;

/** The command line makes no sense; the message is the sentence that says why. Exit status 2. */
final class UsageException extends RuntimeException {

    private static final long serialVersionUID = 1;

    UsageException(String message) {
        super(message);
    }
}

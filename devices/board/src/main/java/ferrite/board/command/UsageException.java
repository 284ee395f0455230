package ferrite.board.command;

/** The command line is wrong; the message is a sentence with the reason. Exit status 2. */
final class UsageException extends RuntimeException {

    private static final long serialVersionUID = 1;

    UsageException(String message) {
        super(message);
    }
}

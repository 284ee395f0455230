package ferrite.board.command;

import java.io.IOException;

/** An input file is unusable; the message is a sentence with the reason. Exit status 3. */
final class InputException extends IOException {

    private static final long serialVersionUID = 1;

    InputException(String message) {
        super(message);
    }
}

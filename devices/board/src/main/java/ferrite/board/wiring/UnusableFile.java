package ferrite.board.wiring;

import java.io.IOException;

/** A file of a machine's option that cannot be used. The message names the option, and says why. */
public final class UnusableFile extends IOException {

    private static final long serialVersionUID = 1;

    UnusableFile(String option, IOException cause) {
        super(option + ": " + cause.getMessage(), cause);
    }
}

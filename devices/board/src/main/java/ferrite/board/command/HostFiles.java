package ferrite.board.command;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;

/** What went wrong with a file of the host, in words rather than in a Java exception's. */
final class HostFiles {

    private HostFiles() { }

    static String reason(IOException e) {
        if (e instanceof NoSuchFileException) {
            return "there is no such file";
        }
        if (e instanceof AccessDeniedException) {
            return "it may not be opened";
        }
        return e.getMessage() == null ? e.toString() : e.getMessage();
    }
}

package ferrite.board.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether a person sits at standard input. {@code System.console()} says so up to JDK 21 only. */
final class Tty {

    private Tty() { }

    static boolean isStandardInput() throws IOException {
        Path link = Path.of("/proc/self/fd/0");
        if (!Files.isSymbolicLink(link)) {
            return System.console() != null;
        }
        String target = Files.readSymbolicLink(link).toString();
        return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
    }
}

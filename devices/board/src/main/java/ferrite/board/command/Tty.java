package ferrite.board.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether a person sits at one of the standard streams. {@code System.console()} says so up to JDK 21 only. */
final class Tty {

    private Tty() { }

    /** Whether standard input is a file, or nothing, so that reading it never takes long. */
    static boolean isStandardInputFile() {
        Path link = Path.of("/proc/self/fd/0");
        try {
            return Files.isSymbolicLink(link) && (Files.isRegularFile(link) || Files.readSymbolicLink(link).toString().equals("/dev/null"));
        } catch (IOException e) {
            return false;
        }
    }

    static boolean isStandardInput() throws IOException {
        return is(0);
    }

    public static boolean isStandardOutput() throws IOException {
        return is(1);
    }

    static boolean isStandardError() throws IOException {
        return is(2);
    }

    private static boolean is(int descriptor) throws IOException {
        Path link = Path.of("/proc/self/fd/" + descriptor);
        if (!Files.isSymbolicLink(link)) {
            return System.console() != null;
        }
        String target = Files.readSymbolicLink(link).toString();
        return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
    }
}

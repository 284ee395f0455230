package ferrite.board.stdio;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Tells whether a standard stream is a terminal. {@code System.console()} tells it up to JDK 21 only. */
public final class Tty {

    private Tty() { }

    /** Returns whether standard input is a file, or nothing, so that reading it never takes long. */
    public static boolean isStandardInputFile() {
        Path link = Path.of("/proc/self/fd/0");
        try {
            return Files.isSymbolicLink(link)
                    && (Files.isRegularFile(link) || Files.readSymbolicLink(link).toString().equals("/dev/null"));
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Returns whether the process was started with standard input closed. Its descriptor is then a file that the JVM
     * has opened for itself.
     */
    static boolean isStandardInputClosed() {
        try {
            return Files.readSymbolicLink(Path.of("/proc/self/fd/0"))
                    .startsWith(Path.of(System.getProperty("java.home")).toRealPath());
        } catch (IOException e) {
            return false;
        }
    }

    public static boolean isStandardInput() throws IOException {
        return is(0);
    }

    public static boolean isStandardOutput() throws IOException {
        return is(1);
    }

    public static boolean isStandardError() throws IOException {
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

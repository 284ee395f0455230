package ferrite.board.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * The listening sockets of this host, from Linux's {@code /proc/net/tcp}. To try a connection would disturb the server:
 * the debugger agent of a JVM reports each client that is no debugger.
 */
final class ListeningPorts {

    private static final Path TABLE = Path.of("/proc/net/tcp");
    private static final String LISTEN = "0A";
    private static final int TRIALS = 1000;
    private static final int PAUSE_MILLISECONDS = 10;

    private ListeningPorts() { }

    /** Waits, at most ten seconds, until a process listens at this port of 127.0.0.1. Other systems do not wait. */
    static void await(int port) throws InterruptedException {
        for (int i = 0; i < TRIALS && Files.exists(TABLE) && !has(port); i++) {
            Thread.sleep(PAUSE_MILLISECONDS);
        }
    }

    private static boolean has(int port) {
        String address = String.format(Locale.ROOT, "0100007F:%04X", port);
        try {
            return Files.readAllLines(TABLE).stream().map(line -> line.strip().split(" +"))
                    .anyMatch(words -> words.length > 3 && words[1].equals(address) && words[3].equals(LISTEN));
        } catch (IOException unreadable) {
            return true;
        }
    }
}

package ferrite.board.command;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * The end of a process whose heap is full. It needs no heap: everything is set aside beforehand, and the process stops
 * without the shutdown hooks, which could need some.
 */
final class FullHeap {

    private static final FileOutputStream ERR = new FileOutputStream(FileDescriptor.err);
    private static final byte[] SENTENCE = ("ferrite: the host's Java heap is full; use a smaller --ram, or give Java "
            + "more, as in java -Xmx4g -jar ferrite.jar\n").getBytes(StandardCharsets.UTF_8);

    private FullHeap() { }

    /** Loads this class. */
    static void prepare() {
        // The class is initialised now.
    }

    /** Stops the process with a sentence. */
    static void stop(int status) {
        try {
            ERR.write(SENTENCE);
        } catch (IOException | OutOfMemoryError unheard) {
            // The exit status tells it.
        } finally {
            Runtime.getRuntime().halt(status);
        }
    }
}

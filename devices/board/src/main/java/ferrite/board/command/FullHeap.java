package ferrite.board.command;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * The end of a process that does not end by itself, for example because its heap is full. It needs no heap: everything
 * is set aside beforehand, and the process stops without the shutdown hooks, which could need some.
 */
final class FullHeap {

    private static final int PATIENCE_MILLISECONDS = 1000;
    private static final FileOutputStream ERR = new FileOutputStream(FileDescriptor.err);
    private static final byte[] SENTENCE = ("ferrite: the host's Java heap is full; use a smaller --ram, or give Java "
            + "more, as in java -Xmx4g -jar ferrite.jar\n").getBytes(StandardCharsets.UTF_8);
    private static volatile byte[] lastWords = SENTENCE;
    /** Writes the sentence. The reader of standard error may have stopped reading, so the end does not wait for it. */
    private static final Thread SPEAKER = new Thread(FullHeap::speak, "last words");

    static {
        SPEAKER.setDaemon(true);
    }

    private FullHeap() { }

    /** Loads this class. */
    static void prepare() {
        // The class is initialised now.
    }

    /** Stops the process, and says that the heap is full. */
    static void stop(int status) {
        try {
            SPEAKER.start();
            SPEAKER.join(PATIENCE_MILLISECONDS);
        } catch (OutOfMemoryError noThread) {
            speak();
        } catch (InterruptedException | IllegalThreadStateException unheard) {
            // The exit status tells it.
        } finally {
            Runtime.getRuntime().halt(status);
        }
    }

    /** Stops the process with a sentence. */
    static void stop(String sentence, int status) {
        lastWords = (sentence + "\n").getBytes(StandardCharsets.UTF_8);
        stop(status);
    }

    private static void speak() {
        try {
            ERR.write(lastWords);
        } catch (IOException unheard) {
            // The exit status tells it.
        }
    }
}

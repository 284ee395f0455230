package ferrite.board.command;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * The end of a process that does not end by itself, for example because its heap is full. It needs no heap: everything
 * is set aside beforehand, and the process stops without the shutdown hooks, which could need some.
 */
final class LastWords {

    /** The end of a process with a full heap. */
    static final LastWords FULL_HEAP = new LastWords("ferrite: the host's Java heap is full; use a smaller --ram, or "
            + "give Java more, as in java -Xmx4g -jar ferrite.jar");

    private static final int PATIENCE_MILLISECONDS = 1000;

    private final byte[] sentence;
    private final FileOutputStream err = new FileOutputStream(FileDescriptor.err);
    /** Writes the sentence. The reader of standard error may have stopped reading, so the end does not wait for it. */
    private final Thread speaker = new Thread(this::speak, "last words");

    LastWords(String sentence) {
        this.sentence = (sentence + "\n").getBytes(StandardCharsets.UTF_8);
        speaker.setDaemon(true);
    }

    /** Stops the process with the sentence. */
    void stopProcess(int status) {
        try {
            speaker.start();
            speaker.join(PATIENCE_MILLISECONDS);
        } catch (OutOfMemoryError noThread) {
            speak();
        } catch (InterruptedException | IllegalThreadStateException unheard) {
            // The exit status tells it.
        } finally {
            Runtime.getRuntime().halt(status);
        }
    }

    private void speak() {
        try {
            err.write(sentence);
        } catch (IOException unheard) {
            // The exit status tells it.
        }
    }
}

package ferrite.board.command;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * The end of a process that does not end by itself, for example because its heap is full. It needs no heap, and none
 * of the JVM's locks that a driver could hold: everything is set aside beforehand, and the process stops without the
 * shutdown hooks. The first sentence is the last.
 */
final class LastWords {

    private static final AtomicReference<byte[]> SAID = new AtomicReference<>();
    /** Writes the sentence. The reader of standard error may have stopped reading, so the end does not wait for it. */
    private static final Thread SPEAKER = speaker();
    private static volatile boolean heard;

    /** The end of a process with a full heap. */
    static final LastWords FULL_HEAP = new LastWords("ferrite: the host's Java heap is full; use a smaller --ram, or "
            + "give Java more, as in java -Xmx4g -jar ferrite.jar");

    private static final int PATIENCE_MILLISECONDS = 1000;
    private static final int LOOK_MILLISECONDS = 10;

    private final byte[] sentence;

    LastWords(String sentence) {
        this.sentence = (sentence + "\n").getBytes(StandardCharsets.UTF_8);
    }

    private static Thread speaker() {
        FileOutputStream err = new FileOutputStream(FileDescriptor.err);
        Thread speaker = new Thread(() -> speak(err), "last words");
        speaker.setDaemon(true);
        speaker.start();
        return speaker;
    }

    private static void speak(FileOutputStream err) {
        while (SAID.get() == null) {
            LockSupport.park();
        }
        try {
            err.write(SAID.get());
            heard = true;
        } catch (IOException unheard) {
            // The exit status tells it.
        }
    }

    /** Stops the process with the sentence. */
    void stopProcess(int status) {
        try {
            SAID.compareAndSet(null, sentence);
            LockSupport.unpark(SPEAKER);
            for (int waited = 0; !heard && waited < PATIENCE_MILLISECONDS; waited += LOOK_MILLISECONDS) {
                Thread.sleep(LOOK_MILLISECONDS);
            }
        } catch (InterruptedException unheard) {
            // The exit status tells it.
        } finally {
            Runtime.getRuntime().halt(status);
        }
    }
}

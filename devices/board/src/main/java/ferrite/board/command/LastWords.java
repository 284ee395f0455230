package ferrite.board.command;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.locks.LockSupport;

/**
 * The end of a process that does not end by itself, for example because its heap is full. It needs no heap, and none
 * of the JVM's locks that a driver could hold: everything is set aside beforehand, and the process stops without the
 * shutdown hooks.
 */
final class LastWords {

    /** The end of a process with a full heap. */
    static final LastWords FULL_HEAP = new LastWords("ferrite: the host's Java heap is full; use a smaller --ram, or "
            + "give Java more, as in java -Xmx4g -jar ferrite.jar");

    private static final int PATIENCE_MILLISECONDS = 1000;
    private static final int LOOK_MILLISECONDS = 10;

    private final FileOutputStream err = new FileOutputStream(FileDescriptor.err);
    private volatile byte[] sentence;
    private volatile boolean isTime;
    private volatile boolean heard;
    /** Writes the sentence. The reader of standard error may have stopped reading, so the end does not wait for it. */
    private final Thread speaker = new Thread(this::speak, "last words");

    LastWords(String sentence) {
        say(sentence);
        speaker.setDaemon(true);
        speaker.start();
    }

    /** Sets another sentence. */
    void say(String text) {
        sentence = (text + "\n").getBytes(StandardCharsets.UTF_8);
    }

    private void speak() {
        while (!isTime) {
            LockSupport.park();
        }
        try {
            err.write(sentence);
            heard = true;
        } catch (IOException unheard) {
            // The exit status tells it.
        }
    }

    /** Stops the process with the sentence. */
    void stopProcess(int status) {
        try {
            isTime = true;
            LockSupport.unpark(speaker);
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

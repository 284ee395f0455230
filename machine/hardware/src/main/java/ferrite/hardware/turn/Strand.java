package ferrite.hardware.turn;

import java.lang.reflect.InvocationTargetException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.LockSupport;

/**
 * A host thread that holds the Java stack of something that runs on a hart. It runs only while it has the turn, which others
 * give it; when they do, everything they wrote is visible to it.
 */
public final class Strand {

    private static final ThreadFactory THREADS = threads();

    private Thread thread;
    private volatile boolean mayRun;
    private volatile boolean ended;

    private Strand() { }

    /** A strand that will call {@code main} on a thread of its own once it gets the turn. */
    static Strand create(String name, Runnable main) {
        Strand strand = new Strand();
        strand.thread = THREADS.newThread(() -> {
            try {
                strand.awaitTurn();
                main.run();
            } finally {
                strand.ended = true;
            }
        });
        strand.thread.setName(name);
        return strand;
    }

    /** The calling thread, as one that can have the turn. */
    static Strand ofCurrentThread() {
        Strand strand = new Strand();
        strand.thread = Thread.currentThread();
        return strand;
    }

    /** Lets it run. The caller has given up the turn by this. */
    void giveTurn() {
        mayRun = true;
        if (thread.getState() == Thread.State.NEW) {
            thread.start();
        } else {
            LockSupport.unpark(thread);
        }
    }

    /** Waits until somebody gives it the turn. To be called by its own thread. */
    void awaitTurn() {
        while (!mayRun) {
            LockSupport.park(this);
        }
        mayRun = false;
    }

    boolean hasStarted() {
        return thread.getState() != Thread.State.NEW;
    }

    void awaitEnd() {
        while (!ended) {
            Thread.yield();
        }
    }

    /** Virtual threads where the JVM has them: handing the turn over costs a twentieth there. The language level does not know them yet. */
    private static ThreadFactory threads() {
        try {
            Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
            Class<?> type = Class.forName("java.lang.Thread$Builder");
            return (ThreadFactory) type.getMethod("factory").invoke(builder);
        } catch (NoSuchMethodException | ClassNotFoundException absent) {
            return Strand::platformThread;
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException("virtual threads exist but cannot be made", e);
        }
    }

    private static Thread platformThread(Runnable main) {
        Thread thread = new Thread(null, main, "strand", 1 << 20);
        thread.setDaemon(true);
        return thread;
    }
}

package ferrite.hardware.turn;

import java.lang.reflect.InvocationTargetException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.LockSupport;

/**
 * A host thread with the Java stack of a task, or of another activity on a hart. It runs only while it has the turn,
 * which other strands give to it. It then sees everything that they wrote before.
 */
public final class Strand {

    private static final ThreadFactory THREADS = threads();
    private static final int YIELDS = 10_000;
    private static final int PAUSE_NANOSECONDS = 1_000_000;
    private static final int MAX_PAUSES = 2_000;

    private Thread thread;
    /** Whether the machine works on this stack. Only the strand itself uses it. */
    private boolean inCheckpoint;
    private volatile boolean mayRun;
    private volatile boolean ended;

    private Strand() { }

    /** Creates a strand. It calls {@code main} on its own thread once it gets the turn. */
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

    /** Wraps the calling thread, so that it can have the turn. */
    static Strand ofCurrentThread() {
        Strand strand = new Strand();
        strand.thread = Thread.currentThread();
        return strand;
    }

    /** Lets the strand run. With this call the caller gives up the turn. */
    void giveTurn() {
        mayRun = true;
        if (thread.getState() == Thread.State.NEW) {
            thread.start();
        } else {
            LockSupport.unpark(thread);
        }
    }

    /** Notes that the machine works on this stack, after a look for room. Returns whether it did not work there. */
    boolean enterCheckpoint() {
        if (inCheckpoint) {
            return false;
        }
        StackRoom.require();
        inCheckpoint = true;
        return true;
    }

    /** @param outermost the strand that has entered; null does nothing */
    static void leaveCheckpoint(Strand outermost) {
        if (outermost != null) {
            outermost.inCheckpoint = false;
        }
    }

    /** Waits until another strand gives it the turn. Only its own thread may call this. */
    void awaitTurn() {
        while (!mayRun) {
            LockSupport.park(this);
        }
        mayRun = false;
    }

    /** Returns the thread's name, that of its task. */
    public String name() {
        return thread.getName();
    }

    /** Returns the Java frames, innermost first; none before the first turn. For a debugger, which only looks. */
    public StackTraceElement[] stack() {
        return thread.getStackTrace();
    }

    /** Tells whether the caller runs on this strand. */
    public boolean isCurrent() {
        return thread == Thread.currentThread();
    }

    boolean hasStarted() {
        return thread.getState() != Thread.State.NEW;
    }

    /** Waits for the end of a strand that is unwound, for a few seconds at most. Returns whether it came. */
    boolean awaitEnd() {
        for (int i = 0; !ended && i < YIELDS; i++) {
            Thread.yield();
        }
        for (int i = 0; !ended && i < MAX_PAUSES; i++) {
            LockSupport.parkNanos(PAUSE_NANOSECONDS);
        }
        return ended;
    }

    /** Keeps its thread, which is a daemon, from running on. Only its own thread may call this. */
    void stayForEver() {
        ended = true;
        for (;;) {
            LockSupport.park(this);
        }
    }

    /**
     * Returns a factory of virtual threads if the JVM has them, because they hand over the turn in a twentieth of the
     * time. Reflection is needed at this language level.
     */
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

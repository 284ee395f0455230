package ferrite.board.command;

import ferrite.board.session.ExitStatus;
import ferrite.hardware.report.CodePlace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * A watch over the JVM's own locks that the end of a process needs. A driver can hold one, and then the JVM starts no
 * thread, not even the one that handles a signal, or {@code System.exit} waits for ever. The process is stopped then.
 *
 * <p>One thread takes each lock in turn. The other one takes none, and looks whether the first is blocked.
 */
final class WayOut {

    private static final List<String> CLASSES = List.of("java.lang.Thread", "java.lang.Shutdown",
            "java.lang.ApplicationShutdownHooks", "java.lang.Runtime");
    private static final int LOOK_MILLISECONDS = 1000;
    /** One of these locks is never needed for longer than a moment. */
    private static final int MAX_LOOKS = 5;

    private final List<Object> locks = new ArrayList<>();
    private final Thread walker = new Thread(this::walk, "way out");
    private final Thread guard = new Thread(this::guard, "way out, guard");
    private final LastWords lastWords = new LastWords("");
    private volatile Object next;
    private volatile long taken;
    /** Whether the JVM shuts down. It holds some of the locks then, and {@link ShutdownLimit} watches. */
    private volatile boolean leaving;

    private WayOut() {
        for (String name : CLASSES) {
            try {
                locks.add(Class.forName(name, false, null));
            } catch (ClassNotFoundException ofAnotherJdk) {
                // This JDK ends without it.
            }
        }
        for (ThreadGroup group = walker.getThreadGroup(); group != null; group = group.getParent()) {
            locks.add(group);
        }
    }

    /** Watches from now on, until {@link #leave}. */
    static WayOut watch() {
        WayOut wayOut = new WayOut();
        for (Thread thread : List.of(wayOut.walker, wayOut.guard)) {
            thread.setDaemon(true);
            thread.start();
        }
        return wayOut;
    }

    /** Ends the watch, because the JVM shuts down. */
    void leave() {
        leaving = true;
    }

    private void walk() {
        while (!leaving) {
            try {
                for (Object lock : locks) {
                    next = lock;
                    synchronized (lock) {
                        taken++;
                    }
                }
            } catch (OutOfMemoryError full) {
                // The next look may find room.
            }
            pause();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(LOOK_MILLISECONDS);
        } catch (InterruptedException | OutOfMemoryError early) {
            // The next look comes earlier.
        }
    }

    private void guard() {
        long before = -1;
        int blocked = 0;
        while (blocked < MAX_LOOKS) {
            pause();
            blocked = taken == before && isWalkerBlocked() && !leaving ? blocked + 1 : 0;
            before = taken;
        }
        try {
            lastWords.say("ferrite: a lock of " + (next instanceof Class<?> type ? type.getName() : "a ThreadGroup")
                    + " is held, which the JVM needs to end, so the process is stopped" + suspects());
            lastWords.stopProcess(ExitStatus.PANIC);
        } catch (OutOfMemoryError full) {
            LastWords.FULL_HEAP.stopProcess(ExitStatus.PANIC);
        }
    }

    private boolean isWalkerBlocked() {
        try {
            return walker.getState() == Thread.State.BLOCKED;
        } catch (OutOfMemoryError full) {
            return false;
        }
    }

    /** Names the lines of drivers that threads are in. */
    private static String suspects() {
        String lines = Thread.getAllStackTraces().values().stream()
                .map(stack -> Arrays.stream(stack).filter(frame -> !CodePlace.jar(frame).isEmpty()).findFirst()
                        .orElse(null))
                .filter(Objects::nonNull).map(CodePlace::of).sorted().distinct().collect(Collectors.joining(", "));
        return lines.isEmpty() ? "" : "; a thread is in " + lines;
    }
}

package ferrite.board.command;

import ferrite.board.session.Standstill;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;

/**
 * A limit on the time in which the JVM shuts down, after {@code System.exit} or a signal. A driver's shutdown hook that
 * does not end would keep the process for ever.
 */
final class ShutdownLimit {

    private static final long HOOK_MILLISECONDS = 3000;
    /** Longer than {@link ExitGuard} waits for the end of a run, after a driver has called {@code System.exit}. */
    private static final long RUN_MILLISECONDS = 25_000;
    /** The exit status of a process that SIGTERM has ended. */
    private static final int TERMINATED = 143;

    private ShutdownLimit() { }

    /**
     * Limits the shutdown of this process. The threads are made now, because the heap may be full then.
     *
     * @param status is complete when the command has closed everything
     * @param wayOut watches until then
     */
    static void set(CompletableFuture<Integer> status, WayOut wayOut) {
        Thread limit = new Thread(() -> expire(status), "shutdown limit");
        limit.setDaemon(true);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            limit.start();
            wayOut.leave();
        }, "shutdown"));
    }

    private static void expire(CompletableFuture<Integer> status) {
        try {
            Thread.sleep(HOOK_MILLISECONDS);
            if (!status.isDone() && Thread.getAllStackTraces().values().stream().flatMap(Arrays::stream)
                    .anyMatch(Standstill::isExit)) {
                Thread.sleep(RUN_MILLISECONDS - HOOK_MILLISECONDS);
            }
        } catch (InterruptedException early) {
            // It is as if the time were over.
        } finally {
            Runtime.getRuntime().halt(status.getNow(TERMINATED));
        }
    }
}

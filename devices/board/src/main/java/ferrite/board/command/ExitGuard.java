package ferrite.board.command;

import ferrite.board.session.ExitStatus;
import ferrite.board.session.Standstill;
import ferrite.hardware.turn.Strand;
import ferrite.hardware.turn.Strands;
import ferrite.hardware.turn.Turn;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A guard against {@code System.exit} in a driver, which would end the process without a word, with results half
 * written. While the JVM shuts down, it ends the run as a panic does, waits for the run's end, and ends the process
 * with its status. A signal, and our own {@code System.exit}, are left alone.
 */
final class ExitGuard {

    private static final int PATIENCE_SECONDS = 20;
    private static final String OURS = "ferrite.board.";
    private static final String MISTAKE = "System.exit was called";
    private static final String REMEDY = "it ends the whole process; return a negative errno, or throw an exception";

    private final Turn turn;
    private final Strands strands;
    private final CompletableFuture<Integer> status;
    private final PrintStream err;
    private final Thread hook = new Thread(this::shutDown, "exit guard");

    private ExitGuard(Turn turn, CompletableFuture<Integer> status, PrintStream err) {
        this.turn = turn;
        this.strands = turn.strands();
        this.status = status;
        this.err = err;
    }

    /**
     * Guards a run until {@link #end}.
     *
     * @param status is completed with the exit status when everything of the run is closed
     */
    static ExitGuard over(Turn turn, CompletableFuture<Integer> status, PrintStream err) {
        ExitGuard guard = new ExitGuard(turn, status, err);
        Runtime.getRuntime().addShutdownHook(guard.hook);
        return guard;
    }

    private void shutDown() {
        if (endRun()) {
            Runtime.getRuntime().halt(await());
        }
    }

    /** Ends the run if one of its threads called {@code System.exit}. Returns whether one did. */
    private boolean endRun() {
        Strand strand = strands.holder();
        if (strand != null && isExit(strand.stack())) {
            return strands.abandon(strand, Standstill.of(strand, MISTAKE, REMEDY));
        }
        for (Map.Entry<Thread, StackTraceElement[]> thread : Thread.getAllStackTraces().entrySet()) {
            if (isExit(thread.getValue())) {
                Standstill failure = Standstill.of(thread.getKey(), MISTAKE, REMEDY);
                try {
                    turn.posts().add(() -> turn.fail(failure));
                    return true;
                } catch (RejectedExecutionException ended) {
                    return false;
                }
            }
        }
        return false;
    }

    /** Returns whether a thread is in {@code Runtime.exit}, and its caller is not ours. */
    private static boolean isExit(StackTraceElement[] stack) {
        StackTraceElement caller = Standstill.innermost(stack);
        return caller != null && !caller.getClassName().startsWith(OURS)
                && Arrays.stream(stack).anyMatch(Standstill::isExit);
    }

    private int await() {
        try {
            return status.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            err.println("ferrite: " + MISTAKE + ", and the run does not end");
            return ExitStatus.PANIC;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return ExitStatus.PANIC;
        }
    }

    /** Ends the guard. */
    void end() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException shuttingDown) {
            // the hook runs, and waits for the run's end
        }
    }
}

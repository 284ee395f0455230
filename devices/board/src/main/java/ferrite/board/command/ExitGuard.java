package ferrite.board.command;

import ferrite.board.session.ExitStatus;
import ferrite.board.session.Standstill;
import ferrite.hardware.turn.Strand;
import ferrite.hardware.turn.Strands;
import ferrite.hardware.turn.Turn;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A guard against {@code System.exit} in the code of a user, which would end the process without a word, with results
 * half written. While the JVM shuts down, it ends the run as a panic does, waits for the run's end, and ends the
 * process with its status. The thread that controls the machine cannot come to an end any more: if the model of a
 * device calls {@code System.exit} there, the sentence is all. A signal, and our own {@code System.exit}, are left
 * alone.
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
    private final Thread controller = Thread.currentThread();
    private final Thread hook = new Thread(this::shutDown, "exit guard");

    private ExitGuard(Turn turn, CompletableFuture<Integer> status, PrintStream err) {
        this.turn = turn;
        this.strands = turn.strands();
        this.status = status;
        this.err = err;
    }

    /**
     * Guards a run until {@link #end}. The caller will control the machine.
     *
     * @param status is completed with the exit status when everything of the run is closed
     */
    static ExitGuard over(Turn turn, CompletableFuture<Integer> status, PrintStream err) {
        ExitGuard guard = new ExitGuard(turn, status, err);
        Runtime.getRuntime().addShutdownHook(guard.hook);
        return guard;
    }

    /** A machine under construction, in which models of devices declare themselves. */
    @FunctionalInterface
    interface Building<T> {
        T build() throws IOException;
    }

    /** Builds a machine, and guards its building. A model that ends the process is an unusable file. */
    static <T> T whileBuilding(PrintStream err, Building<T> building) throws IOException {
        Thread hook = new Thread(() -> {
            Thread exiting = exiting();
            if (exiting != null) {
                stop(exiting.getStackTrace(), "the machine has not been built: ", err, ExitStatus.UNUSABLE_INPUT);
            }
        }, "exit guard");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            return building.build();
        } finally {
            remove(hook);
        }
    }

    /** Stops the process with a sentence about the code that called {@code System.exit}. */
    private static void stop(StackTraceElement[] stack, String beginning, PrintStream err, int status) {
        Standstill exit = Standstill.ofController(stack, MISTAKE, REMEDY);
        err.println(beginning + exit.getMessage());
        exit.frames().forEach(err::println);
        err.flush();
        Runtime.getRuntime().halt(status);
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
        Thread exiting = exiting();
        if (exiting == controller) {
            stop(exiting.getStackTrace(), "", err, ExitStatus.PANIC);
        }
        if (exiting == null) {
            return false;
        }
        Standstill failure = Standstill.of(exiting, MISTAKE, REMEDY);
        try {
            turn.posts().add(() -> turn.fail(failure));
            return true;
        } catch (RejectedExecutionException ended) {
            return false;
        }
    }

    /** Returns the thread in which code of a user called {@code System.exit}; null if none did. */
    private static Thread exiting() {
        return Thread.getAllStackTraces().entrySet().stream().filter(thread -> isExit(thread.getValue()))
                .map(Map.Entry::getKey).findFirst().orElse(null);
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
        remove(hook);
    }

    private static void remove(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException shuttingDown) {
            // the hook runs, and waits for the run's end
        }
    }
}

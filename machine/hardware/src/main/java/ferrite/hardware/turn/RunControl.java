package ferrite.hardware.turn;

import java.io.InterruptedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Halts a machine and lets it run on: the debugger's side of the {@linkplain Turn turn}. A machine has one. None of it
 * changes the run.
 *
 * <p>Three kinds of threads call it. Any thread may {@link #post} a request or {@link #ask} a question. The request
 * then runs on the thread that holds the turn, between two accesses, and may look at the machine, {@link #halt} it and
 * {@link #resume} it. The controller, which calls {@link Turn#run}, calls {@link #waitWhileHalted} before each run;
 * while the machine is halted, requests are served there.
 */
public final class RunControl {

    private final Turn turn;
    private boolean halted;
    private boolean debuggerExpected;

    public RunControl(Turn turn) {
        this.turn = turn;
    }

    // ---- any thread ----

    /**
     * Has the thread that holds the turn do something soon, between two accesses.
     *
     * @throws RejectedExecutionException when the run has ended, so that no thread would do it
     * @see Posts#add
     */
    public void post(Runnable request) {
        turn.posts().add(request);
    }

    /**
     * Has the thread that holds the turn answer a question, which must only look. The future fails if the question
     * does, or if the run has ended.
     */
    public <T> CompletableFuture<T> ask(Supplier<T> question) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        try {
            turn.posts().add(() -> answer(question, answer));
        } catch (RejectedExecutionException ended) {
            answer.completeExceptionally(ended);
        }
        return answer;
    }

    private static <T> void answer(Supplier<T> question, CompletableFuture<T> answer) {
        try {
            answer.complete(question.get());
        } catch (RuntimeException | StackOverflowError failed) {
            answer.completeExceptionally(failed);
        }
    }

    // ---- the thread that holds the turn ----

    /** Halts the machine before its next access. Before the first run, the machine starts halted. */
    public void halt() {
        halted = true;
        turn.stop(Turn.Stop.HALTED);
    }

    /** Lets a halted machine run on. */
    public void resume() {
        halted = false;
    }

    public boolean isHalted() {
        return halted;
    }

    /** Returns why the machine stands still, or is about to; null while it runs. */
    public Turn.Stop stopReason() {
        return turn.stopping() != null || !halted ? turn.stopping() : Turn.Stop.HALTED;
    }

    /**
     * Announces a debugger that can resume the machine. Without one, {@code halt} at the prompt would be for ever, and
     * is refused.
     */
    public void expectDebugger() {
        debuggerExpected = true;
    }

    public boolean isDebuggerExpected() {
        return debuggerExpected;
    }

    // ---- the controller ----

    /** Serves requests until the machine is not halted. */
    public void waitWhileHalted() throws InterruptedIOException {
        serveUntil(() -> !halted);
    }

    /** Serves requests until one has made the condition true. */
    public void serveUntil(BooleanSupplier condition) throws InterruptedIOException {
        while (!condition.getAsBoolean()) {
            serve();
        }
    }

    /** Waits for one request, and serves it. */
    public void serve() throws InterruptedIOException {
        try {
            turn.posts().serveOne();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException(
                    "the thread that controls the machine was interrupted while it waited for a request");
        }
    }
}

package ferrite.board.command;

import ferrite.board.session.ExitStatus;
import ferrite.board.session.Session;
import ferrite.debugport.AttachClient;
import java.io.IOError;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntSupplier;

/**
 * The client's side of a prompt elsewhere: sends one line after another, and prints the output that comes back. One
 * thread listens to the machine. Another reads a line while none is under way. The caller's thread waits for the first
 * event of either, so it notices the machine's end while it waits for a line.
 */
final class AttachedRun implements AttachClient.Listener {

    private static final int PATIENCE_MILLISECONDS = 2000;
    private static final String NAME = "ferrite attach: ";

    /** An event for the caller's thread. */
    private interface Event {
        void happen() throws IOException;
    }

    private final AttachClient client;
    private final OutputStream out; // used only by the listening thread
    private final PrintStream err;
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final Set<Integer> background = new TreeSet<>();
    private int lastNumber;
    private int underWay;
    private boolean lineCame;
    private String line;
    private boolean over;
    private boolean failed;
    private int endStatus;
    private String endReason = "";
    private volatile CompletableFuture<List<String>> question;
    private volatile boolean outputIsGone;
    private volatile boolean sawViolation;
    /** Whether the machine sent something for standard error. */
    private volatile boolean hasMessage;

    AttachedRun(AttachClient client, OutputStream out, PrintStream err) {
        this.client = client;
        this.out = out;
        this.err = err;
    }

    /**
     * Runs lines to their end, and waits for commands in the background.
     *
     * @param left returns how many lines are known to be left
     * @return the exit status of the command
     */
    int run(Session.LineSource lines, IntSupplier left) throws IOException {
        return run(lines, left, true);
    }

    /** Runs the lines that a person types. At their end, commands in the background are left alone. */
    int runPrompt(Session.LineSource lines) throws IOException {
        return run(lines, () -> 0, false);
    }

    private int run(Session.LineSource lines, IntSupplier left, boolean waits) throws IOException {
        thread("attach", this::listen);
        for (String next = next(lines); next != null && !over && !leaves(next); next = next(lines)) {
            execute(next);
        }
        if (!over && waits && !background.isEmpty()) {
            execute("wait");
        }
        boolean endedFirst = over && endStatus >= 0 && !endReason.isEmpty();
        boolean cutShort = endedFirst && (underWay != 0 || !background.isEmpty() || left.getAsInt() > 0);
        if (!over) {
            client.quit();
            await(() -> false);
        } else if (!endReason.isEmpty()) {
            err.println(NAME + endReason + (cutShort ? ", before all commands had ended" : ""));
        }
        if (outputIsGone) {
            err.println(NAME + "standard output cannot be written any more");
        } else if (failed && !hasMessage) {
            err.println(NAME + "a command failed without a message");
        }
        err.flush();
        return status(endedFirst, cutShort);
    }

    /** Returns whether a line is {@code exit [STATUS]}: it ends the attachment, and the machine runs on. */
    private boolean leaves(String text) {
        boolean leaves = text.strip().matches("exit( +[0-9]{1,3})?");
        failed |= leaves && !text.strip().matches("exit( +0+)?");
        return leaves;
    }

    private int status(boolean endedFirst, boolean cutShort) {
        if (sawViolation) {
            return ExitStatus.VIOLATION;
        }
        if (endedFirst && endStatus == ExitStatus.PANIC || cutShort && endStatus == ExitStatus.NOT_FINISHED) {
            return endStatus;
        }
        return failed || cutShort || outputIsGone || endStatus < 0 ? ExitStatus.FAILED : 0;
    }

    /**
     * Completes the line that is being typed. Returns nothing if the machine does not answer in time. For the thread
     * that reads the line.
     */
    List<String> complete(List<String> words, String word) {
        if (question != null && !question.isDone()) {
            return List.of();
        }
        question = new CompletableFuture<>();
        try {
            client.complete(words, word);
            return question.get(PATIENCE_MILLISECONDS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        } catch (IOException | ExecutionException | TimeoutException noAnswer) {
            return List.of();
        }
    }

    // ---- the caller's thread ----

    private String next(Session.LineSource lines) throws IOException {
        if (over) {
            return null;
        }
        lineCame = false;
        thread("console input", () -> read(lines));
        await(() -> lineCame);
        return lineCame ? line : null;
    }

    private void execute(String text) throws IOException {
        underWay = ++lastNumber;
        try {
            client.run(underWay, text);
        } catch (IOException gone) {
            // the listening thread learns the reason, unless it was goodbye
        }
        await(() -> underWay == 0);
    }

    private interface Condition {
        boolean holds();
    }

    /** Handles events until the condition holds, or the attachment is over. */
    private void await(Condition condition) throws IOException {
        try {
            while (!over && !condition.holds()) {
                events.take().happen();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted");
        }
    }

    private void lineHasEnded(int number, int status) {
        failed |= status != 0;
        background.remove(number);
        underWay = underWay == number ? 0 : underWay;
    }

    private void end(int status, String reason) {
        over = true;
        endStatus = status;
        endReason = reason;
    }

    // ---- the other threads ----

    private void read(Session.LineSource lines) {
        try {
            String read = lines.next();
            events.add(() -> {
                line = read;
                lineCame = true;
            });
        } catch (IOException | IOError | RuntimeException e) {
            events.add(() -> {
                throw new IOException("input cannot be read: " + e.getMessage(), e);
            });
        }
    }

    private void listen() {
        try {
            client.listen(this);
        } catch (IOException e) {
            flush();
            events.add(() -> end(-1, e.getMessage()));
        }
    }

    private static void thread(String name, Runnable body) {
        Thread thread = new Thread(body, name);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void output(boolean error, byte[] bytes, int length) {
        if (error) {
            hasMessage = true;
            flush();
            err.write(bytes, 0, length);
            err.flush();
        } else if (!outputIsGone) {
            try {
                out.write(bytes, 0, length);
            } catch (IOException gone) {
                outputIsGone = true;
            }
        }
    }

    private void flush() {
        try {
            out.flush();
        } catch (IOException gone) {
            outputIsGone = true;
        }
    }

    @Override
    public void violation(byte[] bytes, int length) {
        sawViolation = true;
        output(true, bytes, length);
    }

    @Override
    public void notice(byte[] bytes, int length) {
        output(true, bytes, length);
    }

    @Override
    public void background(int number) {
        events.add(() -> {
            background.add(number);
            underWay = underWay == number ? 0 : underWay;
        });
    }

    @Override
    public void ended(int number, int status) {
        flush();
        events.add(() -> lineHasEnded(number, status));
    }

    @Override
    public void candidates(List<String> words) {
        CompletableFuture<List<String>> asked = question;
        if (asked != null) {
            asked.complete(words);
        }
    }

    @Override
    public void bye(int status, String reason) {
        flush();
        events.add(() -> end(status, reason));
    }
}

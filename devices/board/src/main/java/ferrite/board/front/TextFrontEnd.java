package ferrite.board.front;

import ferrite.hardware.report.Violation;
import ferrite.peripherals.console.Console;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;

/**
 * The front end for people and pipes: bytes unchanged on standard output, the rest on standard error. If a command
 * failed and standard error is empty, the end names the command, because the run fails too.
 */
public final class TextFrontEnd implements FrontEnd {

    /** The status of a command that the interrupt key ended: the person knows it. */
    private static final int INTERRUPTED = 130;

    private final OutputStream out;
    private final PrintStream err;
    private final Mistakes mistakes = new Mistakes();
    /** Whether something was written to standard error. */
    private boolean hasSpoken;
    /** The first command that failed; null if none did. */
    private String failed;
    private int failedStatus;

    public TextFrontEnd(OutputStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    private final class Command implements CommandRun {

        private final String line;

        Command(String line) {
            this.line = line;
        }

        @Override
        public void output(int stream, byte[] bytes) throws IOException {
            TextFrontEnd.this.output(stream, bytes);
        }

        @Override
        public void ended(int status) {
            if (status != 0 && status != INTERRUPTED && failed == null) {
                failed = line.strip();
                failedStatus = status;
            }
        }
    }

    @Override
    public CommandRun begin(String line) {
        return new Command(line);
    }

    @Override
    public void output(int stream, byte[] bytes) throws IOException {
        if (stream == Console.STANDARD_OUTPUT) {
            out.write(bytes);
        } else {
            hasSpoken = true;
            keepOrder();
            err.write(bytes);
            err.flush();
        }
    }

    /** Writes what standard output still holds. If that fails, the bytes stay there, and the next write fails too. */
    private void keepOrder() {
        try {
            out.flush();
        } catch (IOException gone) {
            // no reason to lose a message on the other stream
        }
    }

    @Override
    public void violation(Violation violation, String text, String mistake) {
        hasSpoken = true;
        if (mistakes.add(mistake)) {
            err.print(text);
        }
    }

    @Override
    public void finish() {
        mistakes.more().forEach(err::println);
        if (failed != null && !hasSpoken) {
            err.println("'" + failed + "' ended with status " + failedStatus + " and no message");
        }
    }
}

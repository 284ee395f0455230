package ferrite.board.front;

import ferrite.hardware.report.Violation;
import ferrite.peripherals.console.Console;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;

/**
 * The front end for people and pipes: bytes unchanged on standard output, the rest on standard error. At the end it
 * names a command that failed without a message, because its exit status is that of the run.
 */
public final class TextFrontEnd implements FrontEnd {

    /** The status of a command that the interrupt key ended: the person knows it. */
    private static final int INTERRUPTED = 130;

    private final OutputStream out;
    private final PrintStream err;
    private final Mistakes mistakes = new Mistakes();
    /** The first command that failed without a message; null if none did. */
    private String silent;
    private int silentStatus;
    private int moreSilent;

    public TextFrontEnd(OutputStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    private final class Command implements CommandRun {

        private final String line;
        private boolean hasMessage;

        Command(String line) {
            this.line = line;
        }

        @Override
        public void output(int stream, byte[] bytes) throws IOException {
            hasMessage |= stream != Console.STANDARD_OUTPUT;
            TextFrontEnd.this.output(stream, bytes);
        }

        @Override
        public void ended(int status) {
            if (status == 0 || status == INTERRUPTED || hasMessage) {
                return;
            }
            if (silent == null) {
                silent = line.strip();
                silentStatus = status;
            } else {
                moreSilent++;
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
        if (mistakes.add(mistake)) {
            err.print(text);
        }
    }

    @Override
    public void finish() {
        mistakes.more().forEach(err::println);
        if (silent != null) {
            err.println("'" + silent + "' ended with status " + silentStatus + " and no message"
                    + (moreSilent == 0 ? "" : "; so did " + moreSilent + " more"));
        }
    }
}

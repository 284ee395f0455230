package ferrite.board;

import ferrite.kernel.ExplainedViolation;
import ferrite.peripherals.console.Console;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Map;

/** For people and pipes: bytes unchanged on standard output, the rest on standard error. */
final class TextFrontEnd implements FrontEnd, CommandRun {

    private final OutputStream out;
    private final PrintStream err;
    /** How often each mistake was made, in the order of the first time. */
    private final Map<String, Integer> mistakes = new LinkedHashMap<>();

    TextFrontEnd(OutputStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    /** Here all commands look the same. */
    @Override
    public CommandRun begin(String line) {
        return this;
    }

    @Override
    public void output(int stream, byte[] bytes) throws IOException {
        if (stream == Console.STANDARD_OUTPUT) {
            out.write(bytes);
        } else {
            out.flush();
            err.write(bytes);
            err.flush();
        }
    }

    @Override
    public void ended(int status) { }

    @Override
    public void violation(ExplainedViolation violation, String text, String mistake) {
        if (mistakes.merge(mistake, 1, Integer::sum) == 1) {
            err.print(text);
        }
    }

    /** The same mistake is explained once, and counted. */
    @Override
    public void finish() {
        mistakes.forEach((mistake, times) -> {
            if (times > 1) {
                err.println("violation " + mistake + ": " + (times - 1) + " more like the one explained above");
            }
        });
    }
}

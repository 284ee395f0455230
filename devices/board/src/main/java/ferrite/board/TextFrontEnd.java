package ferrite.board;

import ferrite.hardware.report.Violation;
import ferrite.peripherals.console.Console;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;

/** For people and pipes: bytes unchanged on standard output, the rest on standard error. */
final class TextFrontEnd implements FrontEnd, CommandRun {

    private final OutputStream out;
    private final PrintStream err;
    private final Mistakes mistakes = new Mistakes();

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
    public void violation(Violation violation, String text, String mistake) {
        if (mistakes.add(mistake)) {
            err.print(text);
        }
    }

    @Override
    public void finish() {
        mistakes.more().forEach(err::println);
    }
}

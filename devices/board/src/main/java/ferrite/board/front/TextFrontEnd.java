package ferrite.board.front;

import ferrite.hardware.report.Violation;
import ferrite.peripherals.console.Console;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;

/** The front end for people and pipes: bytes unchanged on standard output, the rest on standard error. */
public final class TextFrontEnd implements FrontEnd, CommandRun {

    private final OutputStream out;
    private final PrintStream err;
    private final Mistakes mistakes = new Mistakes();

    public TextFrontEnd(OutputStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    /** Returns this object: all commands are shown in the same way. */
    @Override
    public CommandRun begin(String line) {
        return this;
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

package ferrite.board.front;

import ferrite.hardware.report.Report;
import ferrite.hardware.report.Violation;
import ferrite.peripherals.console.Console;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** {@link TextFrontEnd} for a person at a terminal: errors are red, and a long command shows its progress. */
public final class TerminalFrontEnd implements FrontEnd {

    private static final String RED = "\u001b[31m";
    private static final String BOLD_RED = "\u001b[1;31m";
    private static final String PLAIN = "\u001b[0m";

    private final FrontEnd text;
    private final TerminalLook look;
    private final ProgressBar bar;

    /** @param nanoTime the host's clock */
    public TerminalFrontEnd(FrontEnd text, PrintStream err, TerminalLook look, LongSupplier nanoTime) {
        this.text = text;
        this.look = look;
        this.bar = new ProgressBar(err, nanoTime);
    }

    private final class Command implements CommandRun {

        private final CommandRun run;
        /** The start of the command's error messages. */
        private final byte[] mark;
        private boolean inBackground;

        Command(String line, CommandRun run) {
            this.run = run;
            this.mark = (line.strip().split("\\s", 2)[0] + ": ").getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public void output(int stream, byte[] bytes) throws IOException {
            bar.clear();
            run.output(stream, stream == Console.STANDARD_ERROR && startsWith(bytes, mark) ? red(bytes) : bytes);
        }

        @Override
        public void show(Supplier<Report> findings) {
            run.show(findings);
        }

        @Override
        public void progress(long done, long total, long tick) {
            if (look.progress() && !inBackground) {
                bar.progress(done, total, tick);
            }
        }

        @Override
        public void goesOnInBackground() {
            inBackground = true;
            run.goesOnInBackground();
        }

        @Override
        public void ended(int status) throws IOException {
            if (!inBackground) {
                bar.end();
            }
            run.ended(status);
        }

        @Override
        public void cutShort() throws IOException {
            bar.end();
            run.cutShort();
        }
    }

    private static boolean startsWith(byte[] bytes, byte[] start) {
        return bytes.length >= start.length && java.util.Arrays.equals(bytes, 0, start.length, start, 0, start.length);
    }

    private byte[] red(byte[] bytes) {
        return look.coloured() ? (RED + new String(bytes, StandardCharsets.UTF_8).stripTrailing() + PLAIN + "\n")
                .getBytes(StandardCharsets.UTF_8) : bytes;
    }

    @Override
    public CommandRun begin(String line) {
        return new Command(line, text.begin(line));
    }

    @Override
    public void output(int stream, byte[] bytes) throws IOException {
        bar.clear();
        text.output(stream, stream == Console.STANDARD_ERROR ? red(bytes) : bytes);
    }

    @Override
    public void violation(Violation violation, String explanation, String mistake) throws IOException {
        bar.clear();
        int end = explanation.indexOf('\n');
        String shown = look.coloured() && end > 0
                ? BOLD_RED + explanation.substring(0, end) + PLAIN + explanation.substring(end) : explanation;
        text.violation(violation, shown, mistake);
    }

    @Override
    public void finish() {
        bar.end();
        text.finish();
    }
}

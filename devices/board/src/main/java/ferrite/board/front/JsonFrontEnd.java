package ferrite.board.front;

import com.fasterxml.jackson.core.JsonGenerator;
import ferrite.hardware.report.Report;
import ferrite.hardware.report.Violation;
import ferrite.peripherals.console.Console;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.function.Supplier;

/**
 * The front end for programs: one line of JSON (RFC 8259) for each command when it ends, and one for each violation
 * when it happens.
 *
 * <pre>
 *  {"command":…,"status":…,"result":…}               and "error":… if it wrote to standard error
 *  {"violation":{"rule":…,"channel":…,"device":…,"va":…,"pa":…,"wrapped_pa":…,"zone":…,"flags":…,"site":…,
 *                "summary":…,"told":{"where":…,"why":…,"instead":…,…},"when":{"tick":…,"event":…,"hart":…},"again":…}}
 * </pre>
 *
 * {@code status} is null for a command that the machine's end cut short. {@code result} is the tree of an inspector
 * that succeeded ({@link ReportJson}), and the output of any other command ({@link CapturedOutput}). {@code error} is
 * output too.
 */
public final class JsonFrontEnd implements FrontEnd {

    private final JsonLines lines;
    private final PrintStream err;

    /** @param again supplies the command line that repeats the run so far */
    public JsonFrontEnd(OutputStream out, PrintStream err, Supplier<String> again) {
        this.lines = new JsonLines(out, again);
        this.err = err;
    }

    private final class Command implements CommandRun {

        private final String line;
        private final CapturedOutput output = new CapturedOutput();
        private final CapturedOutput errors = new CapturedOutput();
        private Report report;

        Command(String line) {
            this.line = line;
        }

        @Override
        public void output(int stream, byte[] bytes) throws IOException {
            if (lines.broken() != null) {
                throw lines.broken();
            }
            (stream == Console.STANDARD_OUTPUT ? output : errors).add(bytes);
        }

        @Override
        public void show(Supplier<Report> findings) {
            try {
                report = findings.get();
            } catch (RuntimeException unreadable) {
                report = null;                        // the structures are corrupt; the text shows all that can be read
            }
        }

        @Override
        public void ended(int status) throws IOException {
            print(status);
        }

        @Override
        public void cutShort() throws IOException {
            print(null);
        }

        private void print(Integer status) throws IOException {
            String typed = line.strip();
            if (!typed.isEmpty() && !typed.startsWith("#")) {
                lines.print(json -> write(json, typed, status));
            }
        }

        private void write(JsonGenerator json, String typed, Integer status) throws IOException {
            json.writeStringField("command", typed);
            json.writeFieldName("status");
            if (status == null) {
                json.writeNull();
            } else {
                json.writeNumber(status);
            }
            json.writeFieldName("result");
            if (report != null && status != null && status == 0) {
                ReportJson.write(json, report);
            } else {
                output.write(json);
            }
            if (!errors.isEmpty()) {
                json.writeFieldName("error");
                errors.write(json);
            }
        }
    }

    @Override
    public CommandRun begin(String line) {
        return new Command(line);
    }

    /** Writes to standard error: standard output is for lines of JSON alone. */
    @Override
    public void output(int stream, byte[] bytes) throws IOException {
        err.write(bytes);
    }

    @Override
    public void violation(Violation violation, String text, String mistake) throws IOException {
        lines.violation(violation);
    }

    @Override
    public void finish() { }
}

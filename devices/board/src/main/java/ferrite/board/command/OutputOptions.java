package ferrite.board.command;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;
import picocli.CommandLine.Option;

/** The options about the output of a run. */
final class OutputOptions {

    @Option(names = "--serial", paramLabel = "FILE",
            description = "where the serial line's output goes (default: standard output; with --json, standard error)")
    private Path serial;

    @Option(names = "--json", description = "lines of JSON on standard output, and nothing else there: "
            + "for each violation, for each command of run, and at the end of boot a summary")
    private boolean json;

    boolean json() {
        return json;
    }

    /** Opens the stream for the serial line; {@code standard} supplies it without {@code --serial}. */
    OutputStream serialLine(Supplier<OutputStream> standard) throws InputException {
        if (serial == null) {
            return standard.get();
        }
        try {
            return Files.newOutputStream(serial);
        } catch (IOException e) {
            throw new InputException("--serial " + serial + " cannot be written: " + HostFiles.reason(e));
        }
    }
}

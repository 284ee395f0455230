package ferrite.scenarios;

import ferrite.board.front.ViolationText;
import ferrite.board.options.BoardOptions;
import ferrite.board.session.Session;
import ferrite.hardware.Machine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A run in this JVM from power-on to power-off, in the same way as by {@code ferrite run -c}.
 *
 * @param status  the exit status
 * @param bytes   standard output
 * @param err     standard error
 * @param digest  the fingerprints at the end
 */
record Run(int status, byte[] bytes, String err, Machine.Digest digest) {

    /** Runs the commands. */
    static Run of(BoardOptions options, String... commands) throws IOException {
        return of(options, false, commands);
    }

    /** Runs the commands; {@code verbose} sends the kernel log to standard error. */
    static Run of(BoardOptions options, boolean verbose, String... commands) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        try (Session session = new Session(options, List.of(commands), () -> null,
                new Session.Streams(out, new PrintStream(err, true, StandardCharsets.UTF_8),
                        OutputStream.nullOutputStream(), verbose), new ViolationText("(this test)")::of)) {
            int status = session.run();
            return new Run(status, out.toByteArray(), err.toString(StandardCharsets.UTF_8),
                    session.board().machine().digest());
        }
    }

    /** Returns standard output, decoded as UTF-8. */
    String out() {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}

package ferrite.board.results;

import ferrite.board.front.ViolationText;
import ferrite.board.options.BoardOptions;
import ferrite.board.session.Session;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A run of the real machine, and its results. */
record RecordedRun(RunResults results, RunResults.End end) {

    static final String AGAIN = "ferrite run 'again'";

    static RecordedRun of(BoardOptions options, String... script) throws IOException {
        RunResults results = new RunResults("ferrite run", options.checks());
        ViolationText text = new ViolationText(AGAIN);
        Session.Streams streams = new Session.Streams(OutputStream.nullOutputStream(),
                new PrintStream(OutputStream.nullOutputStream()), OutputStream.nullOutputStream(), false);
        try (Session session = new Session(options, List.of(script), () -> null, streams, violation -> {
            results.add(violation, text.of(violation), AGAIN);
            return "";
        })) {
            int status = session.run();
            return new RecordedRun(results, new RunResults.End(AGAIN, session.machine().clock().now(), status));
        }
    }

    String sarif() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        results.writeSarif(out, end);
        return out.toString(StandardCharsets.UTF_8);
    }

    byte[] junit() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        results.writeJUnit(out, end);
        return out.toByteArray();
    }
}

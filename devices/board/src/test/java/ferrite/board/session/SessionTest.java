package ferrite.board.session;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.front.ViolationText;
import ferrite.board.options.BoardOptions;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A run without a debugger. */
class SessionTest {

    private static Session session(BoardOptions options, String... script) throws IOException {
        return new Session(options, List.of(script), () -> null, new Session.Streams(OutputStream.nullOutputStream(),
                new PrintStream(OutputStream.nullOutputStream()), OutputStream.nullOutputStream(), false),
                new ViolationText("")::of);
    }

    @Test
    void haltIsRefusedWhereNobodyCouldSayContinue() throws IOException {
        try (Session session = session(new BoardOptions().ram(8 << 20), "halt", "echo on")) {
            assertThat(session.run()).isEqualTo(ExitStatus.FAILED);
        }
    }
}

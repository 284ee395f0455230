package ferrite.board.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code ferrite checks --score}, with one seed. */
@Timeout(120)
class ScoreTest {

    @Test
    void everyMistakeIsCaughtUnderEveryInterleavingAndNoTwinIsAccused() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);

        boolean all = new Score(1, new PrintStream(out, false, StandardCharsets.UTF_8), nowhere).run();

        String text = out.toString(StandardCharsets.UTF_8);
        assertThat(all).as(text).isTrue();
        assertThat(text).containsPattern("(?m)^caught +lock-order +two spinlocks in two orders +first at 0\\.\\d+ ms$")
                .containsPattern("\\d+ stories, 3 runs of each: caught (\\d+) of \\1 \\(100\\.0%\\), missed 0, "
                        + "false alarms 0\n$");
    }
}

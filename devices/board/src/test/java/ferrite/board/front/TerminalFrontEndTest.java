package ferrite.board.front;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.peripherals.console.Console;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TerminalFrontEndTest {

    private static final String CLEAR = "\r\u001b[K";
    private static final long MIB = 1 << 20;

    private final ByteArrayOutputStream screen = new ByteArrayOutputStream();
    private final PrintStream err = new PrintStream(screen, true, StandardCharsets.UTF_8);
    private long milliseconds;

    private TerminalFrontEnd frontEnd(boolean coloured, boolean progress) {
        return new TerminalFrontEnd(new TextFrontEnd(screen, err), err, new TerminalLook(coloured, progress),
                () -> TimeUnit.MILLISECONDS.toNanos(milliseconds));
    }

    private String shown() {
        String text = screen.toString(StandardCharsets.UTF_8);
        screen.reset();
        return text;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void whatACommandSaysOfItsFailureIsRedAndNothingElse() throws IOException {
        CommandRun command = frontEnd(true, false).begin("  cat /x /y");
        command.output(Console.STANDARD_ERROR, bytes("cat: /x: No such file or directory\n"));
        command.output(Console.STANDARD_OUTPUT, bytes("cat: bytes of a file\n"));
        command.output(Console.STANDARD_ERROR, bytes("2+0 records in\n"));
        assertThat(shown()).isEqualTo(
                "\u001b[31mcat: /x: No such file or directory\u001b[0m\ncat: bytes of a file\n2+0 records in\n");
        frontEnd(false, true).begin("cat").output(Console.STANDARD_ERROR, bytes("cat: no\n"));
        assertThat(shown()).isEqualTo("cat: no\n");
    }

    @Test
    void aLongCommandShowsHowFarItIsUntilItEnds() throws IOException {
        CommandRun command = frontEnd(true, true).begin("sha256sum /dev/disk0");
        command.progress(0, 64 * MIB, 0);
        milliseconds = 499;
        command.progress(10 * MIB, 64 * MIB, 1000);
        assertThat(shown()).as("within a person's patience").isEmpty();
        milliseconds = 500;
        command.progress(16 * MIB, 64 * MIB, 20_000_000);          // 0.2 s of the machine's time
        assertThat(shown())
                .isEqualTo(CLEAR + " 25% " + "█".repeat(7) + "░".repeat(23) + " 16.0 of 64.0 MiB  83.8 MB/s");
        milliseconds = 599;
        command.progress(32 * MIB, 64 * MIB, 30_000_000);
        assertThat(shown()).as("too soon to be drawn again").isEmpty();
        milliseconds = 600;
        command.progress(64 * MIB, 64 * MIB, 40_000_000);
        assertThat(shown()).startsWith(CLEAR + "100% " + "█".repeat(30) + " ");
        command.output(Console.STANDARD_OUTPUT, bytes("0123  /dev/disk0\n"));
        command.ended(0);
        assertThat(shown()).isEqualTo(CLEAR + "0123  /dev/disk0\n");
    }

    @Test
    void whenNobodyKnowsHowMuchThereIsThereIsNoBar() throws IOException {
        CommandRun command = frontEnd(true, true).begin("dd if=/dev/zero");
        command.progress(0, -1, 0);
        milliseconds = 1000;
        command.progress(3 * MIB / 2, -1, 100_000);
        assertThat(shown()).isEqualTo(CLEAR + "1.5 MiB  1572.8 MB/s");
        command.ended(0);
        assertThat(shown()).isEqualTo(CLEAR);
    }

    @Test
    void nothingIsDrawnForACommandInTheBackgroundOrWhereItMayNot() throws IOException {
        CommandRun background = frontEnd(true, true).begin("sha256sum /dev/disk0");
        background.goesOnInBackground();
        CommandRun plain = frontEnd(true, false).begin("sha256sum /dev/disk0");
        for (CommandRun command : new CommandRun[] {background, plain}) {
            for (int i = 0; i < 20; i++) {
                milliseconds += 1000;
                command.progress(i * MIB, 20 * MIB, i);
            }
            command.ended(0);
        }
        assertThat(shown()).isEmpty();
    }

    @Test
    void theEnvironmentSaysWhatATerminalLikes() {
        assertThat(TerminalLook.of(Map.of("TERM", "xterm"))).isEqualTo(new TerminalLook(true, true));
        assertThat(TerminalLook.of(Map.of("TERM", "xterm", "NO_COLOR", ""))).isEqualTo(new TerminalLook(true, true));
        assertThat(TerminalLook.of(Map.of("TERM", "xterm", "NO_COLOR", "1"))).isEqualTo(new TerminalLook(false, true));
        assertThat(TerminalLook.of(Map.of("TERM", "dumb"))).isEqualTo(new TerminalLook(false, false));
        assertThat(TerminalLook.of(Map.of())).isEqualTo(new TerminalLook(false, false));
    }
}

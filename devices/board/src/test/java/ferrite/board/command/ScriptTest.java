package ferrite.board.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Splitting text into commands. */
class ScriptTest {

    @TempDir
    private Path directory;

    @Test
    void semicolonsAndLineEndsSeparateCommands() {
        assertThat(Script.split("a b; c\nd;;\n ; e")).containsExactly("a b", "c", "d", "e");
        assertThat(Script.split("")).isEmpty();
        assertThat(Script.split(" ; \n;\r\n")).isEmpty();
    }

    @Test
    void whatStandsInQuotesIsLeftAlone() {
        assertThat(Script.split("echo 'a;b\nc' \"d;e & 'f'\"; g")).containsExactly("echo 'a;b\nc' \"d;e & 'f'\"", "g");
        assertThat(Script.split("echo it's; not closed")).containsExactly("echo it's; not closed");
    }

    @Test
    void anAmpersandEndsItsCommandAndStaysWithIt() {
        assertThat(Script.split("a & b& c &; wait")).containsExactly("a &", "b&", "c &", "wait");
    }

    @Test
    void aFileHasCommandsAndRemarks() throws IOException {
        Path file = Files.writeString(directory.resolve("script"),
                "# a remark; not a command\r\necho ä; ls\r\n\n  # another\nps");
        assertThat(Script.read(file)).containsExactly("echo ä", "ls", "ps");
        assertThat(Script.read(Files.write(directory.resolve("empty"), new byte[0]))).isEmpty();
    }

    @Test
    void whatIsNoTextIsUnusable() throws IOException {
        Path file = Files.write(directory.resolve("script"), new byte[] {'l', 's', (byte) 0xc3, '\n'});
        assertThatThrownBy(() -> Script.read(file)).isInstanceOf(InputException.class)
                .hasMessageContaining("not text in UTF-8");
        assertThatThrownBy(() -> Script.read(directory)).isInstanceOf(InputException.class);
        assertThatThrownBy(() -> Script.read(directory.resolve("missing"))).isInstanceOf(InputException.class)
                .hasMessageContaining("there is no such file");
    }

    @Test
    void aScriptThatIsFarTooLongIsUnusable() throws IOException {
        Path file = Files.write(directory.resolve("script"),
                "x".repeat((16 << 20) + 1).getBytes(StandardCharsets.US_ASCII));
        assertThatThrownBy(() -> Script.read(file)).isInstanceOf(InputException.class).hasMessageContaining("16 MiB");
    }

    @Test
    void linesThatAreTypedAreSplitInTheSameWay() throws IOException {
        Deque<String> typed = new ArrayDeque<>(List.of("a; b &", "# remark", "", "c 'd;e'"));
        CommandLines lines = new CommandLines(typed::poll);
        List<String> commands = new ArrayList<>();
        for (String command = lines.next(); command != null; command = lines.next()) {
            commands.add(command);
        }
        assertThat(commands).containsExactly("a", "b &", "c 'd;e'");
        assertThat(lines.next()).isNull();
    }
}

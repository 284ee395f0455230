package ferrite.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The commands of README's three uses, run as they stand, print the lines that stand below them; {@code …} stands for
 * any text of the line, and alone on a line for any lines.
 */
@Timeout(120)
class ReadmeTest {

    private static final Path README = Path.of("../../README.md");
    private static final int DISK_BYTES = 1 << 20;

    @TempDir
    private Path directory;

    /** A command and the lines that it prints. */
    private record Example(String command, List<String> printed) { }

    private static List<List<Example>> uses() throws IOException {
        List<List<Example>> uses = new ArrayList<>();
        Matcher blocks = Pattern.compile("```\n(\\$ .*?)```", Pattern.DOTALL).matcher(Files.readString(README));
        while (blocks.find()) {
            List<Example> use = new ArrayList<>();
            for (String part : blocks.group(1).split("(?m)^\\$ ")) {
                if (!part.isEmpty()) {
                    List<String> lines = part.lines().toList();
                    use.add(new Example(lines.get(0), lines.subList(1, lines.size())));
                }
            }
            uses.add(use);
        }
        return uses;
    }

    private Program start(String command) throws IOException {
        String ferrite = FerriteJar.command().stream().map(word -> "'" + word + "'").collect(Collectors.joining(" "));
        assertThat(command).startsWith("ferrite ");
        return Program.start(directory, List.of("sh", "-c", "exec " + ferrite + command.substring("ferrite".length())));
    }

    private static void printsWhatTheReadmeSays(Example example, String printed) {
        String expected = Stream.concat(example.printed().stream(), Stream.of(""))
                .map(line -> line.equals("…") ? "(?s:.*)"
                        : Stream.of(line.split("…", -1)).map(Pattern::quote).collect(Collectors.joining(".*")))
                .collect(Collectors.joining("\n"));
        assertThat(Pattern.compile(expected).matcher(printed).matches())
                .as(example.command() + "\n" + printed).isTrue();
    }

    @Test
    void aDriverRunsAndAMistakeIsFound() throws Exception {
        Files.write(directory.resolve("disk.img"), new byte[DISK_BYTES]);
        List<List<Example>> uses = uses();
        assertThat(uses).hasSize(4);
        Example driver = uses.get(0).get(0);
        Program.Ended ended = start(driver.command()).end();
        assertThat(ended.status()).isZero();
        printsWhatTheReadmeSays(driver, ended.out());
        Example mistake = uses.get(1).get(0);
        ended = start(mistake.command()).end();
        assertThat(ended.status()).isEqualTo(4);
        printsWhatTheReadmeSays(mistake, ended.err());
    }

    @Test
    void aProgramOfYourOwnRuns() throws Exception {
        Tools.need("riscv64-unknown-elf-gcc");
        List<Example> lines = uses().get(3);
        assertThat(lines).hasSize(6);
        Files.createSymbolicLink(directory.resolve("firmware-images"),
                README.toAbsolutePath().resolveSibling("firmware-images").normalize());
        String ferrite = FerriteJar.command().stream().map(word -> "'" + word + "'").collect(Collectors.joining(" "));
        String script = "ferrite() { " + ferrite + " \"$@\"; }\n"
                + lines.stream().map(Example::command).collect(Collectors.joining("\n"));
        Program.Ended ended = Program.start(directory, List.of("sh", "-ec", script)).end();
        Files.delete(directory.resolve("firmware-images"));
        assertThat(ended.err()).isEmpty();
        assertThat(ended.out().lines()).containsExactlyElementsOf(lines.get(5).printed());
    }

    @Test
    void aDebuggerLooksInside() throws Exception {
        Files.write(directory.resolve("disk.img"), new byte[DISK_BYTES]);
        List<Example> use = uses().get(2);
        Program machine = start(use.get(0).command().replace("4321", "0"));
        String address = machine.awaitErrLine("debug port ");
        Example attach = use.get(1);
        Program.Ended ended = start(attach.command().replace("127.0.0.1:4321", address)).end();
        assertThat(ended.err()).isEmpty();
        assertThat(ended.status()).isZero();
        printsWhatTheReadmeSays(attach, ended.out());
        assertThat(machine.end().status()).isZero();
    }
}

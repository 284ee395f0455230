package ferrite.board.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.board.image.GuestProgram;
import ferrite.board.options.BoardOptions;
import ferrite.board.options.Translation;
import ferrite.board.session.BareSession;
import ferrite.board.stdio.PipedInput;
import ferrite.hardware.Machine;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The option {@code --profile}. */
class ProfileFileTest {

    private static final Path PROGRAM = Path.of("../../firmware-images/programs/images/speed-calls-virt.elf");

    @TempDir
    private Path directory;
    private String summary = "";

    private Machine.Digest run(Translation translation, String... arguments) throws IOException {
        BoardOptions options = BoardOptions.ofBoot().ram(64 << 20).harts(2).maxInstructions(400_000)
                .translation(translation);
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        try (BareSession session = new BareSession(options, new GuestProgram(PROGRAM, null, ""),
                control -> new PipedInput(InputStream.nullInputStream(), true, control),
                OutputStream.nullOutputStream(), new PrintStream(OutputStream.nullOutputStream()));
                PrintStream summaries = new PrintStream(err, true, StandardCharsets.UTF_8)) {
            Closeable profiling = CommandLine.populateCommand(new ProfileFile(), arguments).record(session, summaries);
            session.run();
            profiling.close();
            summary = err.toString(StandardCharsets.UTF_8);
            return session.machine().digest();
        }
    }

    @Test
    void eachFunctionHasItsTimeAndTheRunIsTheSame() throws IOException {
        Path file = directory.resolve("profile");
        Machine.Digest interpreted = run(Translation.OFF, "--profile", file.toString());
        assertThat(Files.readAllLines(file)).allMatch(line -> line.matches("(interpreted;\\S+|making regions) \\d+"))
                .anyMatch(line -> line.startsWith("interpreted;fib ")).contains("making regions 0");
        assertThat(summary).matches("profile: \\d\\.\\d\\d s interpreted, 0\\.00 s translated, 0\\.00 s making "
                + "regions; JVM compilers \\d+\\.\\d\\d s; [1-9]\\d* loads and stores missed the fast path\\R");
        Machine.Digest translated = run(Translation.EAGER, "--profile", file.toString());
        assertThat(Files.readAllLines(file)).anyMatch(line -> line.startsWith("translated;fib "))
                .anyMatch(line -> line.matches("making regions [1-9]\\d*"));
        assertThat(translated).isEqualTo(interpreted).isEqualTo(run(Translation.OFF));
    }

    @Test
    void aFileThatCannotBeWrittenIsNamedBeforeTheRun() {
        assertThatThrownBy(() -> run(Translation.OFF, "--profile", directory.resolve("no/file").toString()))
                .isInstanceOf(InputException.class).hasMessageContaining("no/file cannot be written: there is no such");
    }
}

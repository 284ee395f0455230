package ferrite.board.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.board.Tools;
import ferrite.board.image.GuestProgram;
import ferrite.board.options.BoardOptions;
import ferrite.board.session.BareSession;
import ferrite.board.stdio.PipedInput;
import ferrite.hardware.Machine;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The option {@code --schedule}. */
class ScheduleFileTest {

    @TempDir
    private Path directory;

    private Machine.Digest run(String... arguments) throws IOException {
        Path image = Files.write(directory.resolve("program.bin"), new byte[] {0x6f, 0, 0, 0});       // j .
        BoardOptions options = BoardOptions.ofBoot().ram(8 << 20).harts(2).maxInstructions(3000);
        try (BareSession session = new BareSession(options, new GuestProgram(image, null, ""),
                control -> new PipedInput(InputStream.nullInputStream(), true, control),
                OutputStream.nullOutputStream(), new PrintStream(OutputStream.nullOutputStream()))) {
            Closeable recording = CommandLine.populateCommand(new ScheduleFile(), arguments).record(session.machine());
            session.run();
            recording.close();
            return session.machine().digest();
        }
    }

    @Test
    void eachSliceHasALineAndTheRunIsTheSame() throws IOException {
        Path file = directory.resolve("schedule");
        Machine.Digest recorded = run("--schedule", file.toString());
        assertThat(file).hasContent("0 0 0 0\n1 1 900 1\n2 0 1800 2\n3 1 2700 3\n");
        assertThat(run()).isEqualTo(recorded);
    }

    @Test
    void aFileThatCannotBeWrittenIsNamed() {
        assertThatThrownBy(() -> run("--schedule", directory.resolve("no/file").toString()))
                .isInstanceOf(InputException.class).hasMessageContaining("no/file cannot be written: there is no such");
        Tools.requireDevices("/dev/full");
        assertThatThrownBy(() -> run("--schedule", "/dev/full")).isInstanceOf(InputException.class)
                .hasMessage("--schedule /dev/full cannot be written: No space left on device");
    }
}

package ferrite.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.image.GuestProgram;
import ferrite.board.layout.BoardKind;
import ferrite.board.layout.InputTarget;
import ferrite.board.layout.VirtioKind;
import ferrite.board.options.BoardOptions;
import ferrite.board.session.BareSession;
import ferrite.board.snapshot.SnapshotFile;
import ferrite.board.snapshot.SnapshotPlan;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A program with a serial line and a virtio console, whose driver has buffers that no program reads. */
@Timeout(120)
class ConsoleInputTest {

    private static final String START = "ok the console is found and starts\n";
    private static final GuestProgram PROGRAM =
            new GuestProgram(GuestRun.program("consoles", BoardKind.VIRT), null, "");

    @TempDir
    private Path directory;

    private static BoardOptions options(InputTarget input) {
        return new BoardOptions().kind(BoardKind.VIRT).ram(64 << 20).harts(1).virtio(VirtioKind.CONSOLE).input(input);
    }

    @ParameterizedTest
    @CsvSource({"SERIAL, ''", "BOTH, 'hello\n'"})
    void theSerialLineGetsItsInputThoughTheOtherConsoleHasBuffers(InputTarget input, String ofTheOther)
            throws IOException {
        GuestRun run = GuestRun.of(PROGRAM, options(input), "hello\n");
        assertThat(run.out()).isEqualTo(START + "serial: hello\nhvc0: " + ofTheOther + "\n");
        assertThat(run.status()).isZero();
    }

    @Test
    void aSerialLineWithoutInputIsPolledForEver() throws IOException {
        GuestRun run = GuestRun.of(PROGRAM, options(InputTarget.VIRTIO), "hello\n");
        assertThat(run.out()).isEqualTo(START);
        assertThat(run.err()).startsWith("the program spins for ever: hart 0 at pc ").contains("<main+0x");
    }

    @Test
    void theInputThatOneConsoleIsBehindIsInASnapshot() throws IOException {
        GuestRun whole = GuestRun.of(PROGRAM, options(InputTarget.BOTH), "hello\n");
        for (int tenth = 2; tenth < 10; tenth++) {
            Path file = directory.resolve("behind" + tenth + ".snap");
            long moment = whole.digest().instructions() * tenth / 10;
            GuestRun.Typed input = new GuestRun.Typed("hello\n");
            try (BareSession first = new BareSession(options(InputTarget.BOTH).maxInstructions(moment), PROGRAM,
                    control -> input, OutputStream.nullOutputStream(), nowhere())) {
                first.takeSnapshots(new SnapshotPlan(null, List.of(new SnapshotPlan.Moment(moment, file))));
                first.run();
            }
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try (SnapshotFile snapshot = SnapshotFile.open(file);
                    BareSession second = new BareSession(snapshot.machine().complete(new BoardOptions(),
                            name -> false), snapshot, control -> input, out, nowhere())) {
                assertThat(second.run()).isZero();
                assertThat(out.toString(StandardCharsets.UTF_8)).endsWith("hvc0: hello\n\n");
                assertThat(second.machine().digest()).isEqualTo(whole.digest());
            }
        }
    }

    private static PrintStream nowhere() {
        return new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
    }
}

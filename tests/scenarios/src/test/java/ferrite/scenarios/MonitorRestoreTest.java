package ferrite.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.image.GuestProgram;
import ferrite.board.layout.BoardKind;
import ferrite.board.options.BoardOptions;
import ferrite.board.session.BareSession;
import ferrite.board.snapshot.SnapshotPlan;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The monitor's {@code snapshot} and {@code restore}, with a real GDB at the port. */
@Timeout(120)
class MonitorRestoreTest {

    private static final BoardOptions OPTIONS = BoardOptions.ofBoot().ram(64 << 20).harts(2);

    @TempDir
    private Path directory;

    private DebuggedMachine boot(String program, BoardOptions options) throws Exception {
        BareSession session = new BareSession(options.kind(BoardKind.VIRT),
                new GuestProgram(GuestRun.program(program, BoardKind.VIRT), null, ""),
                control -> new GuestRun.Typed(""), new ByteArrayOutputStream(),
                new PrintStream(OutputStream.nullOutputStream()));
        session.takeSnapshots(new SnapshotPlan(directory, List.of()));
        return DebuggedMachine.of(session, true);
    }

    @Test
    void aBareMachineReturnsToItsSnapshotAndBreakpointsSurvive() throws Exception {
        GuestRun alone = GuestRun.of("smp", OPTIONS, BoardKind.VIRT, "");
        try (DebuggedMachine debugged = boot("smp", OPTIONS)) {
            String out = debugged.gdb("break main", "stepi 7", "monitor snapshot seven", "monitor digest", "p/x $pc",
                    "continue", "stepi 100", "monitor restore seven", "maintenance flush register-cache",
                    "monitor digest", "p/x $pc", "continue", "delete", "monitor restore nowhere",
                    "monitor restore ../seven", "detach");

            Matcher digests = Pattern.compile("(?m)^(memory|schedule) [0-9a-f]{64}$").matcher(out);
            List<String> lines = digests.results().map(result -> result.group()).toList();
            assertThat(lines).hasSize(4);
            assertThat(lines.subList(2, 4)).isEqualTo(lines.subList(0, 2));
            assertThat(Pattern.compile("Breakpoint 1, ").matcher(out).results()).as("hits of main").hasSize(2);
            assertThat(out).contains("restored from ").contains("there is no snapshot ")
                    .contains("'../seven' is no name for a snapshot");
            assertThat(debugged.awaitEnd()).isEqualTo(alone.status());
            assertThat(debugged.machine().digest()).as("the run after the restore").isEqualTo(alone.digest());
        }
    }

    @Test
    void aSnapshotOfAnotherMachineOrProgramIsRefusedAndChangesNothing() throws Exception {
        try (DebuggedMachine other = boot("privilege", OPTIONS);
                DebuggedMachine larger = boot("smp", BoardOptions.ofBoot().ram(128 << 20).harts(2))) {
            other.gdb("monitor snapshot program", "detach");
            larger.gdb("monitor snapshot size", "detach");
        }
        Files.write(directory.resolve("broken"), new byte[500]);
        try (DebuggedMachine debugged = boot("smp", OPTIONS)) {
            String out = debugged.gdb("stepi 7", "p/x $pc", "monitor restore program", "monitor restore size",
                    "monitor restore broken", "maintenance flush register-cache", "p/x $pc", "kill");
            assertThat(out).contains("is of another program").contains("--ram 64M: the machine in the snapshot has "
                    + "--ram 128M").contains("is no snapshot that can be restored");
            Matcher pcs = Pattern.compile("\\$\\d = (0x[0-9a-f]+)").matcher(out);
            List<String> values = pcs.results().map(result -> result.group(1)).toList();
            assertThat(values).hasSize(2);
            assertThat(values.get(0)).isEqualTo(values.get(1));
        }
    }
}

package ferrite.board.session;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.board.image.GuestProgram;
import ferrite.board.layout.BoardKind;
import ferrite.board.options.BoardOptions;
import ferrite.board.snapshot.SnapshotPlan;
import ferrite.board.stdio.PipedInput;
import ferrite.hardware.turn.Turn;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The moments at which a snapshot can be taken. */
class SnapshotTakerTest {

    @TempDir
    private Path directory;

    @Test
    void aMachineThatHasComeToItsEndIsNotSaved() throws IOException {
        Path image = Files.write(directory.resolve("program.bin"), new byte[] {0x6f, 0, 0, 0});
        BoardOptions options = new BoardOptions().kind(BoardKind.VIRT).ram(8 << 20).maxInstructions(100);
        try (BareSession session = new BareSession(options, new GuestProgram(image, null, ""),
                control -> new PipedInput(InputStream.nullInputStream(), true, control),
                OutputStream.nullOutputStream(), new PrintStream(OutputStream.nullOutputStream()))) {
            session.takeSnapshots(new SnapshotPlan(directory, List.of()));
            session.machine().turn().stop(Turn.Stop.POWERED_OFF);
            assertThatThrownBy(() -> session.snapshots().takeNow("off.snap"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("the program has come to its end");
        }
    }
}

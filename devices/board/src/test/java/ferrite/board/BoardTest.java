package ferrite.board;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.hardware.bus.AddressRange;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a board can be asked for, and when. */
class BoardTest {

    private static Session session(BoardOptions options, String... script) throws IOException {
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
        return new Session(options, List.of(script), () -> null,
                new Session.Streams(new ByteArrayOutputStream(), nowhere, OutputStream.nullOutputStream(), false), new ViolationText("")::of);
    }

    @Test
    void everythingIsWhereTheMapSays() throws IOException {
        try (Session session = session(new BoardOptions())) {
            List<AddressRange> ranges = session.board().machine().bus().ranges();
            assertThat(ranges.stream().map(range -> range.name() + " " + Long.toHexString(range.base()))).containsExactly("ram 0", "bootrom f0000000",
                    "mswi f0010000", "mtimer f0014000", "sswi f0020000", "finisher f0030000", "dma0 f0040000", "disk f0050000", "console0 f0060000",
                    "uart0 f0070000", "copier0 f0080000", "plic f4000000");
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {8L << 20, 1L << 30, 3840L << 20})
    void ramMayBeThisLarge(long bytes) {
        assertThat(BoardLimits.checkRam(bytes)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @CsvSource({"8388607, at least 8M", "0, at least 8M", "-4096, at least 8M", "4026531841, at most 3840M", "4294967296, at most 3840M", "8388609, 4096"})
    void ramMayNotBeThisLarge(long bytes, String why) {
        assertThatThrownBy(() -> BoardLimits.checkRam(bytes)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining(why);
    }

    @ParameterizedTest
    @CsvSource({"0, 8388608", "16781312, 900000000", "1048577, 8388608", "1048576, 4194304", "16777216, 8388608", "16777216, 939528192"})
    void theseZonesAreNone(long dmaEnd, long normalEnd) {
        assertThatThrownBy(() -> BoardLimits.checkZones(dmaEnd, normalEnd)).isInstanceOf(IllegalArgumentException.class).hasMessageStartingWith("--zones ");
    }

    @Test
    void aParameterIsCheckedAgainstWhatItsDriverDeclares() {
        BoardLimits.checkParameter("disk.gfp", "GFP_KERNEL|GFP_DMA");
        assertThatThrownBy(() -> BoardLimits.checkParameter("disk.nonsense", "1")).hasMessageContaining("disk.gfp");
        assertThatThrownBy(() -> BoardLimits.checkParameter("gfp", "GFP_DMA")).hasMessageContaining("no driver");
        assertThatThrownBy(() -> BoardLimits.checkParameter("disk.gfp", "GFP_NONSENSE")).hasMessageContaining("'GFP_NONSENSE' is no allocation flag");
        assertThatThrownBy(() -> BoardLimits.checkParameter("disk.gfp", "GFP_DMA owners=off")).hasMessageContaining("blanks");
    }

    @Test
    void aKernelIsNotMadeAnewNorSnapshotBeforeThereIsAQuietOne() throws IOException {
        try (Session session = session(new BoardOptions().ram(8 << 20).maxInstructions(3000), "dmesg")) {
            assertThatThrownBy(session.board()::reattach).isInstanceOf(IllegalStateException.class).hasMessageContaining("restart point");
            assertThat(session.run()).isEqualTo(Session.INSTRUCTIONS_SPENT);
            assertThatThrownBy(session.board()::snapshot).isInstanceOf(IllegalStateException.class).hasMessageContaining("restart point");
            assertThatThrownBy(session.board()::reattach).isInstanceOf(IllegalStateException.class).hasMessageContaining("restart point");
        }
    }

    @Test
    void haltIsRefusedWhereNobodyCouldSayContinue() throws IOException {
        try (Session session = session(new BoardOptions().ram(8 << 20), "halt", "echo on")) {
            assertThat(session.run()).isEqualTo(Session.COMMAND_FAILED);
        }
    }
}

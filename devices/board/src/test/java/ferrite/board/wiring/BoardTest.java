package ferrite.board.wiring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.board.front.ViolationText;
import ferrite.board.options.BoardOptions;
import ferrite.board.session.ExitStatus;
import ferrite.board.session.Session;
import ferrite.hardware.bus.AddressRange;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The memory map, and the moments at which a new kernel can attach. */
class BoardTest {

    private static Session session(BoardOptions options, String... script) throws IOException {
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
        return new Session(options, List.of(script), () -> null,
                new Session.Streams(new ByteArrayOutputStream(), nowhere, OutputStream.nullOutputStream(), false),
                new ViolationText("")::of);
    }

    @Test
    void everythingIsWhereTheMapSays() throws IOException {
        try (Session session = session(new BoardOptions())) {
            List<AddressRange> ranges = session.board().machine().bus().ranges();
            assertThat(ranges.stream().map(range -> range.name() + " " + Long.toHexString(range.base())))
                    .containsExactly("ram 0", "bootrom f0000000", "mswi f0010000", "mtimer f0014000", "sswi f0020000",
                            "finisher f0030000", "dma0 f0040000", "uart0-ports f00403f8", "dma0-high f0040480",
                            "disk f0050000", "console0 f0060000",
                            "uart0 f0070000", "copier0 f0080000", "plic f4000000");
        }
    }

    @Test
    void aKernelIsNotMadeAnewNorSnapshotBeforeThereIsAQuietOne() throws IOException {
        try (Session session = session(new BoardOptions().ram(8 << 20).maxInstructions(3000), "dmesg")) {
            assertThatThrownBy(session.board()::reattach).isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("restart point");
            assertThat(session.run()).isEqualTo(ExitStatus.NOT_FINISHED);
            assertThatThrownBy(session.board()::snapshot).isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("restart point");
            assertThatThrownBy(session.board()::reattach).isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("restart point");
        }
    }
}

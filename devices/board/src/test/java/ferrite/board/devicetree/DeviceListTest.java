package ferrite.board.devicetree;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.layout.BoardKind;
import ferrite.board.options.BoardOptions;
import ferrite.board.wiring.Board;
import ferrite.board.wiring.QuietHost;
import ferrite.hardware.report.Report;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The list of devices, compared with the bus of a board. */
class DeviceListTest {

    @Test
    void eachRangeOfTheFerriteBoardIsOnItsBus() throws IOException {
        try (Board board = new Board(new BoardOptions().ram(8 << 20), new QuietHost())) {
            List<Report> devices = DeviceList.of(new BoardOptions()).children();
            assertThat(devices).hasSize(10);
            assertThat(devices).allSatisfy(device -> assertThat(device.children()).isNotEmpty()
                    .allSatisfy(range -> assertThat(board.machine().bus().ranges()).anyMatch(found ->
                            found.contains(address(range, "start")) && found.contains(address(range, "end")))));
        }
    }

    private static long address(Report range, String field) {
        return Long.decode(range.value(field));
    }

    @Test
    void interruptNumbersAreThoseOfTheLayout() throws IOException {
        BoardOptions virt = new BoardOptions().kind(BoardKind.VIRT);
        assertThat(DeviceList.of(virt).children()).filteredOn(device -> device.name().startsWith("serial"))
                .extracting(device -> device.value("irq")).containsExactly("10");
        assertThat(DeviceList.of(new BoardOptions()).children()).filteredOn(device -> device.value("irq") != null)
                .extracting(device -> device.value("irq")).containsExactly("2", "3", "4", "1");
    }
}

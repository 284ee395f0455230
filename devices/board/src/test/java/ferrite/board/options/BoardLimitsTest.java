package ferrite.board.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.board.layout.BoardKind;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The sizes that a board accepts. */
class BoardLimitsTest {

    @ParameterizedTest
    @CsvSource({"0, 0", "33554432, 33554432", "64K, 65536", "64k, 65536", "8M, 8388608", "8m, 8388608",
            "1G, 1073741824", "3g, 3221225472"})
    void aSizeCountsIn1024s(String text, long bytes) {
        assertThat(BoardLimits.parseSize(text)).isEqualTo(bytes);
    }

    @Test
    void aSizeThatIsTooLargeForAnythingStaysLarge() {
        assertThat(BoardLimits.parseSize("999999999999G")).isGreaterThan(1L << 60);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "M", "1T", "1.5G", "-1", "0x10", "1 M", "1MM", "١M", "1000000000000000"})
    void whatIsNoSizeIsRefusedWithASentence(String text) {
        assertThatThrownBy(() -> BoardLimits.parseSize(text)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is no size");
    }

    @ParameterizedTest
    @ValueSource(longs = {8L << 20, 1L << 30, 3840L << 20})
    void ramMayBeThisLarge(long bytes) {
        assertThat(BoardLimits.checkRam(BoardKind.FERRITE, bytes)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @CsvSource({"8388607, at least 8M", "0, at least 8M", "-4096, at least 8M", "4026531841, at most 3840M",
            "4294967296, at most 3840M", "8388609, 4096"})
    void ramMayNotBeThisLarge(long bytes, String why) {
        assertThatThrownBy(() -> BoardLimits.checkRam(BoardKind.FERRITE, bytes))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining(why);
    }

    @ParameterizedTest
    @CsvSource({"0, 8388608", "16781312, 900000000", "1048577, 8388608", "1048576, 4194304", "16777216, 8388608",
            "16777216, 939528192"})
    void theseZonesAreNone(long dmaEnd, long normalEnd) {
        assertThatThrownBy(() -> BoardLimits.checkZones(dmaEnd, normalEnd)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(" zone ends between ");
    }

    @ParameterizedTest
    @CsvSource({"8, on, 25M", "24, on, 25M", "8, off, 9M", "12, all, 25M"})
    void theRecordsOfAllRamFitBelowTheNormalZone(int mebibytes, String owners, String least) {
        BoardOptions options = new BoardOptions();
        assertThatThrownBy(() -> MachineOptions.read(options, name -> switch (name) {
            case "--zones" -> List.of("dma=1M,normal=" + mebibytes + "M");
            case "--owners" -> List.of(owners);
            default -> List.of();
        })).isInstanceOf(IllegalArgumentException.class).hasMessageStartingWith("--zones normal=" + mebibytes + "M: ")
                .hasMessageContaining("normal=" + least + " or more would be right");
    }
}

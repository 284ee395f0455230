package ferrite.hardware.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Durations as people write them. */
class DurationsTest {

    @ParameterizedTest
    @CsvSource({"1us, 100", "1500ms, 150000000", "90s, 9000000000", "2m, 12000000000", "1h, 360000000000", "0s, 0"})
    void aDurationIsWrittenAsItIsRead(String text, long ticks) {
        assertThat(Durations.parse(text)).isEqualTo(ticks);
        assertThat(Durations.parse(Durations.write(ticks))).isEqualTo(ticks);
    }

    @Test
    void aNumberAloneCountsSecondsAndAVeryLongTimeIsNoOverflow() {
        assertThat(Durations.parse("3")).isEqualTo(Durations.parse("3s"));
        assertThat(Durations.parse("9999999999h")).isPositive();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "s", "-1s", "1.5s", "1 s", "1d", "1S", "99999999999s", "\u0663s", "1ss"})
    void anythingElseIsToldWhatWouldBeRight(String text) {
        assertThatThrownBy(() -> Durations.parse(text)).hasMessage("'" + text
                + "' is no duration; 90s, 1500ms, 20us, 2m or 1h would be");
    }
}

package ferrite.hardware.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.hardware.clock.Clock;
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
    void aNumberAloneCountsSeconds() {
        assertThat(Durations.parse("3")).isEqualTo(Durations.parse("3s"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"9999999999h", "9999999999m", "12810239h", "51240957h", "768614336m"})
    void moreThanTheClockCanCountIsAsMuchAsItCan(String text) {
        long ticks = Durations.parse(text);
        assertThat(ticks).isBetween(Clock.LAST_TICK / 100 * 99, Clock.LAST_TICK);
        assertThat(Durations.parse(Durations.write(ticks))).isEqualTo(ticks);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "s", "-1s", "1.5s", "1 s", "1d", "1S", "99999999999s", "\u0663s", "1ss"})
    void anythingElseIsToldWhatWouldBeRight(String text) {
        assertThatThrownBy(() -> Durations.parse(text)).hasMessage("'" + text
                + "' is no duration; 90s, 1500ms, 20us, 2m or 1h would be");
    }
}

package ferrite.board.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RtcDateTest {

    @Test
    void datesAreThoseOfTheCalendar() {
        Random random = new Random(1);
        for (int i = 0; i < 2000; i++) {
            long seconds = random.nextInt(Integer.MAX_VALUE) * 2L - random.nextInt(2);
            seconds = Math.max(0, Math.min(seconds, 4_291_747_199L));
            String text = Instant.ofEpochSecond(seconds).toString();
            assertThat(RtcDate.write(seconds)).isEqualTo(text);
            assertThat(RtcDate.parse(text)).isEqualTo(seconds);
        }
    }

    @Test
    void whatIsNoDateIsRefusedInASentence() {
        for (String text : List.of("", "now", "2026-11-30", "2026-11-30T09:00:00", "1969-12-31T23:59:59Z",
                "2106-01-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-01T24:00:00Z")) {
            assertThatThrownBy(() -> RtcDate.parse(text)).as(text).isInstanceOf(IllegalArgumentException.class)
                    .hasMessageMatching("a date such as .* is expected|the clock has .*"
                            + "|there is no such date");
        }
    }

    @Test
    void onlyTheVirtBoardHasAClockWithoutBeingAsked() {
        assertThat(new BoardOptions().hasRtc()).isFalse();
        assertThat(RtcDate.write(BoardOptions.ofBoot().rtcSeconds())).isEqualTo("2026-01-01T00:00:00Z");
        assertThat(MachineOptions.words(BoardOptions.ofBoot())).doesNotContain("--rtc");
    }
}

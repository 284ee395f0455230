package ferrite.hardware.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ExcerptTest {

    @Test
    void aLongTextIsItsBeginningAndItsLength() {
        assertThat(Excerpt.of("a".repeat(60))).isEqualTo("a".repeat(60));
        assertThat(Excerpt.of("a".repeat(61))).isEqualTo("a".repeat(60) + "... (61 characters)");
        assertThat(Excerpt.of("a".repeat(59) + "\ud83d\ude00")).as("a character is not cut in two")
                .isEqualTo("a".repeat(59) + "... (61 characters)");
    }

    @Test
    void onlyVeryLongPiecesOfAMessageAreShortened() {
        String path = "/tmp/" + "d/".repeat(90) + "file: is not there";
        assertThat(Excerpt.in(path)).isEqualTo(path);
        assertThat(Excerpt.in("--disk " + "x".repeat(70_000) + ": is not there"))
                .isEqualTo("--disk " + "x".repeat(60) + "... (70000 characters): is not there");
        assertThat(Excerpt.in("there is no hart '" + "a b ".repeat(1000) + "': this machine has hart 0"))
                .isEqualTo("there is no hart '" + "a b ".repeat(15)
                        + "... (4000 characters)': this machine has hart 0");
        assertThat(Excerpt.in("short ".repeat(20_000) + "and the reason")).hasSizeLessThan(4100)
                .endsWith("and the reason");
        assertThat(Excerpt.in(null)).isNull();
    }
}

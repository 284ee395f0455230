package ferrite.hardware.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PrintableTest {

    @Test
    void whatCouldMoveTheCursorOrTurnTheTextIsEscaped() {
        assertThat(Printable.of("boom \033[31m\r\nfake\u202e\u0085")).isEqualTo(
                "boom \\x1b[31m\\x0d\\x0afake\\u202e\\x85");
        assertThat(Printable.of("a\tb\nc\033", c -> c == '\t' || c == '\n')).isEqualTo("a\tb\nc\\x1b");
    }

    @Test
    void otherTextStaysAsItIs() {
        String text = "größe, \u65e5\u672c, \ud83d\ude00";
        assertThat(Printable.of(text)).isSameAs(text);
    }

    @Test
    void aViolationIsOneLineForEachOfItsLines() {
        Violation violation = new Violation.Builder("rule", "a\nb").line("label", "c\nd").build("mistake", null);
        assertThat(violation.summary()).isEqualTo("a\\x0ab");
        assertThat(violation.line("label")).isEqualTo("c\\x0ad");
    }
}

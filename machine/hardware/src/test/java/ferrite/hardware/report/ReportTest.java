package ferrite.hardware.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReportTest {

    @Test
    void aReportIsWrittenInTwoColumnsWithItsChildrenIndented() {
        Report report = Report.of("top").number("pages", -3).address("where", 0xc000_1000L)
                .child(Report.of("inner").text("a", "b").child(Report.of("innermost").number("n", 1)))
                .child(Report.ofText("fixed", "as it stands\n"));
        assertThat(ReportText.of(report)).isEqualTo("""
                pages  -3
                where  0xc0001000
                inner
                  a  b
                  innermost
                    n  1
                fixed
                as it stands
                """);
        assertThat(report.value("where")).isEqualTo("0xc0001000");
        assertThat(report.value("nothing")).isNull();
        assertThat(report.fields()).extracting(Report.Field::number).containsExactly(-3L, 0xc000_1000L);
    }

    @Test
    void addressesAreWrittenWithTheirLeadingZerosAndNoBitLost() {
        assertThat(Hex.grouped(0x102_0000)).isEqualTo("0x0102_0000");
        assertThat(Hex.grouped(0x3_4000_0001L)).isEqualTo("0x34000_0001");
        assertThat(Hex.address(0)).isEqualTo("0x00000000");
        assertThat(Hex.digits(0, 1)).isEqualTo("0");
        assertThat(Hex.digits(-1, 2)).isEqualTo("ffffffffffffffff");
        assertThat(Hex.bytes(new byte[] {0, 15, -128, -1})).isEqualTo("000f80ff");
    }
}

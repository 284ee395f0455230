package ferrite.board.front;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import ferrite.board.Json;
import ferrite.hardware.report.Report;
import java.io.IOException;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReportJsonTest {

    private static String json(Report report) throws IOException {
        StringWriter out = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
            ReportJson.write(json, report);
        }
        return out.toString();
    }

    @Test
    void fieldsKeepTheirKindAndOrderAndChildrenComeLast() throws IOException {
        Report report = Report.of("zones").text("b", "x \"y\" é\n").number("a", -3).address("pa", 0xc000_1000L)
                .texts("names", List.of("p", "q")).numbers("free", List.of(0L, 1L << 40))
                .child(Report.of("DMA").number("free", 7)).child(Report.of("DMA").number("free", 8));
        assertThat(json(report)).isEqualTo(
                "{\"name\":\"zones\",\"b\":\"x \\\"y\\\" é\\n\",\"a\":-3,\"pa\":\"0xc0001000\",\"names\":[\"p\",\"q\"],"
                        + "\"free\":[0,1099511627776],\"children\":[{\"name\":\"DMA\",\"free\":7},{\"name\":"
                        + "\"DMA\",\"free\":8}]}");
    }

    @Test
    void aReportOfNothingButTextHasItsText() throws IOException {
        assertThat(json(Report.ofText("halt", "halted\n"))).isEqualTo("{\"name\":\"halt\",\"text\":\"halted\\n\"}");
    }

    @Test
    void aTextThatIsTheFormOfFieldsIsLeftOut() throws IOException {
        assertThat(json(Report.ofText("memory", "0x00000010: 1\n").text("0x00000010", "1")))
                .isEqualTo("{\"name\":\"memory\",\"0x00000010\":\"1\"}");
    }

    @Test
    void noNameStandsTwiceInAnObject() throws IOException {
        Report report = Report.of("r").number("name", 1).number("children", 2).number("x", 3)
                .number("x", 4).number("x", 5);
        assertThat(Json.object(json(report))).containsOnlyKeys("name", "name_", "children_", "x", "x_", "x__")
                .containsEntry("name", "r").containsEntry("x__", 5L);
    }
}

package ferrite.board.results;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.BrokenDriver;
import ferrite.board.options.BoardOptions;
import ferrite.hardware.report.Printable;
import ferrite.hardware.report.Violation;
import ferrite.kernel.check.Checks;
import ferrite.kernel.check.Rule;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/** The XML, as a parser reads it back. */
class JUnitReportTest {

    private static Element suite(byte[] document) throws IOException {
        try {
            Element root = DocumentBuilderFactory.newInstance().newDocumentBuilder()
                    .parse(new ByteArrayInputStream(document)).getDocumentElement();
            assertThat(root.getTagName()).isEqualTo("testsuites");
            List<Element> suites = children(root, "testsuite");
            assertThat(suites).hasSize(1);
            return suites.get(0);
        } catch (SAXException | ParserConfigurationException e) {
            throw new AssertionError("not well-formed: " + e.getMessage(), e);
        }
    }

    private static List<Element> children(Element parent, String name) {
        NodeList nodes = parent.getElementsByTagName(name);
        List<Element> elements = new ArrayList<>();
        for (int i = 0; i < nodes.getLength(); i++) {
            elements.add((Element) nodes.item(i));
        }
        return elements;
    }

    private static Element testCase(Element suite, String name) {
        return children(suite, "testcase").stream().filter(test -> test.getAttribute("name").equals(name))
                .findFirst().orElseThrow();
    }

    @Test
    void eachRuleIsATestCaseAndABrokenOneHasItsReport() throws IOException {
        RecordedRun run = RecordedRun.of(new BoardOptions().ram(64 << 20).driver(new BrokenDriver()),
                "sleep 1", "cat /dev/broken");
        Element suite = suite(run.junit());

        assertThat(children(suite, "testcase")).extracting(test -> test.getAttribute("name")).containsExactlyElementsOf(
                Stream.concat(Stream.of(Rule.values()).filter(Checks.DEFAULT::has).map(Rule::text),
                        Stream.of("exit-status")).toList());
        assertThat(suite.getAttribute("tests")).isEqualTo(Integer.toString(children(suite, "testcase").size()));
        assertThat(suite.getAttribute("failures")).isEqualTo("1");
        assertThat(suite.getAttribute("errors")).isEqualTo("0");
        List<Element> failures = children(suite, "failure");
        assertThat(failures).hasSize(1);
        assertThat(failures.get(0).getParentNode()).isEqualTo(testCase(suite, "object-overrun"));
        assertThat(failures.get(0).getAttribute("type")).isEqualTo("object-overrun");
        assertThat(failures.get(0).getTextContent()).startsWith("violation object-overrun: ")
                .contains("BrokenDriver.java:" + BrokenDriver.STORE_LINE, "again     " + RecordedRun.AGAIN);
        assertThat(children(suite, "property").get(0).getAttribute("value")).isEqualTo(RecordedRun.AGAIN);
        double time = Double.parseDouble(suite.getAttribute("time"));
        assertThat(time).as("of the machine, which slept").isBetween(1.0, 2.0);
        assertThat(Double.parseDouble(testCase(suite, "object-overrun").getAttribute("time"))).isBetween(1.0, time);
        assertThat(testCase(suite, "double-free").getAttribute("time")).isEqualTo("0.000000");
    }

    @Test
    void onlyCheckedRulesAreTestCases() throws IOException {
        BoardOptions options = new BoardOptions().ram(64 << 20).checks(Checks.parse("double-free,kernel-oops"));
        Element suite = suite(RecordedRun.of(options, "echo").junit());

        assertThat(children(suite, "testcase")).extracting(test -> test.getAttribute("name"))
                .containsExactly("double-free", "kernel-oops", "exit-status");
        assertThat(children(suite, "failure")).isEmpty();
        assertThat(children(suite, "error")).isEmpty();
    }

    @Test
    void aRunThatFailedForAnotherReasonIsAnError() throws IOException {
        Element suite = suite(RecordedRun.of(new BoardOptions().ram(64 << 20), "cat /dev/nowhere").junit());

        assertThat(suite.getAttribute("errors")).isEqualTo("1");
        assertThat(children(testCase(suite, "exit-status"), "error").get(0).getAttribute("message"))
                .isEqualTo("the run ended with exit status 1");
    }

    @Test
    void hostileTextIsWellFormed() throws IOException {
        String hostile = "<a b='c' d=\"e\">&amp; ]]> <![CDATA[ \u0000 \u0001 \u001b[31m \u007f \ufffe \ud800 \udc00 "
                + "\ud83d\ude00 é";
        String readBack = readBack(hostile);
        RunResults results = new RunResults("ferrite run", Checks.ALL);
        Violation violation = new Violation.Builder("double-free", hostile)
                .build(hostile, new Violation.Moment(1, 1, 0));
        results.add(violation, hostile, hostile);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        results.writeJUnit(out, new RunResults.End(hostile, 1, 4));
        Element suite = suite(out.toByteArray());

        assertThat(children(suite, "failure").get(0).getTextContent()).isEqualTo(readBack);
        assertThat(children(suite, "failure").get(0).getAttribute("message"))
                .isEqualTo(readBack(Printable.of(hostile)));
        assertThat(children(suite, "property").get(0).getAttribute("value")).isEqualTo(readBack);
    }

    /** What XML cannot hold is a replacement character. */
    private static String readBack(String text) {
        return text.replaceAll("[\u0000\u0001\u001b\ufffe]", "\ufffd").replace("\ud800 \udc00", "\ufffd \ufffd");
    }
}

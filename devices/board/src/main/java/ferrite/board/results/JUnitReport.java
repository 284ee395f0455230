package ferrite.board.results;

import ferrite.hardware.clock.Clock;
import ferrite.kernel.check.Checks;
import ferrite.kernel.check.Rule;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/**
 * Violations as JUnit's XML: a test suite for the run, and in it a test case for each rule that is checked. A rule that
 * was broken is a failure with the reports. One more test case, {@value #RUN}, is an error if the run failed for
 * another reason, for example a command. Times are virtual: a broken rule has the time of its first violation, and the
 * suite that of the whole run.
 */
final class JUnitReport {

    private static final String RUN = "exit-status";
    /** XML 1.0, section 2.2: all other characters cannot be written, even escaped. */
    private static final String NO_XML =
            "[^\\t\\n\\r\\x20-\\x{d7ff}\\x{e000}-\\x{fffd}\\x{10000}-\\x{10ffff}]";

    private final String command;
    private final List<Rule> rules;
    private final List<Finding> findings;
    private final RunResults.End end;

    JUnitReport(String command, Checks checks, List<Finding> findings, RunResults.End end) {
        this.command = command;
        this.rules = Stream.of(Rule.values()).filter(checks::has).toList();
        this.findings = findings;
        this.end = end;
    }

    /** Writes the document. The stream stays open. */
    void write(OutputStream out) throws IOException {
        try {
            XMLStreamWriter xml = XMLOutputFactory.newFactory().createXMLStreamWriter(out,
                    StandardCharsets.UTF_8.name());
            xml.writeStartDocument(StandardCharsets.UTF_8.name(), "1.0");
            xml.writeCharacters("\n");
            xml.writeStartElement("testsuites");
            suite(xml);
            xml.writeEndElement();
            xml.writeCharacters("\n");
            xml.writeEndDocument();
            xml.close();
        } catch (XMLStreamException e) {
            throw e.getNestedException() instanceof IOException full ? full : new IOException(e.getMessage(), e);
        }
    }

    private void suite(XMLStreamWriter xml) throws XMLStreamException {
        boolean failed = end.status() != 0 && findings.isEmpty();
        line(xml, "  ");
        xml.writeStartElement("testsuite");
        attribute(xml, "name", command);
        attribute(xml, "tests", Integer.toString(rules.size() + 1));
        attribute(xml, "failures", Long.toString(rules.stream().filter(rule -> !of(rule).isEmpty()).count()));
        attribute(xml, "errors", failed ? "1" : "0");
        attribute(xml, "skipped", "0");
        attribute(xml, "time", seconds(end.ticks()));
        line(xml, "    ");
        xml.writeStartElement("properties");
        xml.writeEmptyElement("property");
        attribute(xml, "name", "again");
        attribute(xml, "value", end.again());
        xml.writeEndElement();
        for (Rule rule : rules) {
            testCase(xml, rule);
        }
        begin(xml, RUN, seconds(end.ticks()));
        if (failed) {
            xml.writeEmptyElement("error");
            attribute(xml, "message", "the run ended with exit status " + end.status());
        }
        xml.writeEndElement();
        line(xml, "  ");
        xml.writeEndElement();
        xml.writeCharacters("\n");
    }

    private void testCase(XMLStreamWriter xml, Rule rule) throws XMLStreamException {
        List<Finding> broken = of(rule);
        if (broken.isEmpty()) {
            begin(xml, rule.text(), seconds(0));
        } else {
            begin(xml, rule.text(), seconds(broken.get(0).violation().when().ticks()));
            xml.writeStartElement("failure");
            attribute(xml, "message", broken.get(0).violation().summary());
            attribute(xml, "type", rule.text());
            xml.writeCharacters(printable(broken.stream().map(Finding::text).collect(Collectors.joining("\n"))));
            xml.writeEndElement();
        }
        xml.writeEndElement();
    }

    private List<Finding> of(Rule rule) {
        return findings.stream().filter(finding -> finding.violation().rule().equals(rule.text())).toList();
    }

    private void begin(XMLStreamWriter xml, String name, String time) throws XMLStreamException {
        line(xml, "    ");
        xml.writeStartElement("testcase");
        attribute(xml, "name", name);
        attribute(xml, "classname", command.replace(' ', '.'));
        attribute(xml, "time", time);
    }

    private static void line(XMLStreamWriter xml, String indent) throws XMLStreamException {
        xml.writeCharacters("\n" + indent);
    }

    private static void attribute(XMLStreamWriter xml, String name, String value) throws XMLStreamException {
        xml.writeAttribute(name, printable(value));
    }

    private static String printable(String text) {
        return text.replaceAll(NO_XML, "\ufffd");
    }

    private static String seconds(long ticks) {
        return String.format(Locale.ROOT, "%.6f", (double) ticks / Clock.TICKS_PER_SECOND);
    }
}

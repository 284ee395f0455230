package ferrite.board.results;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import ferrite.board.session.ExitStatus;
import ferrite.hardware.report.Hex;
import ferrite.hardware.report.Report;
import ferrite.kernel.Kernel;
import ferrite.kernel.check.Explanation;
import ferrite.kernel.check.Rule;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;

/**
 * Violations as a log of SARIF 2.1.0 (OASIS, Static Analysis Results Interchange Format): one run, with a result for
 * each mistake. A location has the name of the source file alone, as the class file does.
 */
final class SarifLog {

    private static final String SCHEMA =
            "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

    private final List<Finding> findings;
    private final List<String> rules;
    private final RunResults.End end;

    SarifLog(List<Finding> findings, RunResults.End end) {
        this.findings = findings;
        this.rules = findings.stream().map(finding -> finding.violation().rule()).distinct().toList();
        this.end = end;
    }

    /** Writes the log, and closes the stream. */
    void write(OutputStream out) throws IOException {
        try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
            json.setPrettyPrinter(new DefaultPrettyPrinter());
            json.writeStartObject();
            json.writeStringField("$schema", SCHEMA);
            json.writeStringField("version", "2.1.0");
            json.writeArrayFieldStart("runs");
            json.writeStartObject();
            tool(json);
            invocation(json);
            json.writeStringField("columnKind", "utf16CodeUnits");
            json.writeArrayFieldStart("results");
            for (Finding finding : findings) {
                result(json, finding);
            }
            json.writeEndArray();
            json.writeEndObject();
            json.writeEndArray();
            json.writeEndObject();
            json.writeRaw('\n');
        }
    }

    private void tool(JsonGenerator json) throws IOException {
        json.writeObjectFieldStart("tool");
        json.writeObjectFieldStart("driver");
        json.writeStringField("name", "ferrite");
        json.writeStringField("version", Kernel.VERSION);
        json.writeArrayFieldStart("rules");
        for (String name : rules) {
            rule(json, name);
        }
        json.writeEndArray();
        json.writeEndObject();
        json.writeEndObject();
    }

    private static void rule(JsonGenerator json, String name) throws IOException {
        json.writeStartObject();
        json.writeStringField("id", name);
        Rule rule = Rule.of(name);
        if (rule != null) {
            Explanation explanation = Explanation.of(rule);
            text(json, "shortDescription", explanation.title());
            text(json, "fullDescription", rule.wrong() + ". " + explanation.why().replace('\n', ' '));
            text(json, "help", "Instead: " + rule.right() + ".\n\nWrong:\n\n" + explanation.wrongCode()
                    + "\n\nRight:\n\n" + explanation.rightCode());
        }
        json.writeObjectFieldStart("defaultConfiguration");
        json.writeStringField("level", "error");
        json.writeEndObject();
        json.writeEndObject();
    }

    private static void text(JsonGenerator json, String name, String text) throws IOException {
        json.writeObjectFieldStart(name);
        json.writeStringField("text", text);
        json.writeEndObject();
    }

    private void invocation(JsonGenerator json) throws IOException {
        json.writeArrayFieldStart("invocations");
        json.writeStartObject();
        json.writeStringField("commandLine", end.again());
        json.writeNumberField("exitCode", end.status());
        json.writeBooleanField("executionSuccessful", end.status() != ExitStatus.PANIC);
        json.writeEndObject();
        json.writeEndArray();
    }

    private void result(JsonGenerator json, Finding finding) throws IOException {
        json.writeStartObject();
        json.writeStringField("ruleId", finding.violation().rule());
        json.writeNumberField("ruleIndex", rules.indexOf(finding.violation().rule()));
        json.writeStringField("level", "error");
        text(json, "message", finding.violation().summary());
        json.writeArrayFieldStart("locations");
        if (finding.line() != null) {
            location(json, finding.line(), null);
        }
        json.writeEndArray();
        json.writeArrayFieldStart("relatedLocations");
        for (Report.Field fact : finding.otherLines()) {
            location(json, SourceLine.parse(fact.text()), fact.name().replace('_', ' '));
        }
        json.writeEndArray();
        json.writeNumberField("occurrenceCount", finding.count());
        json.writeObjectFieldStart("partialFingerprints");
        json.writeStringField("mistake/v1", fingerprint(finding.violation().mistake()));
        json.writeEndObject();
        json.writeObjectFieldStart("properties");
        json.writeStringField("again", finding.again());
        json.writeStringField("report", finding.text());
        json.writeEndObject();
        json.writeEndObject();
    }

    /** @param message the role of the line; null for the line of the mistake */
    private static void location(JsonGenerator json, SourceLine line, String message) throws IOException {
        json.writeStartObject();
        json.writeObjectFieldStart("physicalLocation");
        json.writeObjectFieldStart("artifactLocation");
        json.writeStringField("uri", line.uri());
        json.writeEndObject();
        if (line.line() > 0) {
            json.writeObjectFieldStart("region");
            json.writeNumberField("startLine", line.line());
            json.writeEndObject();
        }
        json.writeEndObject();
        if (message != null) {
            text(json, "message", message);
        }
        json.writeEndObject();
    }

    /** Returns a digest of the rule and its lines of source. It is the same in each run, with any seed. */
    private static String fingerprint(String mistake) {
        try {
            return Hex.bytes(MessageDigest.getInstance("SHA-256").digest(mistake.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}

package ferrite.board.results;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.BrokenDriver;
import ferrite.board.Json;
import ferrite.board.options.BoardOptions;
import ferrite.hardware.report.Violation;
import ferrite.kernel.check.Checks;
import ferrite.kernel.check.Explanation;
import ferrite.kernel.check.Rule;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The log's structure. The checks in {@link #assertStructure} are those of the SARIF 2.1.0 schema for the members that
 * a log has. The schema itself is not in the repository.
 */
class SarifLogTest {

    @TempDir
    private Path directory;

    private static BoardOptions options() {
        return new BoardOptions().ram(64 << 20);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> object(Object value, String... path) {
        Object at = value;
        for (String name : path) {
            at = name.matches("[0-9]+") ? ((List<Object>) at).get(Integer.parseInt(name))
                    : ((Map<String, Object>) at).get(name);
        }
        return (Map<String, Object>) at;
    }

    @SuppressWarnings("unchecked")
    private static List<Object> list(Object value, String name) {
        return (List<Object>) ((Map<String, Object>) value).get(name);
    }

    private static Map<String, Object> run(String log) {
        Map<String, Object> root = Json.object(log);
        assertThat(root.keySet()).isEqualTo(Set.of("$schema", "version", "runs"));
        assertThat(root).containsEntry("version", "2.1.0");
        assertThat(list(root, "runs")).hasSize(1);
        Map<String, Object> run = object(root, "runs", "0");
        assertStructure(run);
        return run;
    }

    private static void assertStructure(Map<String, Object> run) {
        assertThat(run.keySet()).isEqualTo(Set.of("tool", "invocations", "columnKind", "results"));
        assertThat(run).containsEntry("columnKind", "utf16CodeUnits");
        assertThat(object(run, "tool", "driver").keySet()).isEqualTo(Set.of("name", "version", "rules"));
        List<Object> rules = list(object(run, "tool", "driver"), "rules");
        assertThat(rules).doesNotHaveDuplicates();
        for (Object rule : rules) {
            assertThat(object(rule).keySet()).isSubsetOf("id", "shortDescription", "fullDescription", "help",
                    "defaultConfiguration").contains("id");
        }
        assertThat(object(run, "invocations", "0").keySet())
                .isEqualTo(Set.of("commandLine", "exitCode", "executionSuccessful"));
        for (Object result : list(run, "results")) {
            Map<String, Object> members = object(result);
            assertThat(members.keySet()).isEqualTo(Set.of("ruleId", "ruleIndex", "level", "message", "locations",
                    "relatedLocations", "occurrenceCount", "partialFingerprints", "properties"));
            int index = Math.toIntExact((Long) members.get("ruleIndex"));
            assertThat(object(rules.get(index))).containsEntry("id", members.get("ruleId"));
            assertThat(members).containsEntry("level", "error");
            assertThat((Long) members.get("occurrenceCount")).isPositive();
            assertThat((String) object(result, "message").get("text")).isNotBlank();
            assertThat(list(result, "locations")).hasSizeLessThanOrEqualTo(1);
            list(result, "locations").forEach(SarifLogTest::assertLocation);
            assertThat(list(result, "relatedLocations")).doesNotHaveDuplicates();
            list(result, "relatedLocations").forEach(SarifLogTest::assertLocation);
        }
    }

    private static void assertLocation(Object location) {
        assertThat(object(location).keySet()).isSubsetOf("physicalLocation", "message");
        String uri = (String) object(location, "physicalLocation", "artifactLocation").get("uri");
        assertThat(URI.create(uri).isAbsolute()).isFalse();
        if (object(location, "physicalLocation").containsKey("region")) {
            assertThat((Long) object(location, "physicalLocation", "region").get("startLine")).isPositive();
        }
    }

    private static Map<String, Object> physical(String file, long line) {
        return Map.of("artifactLocation", Map.of("uri", file), "region", Map.of("startLine", line));
    }

    @Test
    void aResultHasTheLineOfTheMistakeAndTheOtherLines() throws IOException {
        Map<String, Object> run = run(RecordedRun.of(options().driver(new BrokenDriver()), "cat /dev/broken").sarif());
        Map<String, Object> result = object(run, "results", "0");

        assertThat(result).containsEntry("ruleId", "object-overrun")
                .containsEntry("occurrenceCount", (long) BrokenDriver.TIMES);
        assertThat(object(result, "locations", "0")).isEqualTo(
                Map.of("physicalLocation", physical("BrokenDriver.java", BrokenDriver.STORE_LINE)));
        assertThat(list(result, "relatedLocations")).containsExactly(
                Map.of("physicalLocation", physical("BrokenDriver.java", BrokenDriver.ALLOCATION_LINE),
                        "message", Map.of("text", "allocated at")));
        assertThat(object(result, "properties")).containsEntry("again", RecordedRun.AGAIN);
        assertThat((String) object(result, "properties").get("report")).startsWith("violation object-overrun: ");
        assertThat(object(run, "tool", "driver", "rules", "0", "shortDescription"))
                .containsEntry("text", Explanation.of(Rule.OBJECT_OVERRUN).title());
        assertThat(object(run, "invocations", "0")).containsEntry("exitCode", 4L)
                .containsEntry("executionSuccessful", true).containsEntry("commandLine", RecordedRun.AGAIN);
    }

    @Test
    void aMistakeIsOneResultWithTheSameFingerprintForEachSeed() throws IOException {
        Path disk = Files.write(directory.resolve("disk.img"), new byte[64 << 10]);
        BoardOptions first = options().disk(disk).parameter("disk.gfp", "GFP_KERNEL");
        BoardOptions second = options().disk(disk).parameter("disk.gfp", "GFP_KERNEL").seed(7).harts(2);
        Map<String, Object> one = object(run(RecordedRun.of(first, "sha256sum /dev/disk0", "sha256sum /dev/disk0")
                .sarif()), "results", "0");
        Map<String, Object> other = object(run(RecordedRun.of(second, "sha256sum /dev/disk0").sarif()),
                "results", "0");

        assertThat(one).containsEntry("ruleId", "dma-above-reach").containsEntry("occurrenceCount", 2L);
        assertThat(other).containsEntry("occurrenceCount", 1L)
                .containsEntry("partialFingerprints", one.get("partialFingerprints"));
        assertThat(one.get("locations")).isEqualTo(other.get("locations"));
        assertThat(list(one, "relatedLocations")).extracting(location -> object(location, "message").get("text"))
                .containsExactly("set up");
    }

    @Test
    void aRunWithoutViolationsHasNoResultsAndNoRules() throws IOException {
        Map<String, Object> run = run(RecordedRun.of(options(), "ls /dev").sarif());

        assertThat(list(run, "results")).isEmpty();
        assertThat(list(object(run, "tool", "driver"), "rules")).isEmpty();
    }

    private static Map<String, Object> log(String site) throws IOException {
        Violation.Builder violation = new Violation.Builder("kernel-oops", "\"hostile\" \u0001 \ud800 summary");
        violation.facts().text("site", site);
        RunResults results = new RunResults("ferrite run", Checks.ALL);
        results.add(violation.build("mistake", new Violation.Moment(1, 1, 0)), "text", "again");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        results.writeSarif(out, new RunResults.End("again", 1, 5));
        return run(out.toString(StandardCharsets.UTF_8));
    }

    @Test
    void hostileFileNamesAreUris() throws IOException {
        assertThat(object(log("a%é?#.java:7"), "results", "0", "locations", "0", "physicalLocation"))
                .isEqualTo(physical("a%25%C3%A9%3F%23.java", 7));
        assertThat(object(log("A.java:-1"), "results", "0", "locations", "0", "physicalLocation"))
                .isEqualTo(Map.of("artifactLocation", Map.of("uri", "A.java")));
        assertThat(list(object(log("?"), "results", "0"), "locations")).isEmpty();
        assertThat(list(object(log(null), "results", "0"), "locations")).isEmpty();
        assertThat(object(log("?"), "invocations", "0")).as("the kernel panicked")
                .containsEntry("executionSuccessful", false);
    }
}

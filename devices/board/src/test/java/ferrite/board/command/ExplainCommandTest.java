package ferrite.board.command;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.Json;
import ferrite.board.JsonSchema;
import ferrite.board.command.ManyCommandLines.Outcome;
import ferrite.board.front.JsonSchemas;
import ferrite.kernel.check.Explanation;
import ferrite.kernel.check.Rule;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExplainCommandTest {

    @TempDir
    private Path directory;

    private List<Outcome> run(String... lines) throws IOException, InterruptedException {
        return ManyCommandLines.run(directory, Stream.of(lines).map(line -> List.of(line.split(" "))).toList());
    }

    @Test
    void aRuleIsExplainedWithItsEffectAndCode() throws IOException, InterruptedException {
        Outcome outcome = run("explain lock-order").get(0);

        assertThat(outcome.status()).isZero();
        assertThat(outcome.out()).startsWith("lock-order: " + Explanation.of(Rule.LOCK_ORDER).title() + "\n\n")
                .contains("Mistake: " + Rule.LOCK_ORDER.wrong() + ".\n", Explanation.of(Rule.LOCK_ORDER).why(),
                        "Instead: " + Rule.LOCK_ORDER.right() + ".\n", "\n    kernel.spinLock(lock);\n")
                .endsWith("\n    kernel.spinUnlock(lock);\n");
        assertThat(outcome.err()).isEmpty();
    }

    @Test
    void jsonHasTheSameParts() throws IOException, InterruptedException {
        List<Outcome> outcomes = run("explain --json double-free", "checks --json", "schema", "schema report");
        Map<String, Object> rule = Json.object(outcomes.get(0).out());

        assertThat(rule).containsEntry("name", "double-free").containsEntry("mistake", Rule.DOUBLE_FREE.wrong())
                .containsEntry("wrong", Explanation.of(Rule.DOUBLE_FREE).wrongCode())
                .containsEntry("right", Explanation.of(Rule.DOUBLE_FREE).rightCode());
        List<?> rules = (List<?>) Json.object(outcomes.get(1).out()).get("children");
        assertThat(rules).hasSize(Rule.values().length);
        assertThat(rules.toString()).contains("title=" + rule.get("title"));
        outcomes.subList(0, 2).forEach(outcome -> assertThat(JsonSchema.of(JsonSchemas.REPORT)
                .mistakes(Json.object(outcome.out()))).isEmpty());
        assertThat(outcomes.get(2).out().lines()).hasSize(JsonSchemas.values().length)
                .contains("report  " + JsonSchemas.REPORT.title());
        assertThat(outcomes.get(3).out()).as("'ferrite schema'").isEqualTo(JsonSchemas.REPORT.json());
    }

    @Test
    void anUnknownRuleIsAMistakeWithNearNames() throws IOException, InterruptedException {
        List<Outcome> outcomes = run("explain dubble-free", "explain xyzzy", "explain");

        assertThat(outcomes).extracting(Outcome::status).containsOnly(2);
        assertThat(outcomes.get(0).err()).startsWith("ferrite explain: there is no rule 'dubble-free'; did you mean "
                + "double-free or ").endsWith(" 'ferrite checks' lists all rules\n").hasLineCount(1);
        assertThat(outcomes.get(1).err()).isEqualTo(
                "ferrite explain: there is no rule 'xyzzy'; 'ferrite checks' lists all rules\n");
        assertThat(outcomes.get(2).err()).contains("RULE").hasLineCount(1);
    }

    @Test
    void theListHasTheTitles() throws IOException, InterruptedException {
        Outcome outcome = run("checks").get(0);

        assertThat(outcome.status()).isZero();
        assertThat(outcome.out().lines().filter(line -> line.startsWith("* ") || line.startsWith("  ")
                && !line.startsWith("   "))).containsExactlyElementsOf(Stream.of(Rule.values())
                .map(rule -> (rule == Rule.DMA_UNINITIALIZED ? "  " : "* ")
                        + rule.text() + ": " + Explanation.of(rule).title()).toList());
        assertThat(outcome.out()).contains("ferrite explain RULE");
    }
}

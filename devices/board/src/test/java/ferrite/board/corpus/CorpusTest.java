package ferrite.board.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.report.Violation;
import ferrite.hardware.turn.Interleavings;
import ferrite.kernel.check.Checks;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each story's mistake is reported by its rule at the story's own line, and its corrected twin by none. */
@Timeout(60)
class CorpusTest {

    static Stream<Story> stories() {
        return Corpus.stories().stream();
    }

    @ParameterizedTest
    @MethodSource("stories")
    void theMistakeIsReportedAndTheTwinIsNot(Story story) throws Exception {
        Corpus.Outcome outcome = Corpus.run(story, 7, Interleavings.RANDOM);
        List<Violation> wrong = outcome.wrong();

        assertThat(wrong).extracting(Violation::rule).contains(story.rule());
        assertThat(wrong.get(0).rule()).as("the first report").isEqualTo(story.rule());
        assertThat(wrong.get(0).line("where")).containsPattern("at (Story|\\w+Stories).java:");
        assertThat(wrong).filteredOn(violation -> !violation.summary().matches(".*0x6b6b_?6b6b.*"))
                .extracting(Violation::mistake).as("one mistake, one report").containsOnly(wrong.get(0).mistake());
        assertThat(outcome.right()).extracting(Violation::summary).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("stories")
    void theRuleAloneFindsItToo(Story story) throws Exception {
        Corpus.Outcome outcome = Corpus.run(story, 7, Interleavings.RR, Checks.parse(story.rule()));

        assertThat(outcome.wrong()).extracting(Violation::rule).isNotEmpty().containsOnly(story.rule());
        assertThat(outcome.right()).isEmpty();
    }

    @Test
    void aMissingBarrierNamesTheStoreAndTheDoorbell() throws Exception {
        Violation violation = Corpus.run(OrderStories.all().get(0), 7, Interleavings.RR).wrong().get(0);
        assertThat(violation.line("store")).containsPattern("at OrderStories.java:\\d+");
        assertThat(violation.line("register")).containsPattern("written at OrderStories.java:\\d+");
        assertThat(violation.line("store")).isNotEqualTo(violation.line("register"));
    }

    @Test
    void noTwoStoriesHaveOneName() {
        assertThat(stories().map(Story::name)).doesNotHaveDuplicates().hasSizeGreaterThan(50);
    }
}

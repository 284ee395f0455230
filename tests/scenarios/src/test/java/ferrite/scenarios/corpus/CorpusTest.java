package ferrite.scenarios.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.options.BoardOptions;
import ferrite.hardware.report.Violation;
import ferrite.hardware.turn.Interleavings;
import ferrite.testkit.MachineRun;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each story's mistake is reported by its rule at the story's own line, and its corrected twin by none. */
@Timeout(60)
class CorpusTest {

    static Stream<Story> stories() {
        return Stream.of(DmaStories.all(), MemoryStories.all(), LockStories.all(), ChannelStories.all())
               .flatMap(List::stream);
    }

    private static List<Violation> run(Consumer<Story.Bench> body) throws Exception {
        StoryDriver driver = new StoryDriver(body);
        BoardOptions options = new BoardOptions().ram(64 << 20).harts(2).interleaving(Interleavings.RANDOM)
                .driver(driver);
        try (MachineRun machine = MachineRun.start(options)) {
            machine.type("cat /dev/story");
            assertThat(driver.failure()).isNull();
            return List.copyOf(machine.violations());
        }
    }

    @ParameterizedTest
    @MethodSource("stories")
    void theMistakeIsReportedAndTheTwinIsNot(Story story) throws Exception {
        List<Violation> wrong = run(story.wrong());

        assertThat(wrong).extracting(Violation::rule).contains(story.rule());
        assertThat(wrong.get(0).rule()).as("the first report").isEqualTo(story.rule());
        assertThat(wrong.get(0).line("where")).containsPattern("at (Story|\\w+Stories).java:");
        assertThat(wrong).filteredOn(violation -> !violation.summary().matches(".*0x6b6b_?6b6b.*"))
                .extracting(Violation::mistake).as("one mistake, one report").containsOnly(wrong.get(0).mistake());
        assertThat(run(story.right())).extracting(Violation::summary).isEmpty();
    }
}

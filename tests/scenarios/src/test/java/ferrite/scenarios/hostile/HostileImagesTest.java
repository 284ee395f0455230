package ferrite.scenarios.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A short run of {@code tests/scenarios/hostile-images}, and all earlier findings. */
@Timeout(240)
class HostileImagesTest {

    private static final Path CORPUS = Path.of("src/test/resources/ferrite/scenarios/hostile");
    private static final int FILES = 400;

    /** Uses the same files each time, unless a seed is given. */
    @Test
    void whateverBootIsGivenItEndsWithAnExitStatus() throws IOException, InterruptedException {
        long seed = Long.getLong("ferrite.seed", 1);
        ByteArrayOutputStream report = new ByteArrayOutputStream();
        try (HostileImages images = new HostileImages(seed, new PrintStream(report, true, StandardCharsets.UTF_8))) {
            int findings = images.run(FILES);
            assertThat(findings).as(() -> report.toString(StandardCharsets.UTF_8)).isZero();
        }
    }

    static List<Path> corpus() throws IOException {
        try (Stream<Path> files = Files.list(CORPUS)) {
            return files.sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("corpus")
    void whatWasFoundOnceIsNotFoundAgain(Path path) throws IOException, InterruptedException {
        CorpusFile hostile = CorpusFile.read(path);
        try (HostileRun run = new HostileRun()) {
            assertThat(run.problemWith(hostile.setup(), hostile.file())).as(path.getFileName().toString()).isNull();
        }
    }

    @Test
    void theCorpusHasFilesOfEveryKind() throws IOException {
        List<String> names = corpus().stream().map(path -> path.getFileName().toString()).toList();
        for (Kind kind : Kind.values()) {
            assertThat(names).anyMatch(name -> name.startsWith(kind.name().toLowerCase(java.util.Locale.ROOT) + "-"));
        }
    }

    @Test
    void aCorpusFileSaysAllThatThereIsToSay() throws IOException {
        for (Path path : corpus()) {
            CorpusFile read = CorpusFile.read(path);
            Path again = Files.createTempFile("hostile", ".case");
            try {
                Files.writeString(again, "# what it did\n" + read.toText());
                assertThat(CorpusFile.read(again).setup()).isEqualTo(read.setup());
                assertThat(CorpusFile.read(again).file()).isEqualTo(read.file());
            } finally {
                Files.delete(again);
            }
        }
    }

    @Test
    void aMistakeOfOursIsFoundAndTold() throws IOException, InterruptedException {
        Setup setup = CorpusFile.read(CORPUS.resolve("time-jumps-to-its-end.case")).setup();
        Setup impossible = new Setup(false, setup.board(), 9, setup.ramBytes(), setup.interleaving(), 1, setup.dma(), 0,
                List.of(), null, 0, 0, 0, 1000, -1);
        try (HostileRun run = new HostileRun()) {
            assertThat(run.problemWith(impossible, new byte[4]))
                    .startsWith("java.lang.IllegalArgumentException: a machine has 1 to 8 harts, not 9")
                    .contains("at ferrite.hardware.Machine");
        }
    }
}

package ferrite.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the sources are held to: plain English in comments and READMEs, and files that a reader can keep in mind. */
class SourcesTest {

    private static final Path ROOT = Path.of("../..");
    private static final int MAX_LINES = 550;
    private static final int MAX_LINES_OF_KERNEL = 350;

    @Test
    @Timeout(60)
    void commentsAndReadmesNameTheirSubjects() throws IOException, InterruptedException {
        Process script = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--source", "17", ROOT.resolve("tests/plain-english").toString()).redirectErrorStream(true).start();
        String report = new String(script.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(script.waitFor()).as("tests/plain-english --list shows the words\n" + report).isZero();
        assertThat(report).contains("comments").contains("READMEs");
    }

    @Test
    void noFileOfMainIsLongerThanAReaderKeepsInMind() throws IOException {
        for (Path file : mainSources()) {
            int limit = file.endsWith("Kernel.java") ? MAX_LINES_OF_KERNEL : MAX_LINES;
            assertThat(Files.readAllLines(file)).as(file.toString()).hasSizeLessThanOrEqualTo(limit);
        }
    }

    @Test
    void everyPackageOfMainSaysWhatItIs() throws IOException {
        for (Path file : mainSources()) {
            assertThat(file.resolveSibling("package-info.java")).exists();
        }
    }

    private static List<Path> mainSources() throws IOException {
        try (Stream<Path> files = Files.walk(ROOT)) {
            List<Path> sources = files.filter(file -> file.toString().contains("/src/main/java/")
                    && file.toString().endsWith(".java")).toList();
            assertThat(sources).hasSizeGreaterThan(300);
            return sources;
        }
    }
}

package ferrite.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What the sources are held to: plain English in comments and READMEs, names in READMEs that exist, and files that a
 * reader can keep in mind.
 */
class SourcesTest {

    private static final Path ROOT = Path.of("../..");
    private static final int MAX_LINES = 550;
    private static final int MAX_LINES_OF_KERNEL = 350;
    private static final Pattern WORD = Pattern.compile("\\w+");
    /** A class, perhaps with a member. */
    private static final Pattern NAME_IN_A_README = Pattern.compile(
            "`([A-Z][A-Za-z0-9]*[a-z][A-Za-z0-9]*)(?:\\.(\\w+))?(?:\\([^`\\n]*\\))?`");
    /** Stands for any name, as in XDriver. */
    private static final String PLACEHOLDER = "X[A-Z].*";

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

    @Test
    void noTestPrints() throws IOException {
        List<Path> tests = files(".java").stream()
                .filter(file -> file.toString().contains("/src/test/java/")).toList();
        assertThat(tests).hasSizeGreaterThan(300);
        for (Path file : tests) {
            String source = Files.readString(file);
            if (!source.contains("static void main(")) {     // a program for people, or one that a test starts
                assertThat(source).as("%s: a test that passes prints nothing", file)
                        .doesNotContain("System." + "out.pr");
            }
        }
    }

    @Test
    void readmesNameClassesAndMembersThatExist() throws IOException {
        Set<String> words = new TreeSet<>();
        for (Path source : files(".java")) {
            words.addAll(WORD.matcher(Files.readString(source)).results().map(MatchResult::group).toList());
        }
        List<String> unknown = new ArrayList<>();
        int names = 0;
        for (Path readme : files(".md")) {
            Matcher name = NAME_IN_A_README.matcher(Files.readString(readme));
            while (name.find()) {
                names++;
                boolean exists = words.contains(name.group(1))
                        && (name.group(2) == null || words.contains(name.group(2)));
                if (!exists && !name.group(1).matches(PLACEHOLDER)) {
                    unknown.add(ROOT.relativize(readme) + ": " + name.group());
                }
            }
        }
        assertThat(unknown).isEmpty();
        assertThat(names).as("names in all READMEs").isGreaterThan(300);
    }

    private static List<Path> mainSources() throws IOException {
        List<Path> sources = files(".java").stream()
                .filter(file -> file.toString().contains("/src/main/java/")).toList();
        assertThat(sources).hasSizeGreaterThan(300);
        return sources;
    }

    private static List<Path> files(String suffix) throws IOException {
        try (Stream<Path> files = Files.walk(ROOT)) {
            return files.filter(file -> file.toString().endsWith(suffix) && !file.toString().contains("/target/"))
                    .toList();
        }
    }
}

package ferrite.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.options.BoardOptions;
import ferrite.board.options.MachineOptions;
import java.io.IOException;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/** {@code ferrite new driver}: the project compiles, its tests pass, and the line that was printed works. */
@Timeout(120)
class NewDriverTest {

    private static final Pattern RUN = Pattern.compile("  ferrite run --device target/(\\S+) -c '(.*)'\n");
    private static final Pattern ENTRY = Pattern.compile("<(Ferrite-\\w+)>(\\S+)</");

    @TempDir
    private Path directory;

    @Test
    void theProjectBuildsPassesItsTestsAndRuns() throws Exception {
        Program.Ended made = FerriteJar.run(directory, "new", "driver", "gadget");
        assertThat(made.status()).as(made.err()).isZero();
        Matcher line = RUN.matcher(made.out());
        assertThat(line.find()).as(made.out()).isTrue();

        Path project = directory.resolve("gadget");
        nothingOfTheExampleIsLeft(project);
        Path classes = compile(project);
        theTestsPass(classes);
        Map<String, String> manifest = new LinkedHashMap<>();
        ENTRY.matcher(Files.readString(project.resolve("pom.xml"))).results()
                .forEach(entry -> manifest.put(entry.group(1), entry.group(2)));
        assertThat(manifest).hasSize(2);
        Path jar = DriverJar.pack(classes, directory.resolve(line.group(1)), manifest);
        BoardOptions options = new BoardOptions().ram(64 << 20);
        MachineOptions.set(options, "--device", jar.toString());
        Run run = Run.of(options, line.group(2).replace("target/" + line.group(1), jar.toString()).split("; "));
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).isEqualTo("363a3020\n");
        assertThat(run.status()).isZero();
    }

    /** The example's words are gone, and both poms build in the same way. */
    private static void nothingOfTheExampleIsLeft(Path project) throws IOException {
        for (Path file : files(project, "")) {
            assertThat(Files.readString(file)).as(file.toString()).doesNotContain("org.example", "Crc", "parrot")
                    .doesNotContainPattern("\\bcrc");
        }
        Pattern plugin = Pattern.compile("<artifactId>maven-\\S+</artifactId><version>\\S+</version>");
        String example = Files.readString(Path.of("../example-driver/pom.xml"));
        String written = Files.readString(project.resolve("pom.xml"));
        assertThat(plugin.matcher(written).results().map(MatchResult::group).toList())
                .isEqualTo(plugin.matcher(example).results().map(MatchResult::group).toList()).hasSize(5);
    }

    private static List<Path> files(Path project, String end) throws IOException {
        try (Stream<Path> found = Files.walk(project)) {
            return found.filter(Files::isRegularFile).filter(file -> file.toString().endsWith(end)).sorted().toList();
        }
    }

    private static Path compile(Path project) throws IOException {
        Path classes = Files.createDirectories(project.resolve("target/classes"));
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
            boolean compiled = compiler.getTask(messages, manager, null, List.of("-d", classes.toString(), "-classpath",
                    System.getProperty("java.class.path"), "-proc:none", "-Xlint:all,-classfile,-path", "-Werror"),
                    null, manager.getJavaFileObjectsFromPaths(files(project, ".java"))).call();
            assertThat(compiled).as(messages.toString()).isTrue();
        }
        return classes;
    }

    private static void theTestsPass(Path classes) throws Exception {
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        SummaryGeneratingListener summary = new SummaryGeneratingListener();
        try (URLClassLoader loader = new URLClassLoader(new URL[] {classes.toUri().toURL()}, before)) {
            Thread.currentThread().setContextClassLoader(loader);
            LauncherFactory.create().execute(LauncherDiscoveryRequestBuilder.request().selectors(
                    DiscoverySelectors.selectClass(loader.loadClass("com.example.gadget.GadgetEngineTest"))).build(),
                    summary);
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }
        StringBuilder failures = new StringBuilder();
        summary.getSummary().getFailures().forEach(failure -> failures.append(failure.getException())
                .append("\n"));
        assertThat(failures.toString()).isEmpty();
        assertThat(summary.getSummary().getTestsSucceededCount()).isGreaterThan(4);
    }
}

package ferrite.kernel.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ExplanationTest {

    private static final Path FILES = Path.of("src/main/resources/ferrite/kernel/check");
    /** The variables that an example may use without a declaration. */
    private static final String VARIABLES = """
            KernelCalls kernel, BootmemCalls bootmem, KernelMemory memory, Device device, long dev, long lock,
            long otherLock, long cache, long otherCache, long pool, long otherPool, long mempool, long handle,
            long sgl, long registers, long queue, long counters, long handler, long source, int channel, int irq""";
    private static final String IMPORTS = """
            import static ferrite.kernel.base.Gfp.*;
            import static ferrite.kernel.dma.DmaDirection.*;
            import static ferrite.kernel.dma.DmaMode.*;
            import ferrite.hardware.turn.KernelMemory;
            import ferrite.kernel.dma.*;
            import ferrite.kernel.driver.*;
            import ferrite.kernel.fs.*;
            import ferrite.kernel.sched.*;
            """;
    private static final int MAX_COLUMNS = 120;

    @TempDir
    private Path directory;

    @Test
    void eachRuleHasAFileAndEachFileARule() throws IOException {
        try (Stream<Path> files = Files.list(FILES)) {
            assertThat(files.map(file -> file.getFileName().toString())).containsExactlyInAnyOrderElementsOf(
                    Stream.of(Rule.values()).map(rule -> rule.text() + ".txt").toList());
        }
    }

    @ParameterizedTest
    @EnumSource(Rule.class)
    void theTextIsForPeople(Rule rule) {
        Explanation explanation = Explanation.of(rule);

        assertThat(explanation.title()).doesNotEndWith(".").hasSizeLessThan(100);
        assertThat(explanation.why()).endsWith(".").hasSizeBetween(60, 600);
        assertThat(explanation.why().lines()).allMatch(line -> line.length() <= MAX_COLUMNS);
        assertThat(explanation.wrongCode()).isNotEqualTo(explanation.rightCode());
        assertThat(explanation.wrongCode().lines()).allMatch(line -> line.length() <= MAX_COLUMNS - 4);
        assertThat(explanation.rightCode().lines()).allMatch(line -> line.length() <= MAX_COLUMNS - 4);
    }

    @Test
    void noTwoRulesHaveOneTitle() {
        assertThat(Stream.of(Rule.values()).map(rule -> Explanation.of(rule).title())).doesNotHaveDuplicates();
    }

    private static JavaFileObject source(String name, String text) {
        return new SimpleJavaFileObject(URI.create("string:///" + name + ".java"), JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoresErrors) {
                return text;
            }
        };
    }

    private static String method(String name, String body) {
        return "    static void " + name + "(" + VARIABLES + ") {\n" + body + "\n    }\n";
    }

    /** Returns the compiler's complaints. */
    private String compile(List<JavaFileObject> sources) {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter complaints = new StringWriter();
        boolean done = compiler.getTask(complaints, null, null, List.of("-d", directory.toString(), "-classpath",
                System.getProperty("java.class.path"), "-proc:none"), null, sources).call();
        return done ? "" : "does not compile: " + complaints;
    }

    @Test
    void theExamplesCompile() {
        List<JavaFileObject> sources = Stream.of(Rule.values()).map(rule -> {
            String name = Stream.of(rule.text().split("-"))
                    .map(word -> word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1))
                    .collect(Collectors.joining());
            Explanation explanation = Explanation.of(rule);
            return source(name, IMPORTS + "class " + name + " {\n" + method("wrong", explanation.wrongCode())
                    + method("right", explanation.rightCode()) + "}\n");
        }).toList();

        assertThat(compile(sources)).isEmpty();
        assertThat(compile(List.of(source("Wrong", IMPORTS + "class Wrong {\n"
                + method("wrong", "kernel.kmaloc(1, GFP_KERNEL);") + "}\n")))).contains("kmaloc");
    }
}

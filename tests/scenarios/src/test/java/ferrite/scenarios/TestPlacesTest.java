package ferrite.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** A test stands in the package of the class that it tests: {@code XTest} beside {@code X}, in the same module. */
class TestPlacesTest {

    private static final Path ROOT = Path.of("../..");

    @TestFactory
    Stream<DynamicTest> aTestIsInThePackageOfItsSubject() throws IOException {
        List<Path> modules = modules();
        assertThat(modules).hasSizeGreaterThan(5);
        return modules.stream().map(module -> DynamicTest.dynamicTest(ROOT.relativize(module).toString(), () -> {
            Map<String, TreeSet<String>> subjects = packagesByClass(module.resolve("src/main/java"));
            Map<String, TreeSet<String>> tests = packagesByClass(module.resolve("src/test/java"));
            TreeSet<String> misplaced = new TreeSet<>();
            tests.forEach((test, places) -> {
                TreeSet<String> right = subjects.get(test.replaceFirst("Test$", ""));
                if (test.endsWith("Test") && right != null && !right.containsAll(places)) {
                    misplaced.add(test + " is in " + places + "; its subject is in " + right);
                }
            });
            assertThat(misplaced).isEmpty();
        }));
    }

    /** The folders with a pom.xml, sources and tests. */
    private static List<Path> modules() throws IOException {
        try (Stream<Path> files = Files.walk(ROOT, 3)) {
            return files.filter(file -> file.endsWith("pom.xml")).map(Path::getParent)
                    .filter(module -> Files.isDirectory(module.resolve("src/main/java"))
                            && Files.isDirectory(module.resolve("src/test/java"))).sorted().toList();
        }
    }

    /** Simple names of the source files below a folder, each with the packages that have such a file. */
    private static Map<String, TreeSet<String>> packagesByClass(Path sources) throws IOException {
        Map<String, TreeSet<String>> packages = new TreeMap<>();
        try (Stream<Path> files = Files.walk(sources)) {
            files.filter(file -> file.toString().endsWith(".java")).forEach(file -> {
                String name = file.getFileName().toString().replaceFirst("\\.java$", "");
                String place = sources.relativize(file.getParent()).toString().replace('/', '.').replace('\\', '.');
                packages.computeIfAbsent(name, none -> new TreeSet<>()).add(place);
            });
        }
        packages.remove("package-info");
        return packages;
    }
}

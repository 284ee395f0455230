package ferrite.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.module.ModuleFinder;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The licences, notices and names in our jars. */
class LicencesTest {

    private static final Path ROOT = Path.of("../..");
    private static final Path TEXTS = ROOT.resolve(".github");

    /** The first line that NOTICE has for a library: its name, and its package in parentheses. */
    private static final Pattern LIBRARY = Pattern.compile("(?m)^[\\w ]+ \\(([a-z0-9.]+)\\)$");
    /** The folder of a multi-release jar that holds the classes of a newer Java. */
    private static final Pattern RELEASE = Pattern.compile("^META-INF/versions/\\d+/");
    /** A project that is not a part of Ferrite. */
    private static final String STRANGERS = "tests/example-driver";

    @Test
    void theRunnableJarHoldsTheLicenceAndTheNotice() throws IOException {
        try (JarFile jar = new JarFile(FerriteJar.path().toFile())) {
            assertThat(text(jar, "META-INF/LICENSE")).contains("Apache License")
                    .isEqualTo(Files.readString(TEXTS.resolve("LICENSE")));
            assertThat(text(jar, "META-INF/NOTICE")).isEqualTo(Files.readString(TEXTS.resolve("NOTICE")));
        }
    }

    @Test
    void eachModuleHoldsTheLicence() throws IOException {
        for (String module : modules()) {
            Path classes = ROOT.resolve(module).resolve("target/classes");
            if (Files.exists(classes)) {  // benchmarks come after this test
                assertThat(classes.resolve("META-INF/LICENSE")).hasSameTextualContentAs(TEXTS.resolve("LICENSE"));
            }
        }
    }

    private static List<String> modules() throws IOException {
        List<String> modules = Pattern.compile("<module>(.*?)</module>")
                .matcher(Files.readString(ROOT.resolve("pom.xml"))).results()
                .map(module -> module.group(1)).filter(module -> !module.equals(STRANGERS)).toList();
        assertThat(modules).hasSizeGreaterThan(5);
        return modules;
    }

    @Test
    void theNoticeNamesTheLibrariesOfTheRunnableJarAndNoOthers() throws IOException {
        try (JarFile jar = new JarFile(FerriteJar.path().toFile())) {
            List<String> classes = jar.stream().map(JarEntry::getName).filter(name -> name.endsWith(".class"))
                    .map(name -> RELEASE.matcher(name).replaceFirst(""))
                    .filter(name -> !name.startsWith("ferrite/")).toList();
            List<MatchResult> libraries = LIBRARY.matcher(text(jar, "META-INF/NOTICE")).results().toList();
            List<String> unnamed = new ArrayList<>(classes);
            for (MatchResult library : libraries) {
                String folder = library.group(1).replace('.', '/') + "/";
                assertThat(classes).as(library.group()).anyMatch(name -> name.startsWith(folder));
                unnamed.removeIf(name -> name.startsWith(folder));
            }
            assertThat(unnamed).as("classes of libraries that .github/NOTICE does not name").isEmpty();
        }
    }

    @Test
    void theNoticeHoldsTheNoticesOfTheLibraries() throws IOException {
        int found = 0;
        try (JarFile jar = new JarFile(FerriteJar.path().toFile())) {
            for (String name : List.of("META-INF/NOTICE", "META-INF/NOTICE.txt")) {
                for (URL url : Collections.list(getClass().getClassLoader().getResources(name))) {
                    JarFile library = ((JarURLConnection) url.openConnection()).getJarFile();
                    if (library.stream().filter(LicencesTest::isClass)
                            .anyMatch(entry -> jar.getEntry(entry.getName()) != null)) {
                        assertThat(text(jar, "META-INF/NOTICE")).contains(text(library, name));
                        found++;
                    }
                }
            }
        }
        assertThat(found).isPositive();
    }

    @Test
    void eachModuleHasANameThatIsTheRootOfItsPackages() throws IOException {
        List<String> named = new ArrayList<>();
        List<String> modules = modules();
        for (String module : modules.subList(0, modules.indexOf("tests/scenarios"))) {    // the others are built later
            Path target = ROOT.resolve(module).resolve("target");
            Path jar = target.resolve(module.substring(module.lastIndexOf('/') + 1) + "-0.1.jar");
            Path packages = target.resolve("classes/ferrite");
            if (Files.exists(jar) && Files.exists(packages)) {
                named.add(module);
                String name = ModuleFinder.of(jar).findAll().iterator().next().descriptor().name();
                try (Stream<Path> roots = Files.list(packages)) {
                    assertThat(roots.map(root -> "ferrite." + root.getFileName())).as(module).containsExactly(name);
                }
            }
        }
        assertThat(named).contains("machine/hardware", "kernel", "devices/board", "tests/testkit");
        assertThat(ModuleFinder.of(FerriteJar.path()).find("ferrite")).as("of the runnable jar").isPresent();
    }

    @Test
    void whatAuthorsUseIsPublishedWithItsSourcesAndItsJavadoc() {
        for (String module : List.of("machine/hardware", "kernel", "tests/testkit")) {
            Path target = ROOT.resolve(module).resolve("target");
            String name = target.getParent().getFileName() + "-0.1-";
            assertThat(target.resolve(name + "sources.jar")).exists();
            assertThat(target.resolve(name + "javadoc.jar")).exists();
        }
    }

    private static boolean isClass(JarEntry entry) {
        return entry.getName().endsWith(".class") && !entry.getName().endsWith("module-info.class");
    }

    private static String text(JarFile jar, String name) throws IOException {
        assertThat(jar.getEntry(name)).as(name + " in " + jar.getName()).isNotNull();
        return new String(jar.getInputStream(jar.getEntry(name)).readAllBytes(), StandardCharsets.UTF_8);
    }
}

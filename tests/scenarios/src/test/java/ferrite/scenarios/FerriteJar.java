package ferrite.scenarios;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;

/** The {@code ferrite} command as users have it: the runnable jar, on the JVM that runs the tests. */
public final class FerriteJar {

    private static final Path ROOT = Path.of("../..");
    private static final Path JAR = ROOT.resolve("devices/board/target/ferrite.jar");

    private static List<String> java;

    private FerriteJar() { }

    /** Starts {@code ferrite} with these arguments. */
    static Program start(Path directory, String... words) throws IOException {
        return Program.start(directory, command(words));
    }

    /** Runs {@code ferrite} to its end, with empty standard input. */
    static Program.Ended run(Path directory, String... words) throws IOException, InterruptedException {
        return start(directory, words).end();
    }

    /** Returns the words of the command line. */
    public static List<String> command(String... words) throws IOException {
        List<String> command = new ArrayList<>(java());
        command.addAll(List.of("-jar", path().toString()));
        command.addAll(List.of(words));
        return command;
    }

    /** Returns the jar's path. */
    static Path path() throws IOException {
        java();
        return JAR.toRealPath();
    }

    /**
     * Returns the JVM, with the compilers of the one that runs the tests. It reads the jar's classes from an archive:
     * half of a short run is their loading.
     */
    private static synchronized List<String> java() throws IOException {
        if (java == null) {
            needFreshJar();
            Path jar = JAR.toRealPath();
            Path jvm = Path.of(System.getProperty("java.home"), "bin", "java");
            Path archive = jar.resolveSibling("ferrite-" + Runtime.version() + ".jsa");
            if (!Files.exists(archive)
                    || Files.getLastModifiedTime(archive).compareTo(Files.getLastModifiedTime(jar)) < 0) {
                write(archive, jvm, jar);
            }
            List<String> words = new ArrayList<>(List.of(jvm.toString()));
            if (Files.exists(archive)) {
                words.add("-XX:SharedArchiveFile=" + archive);
            }
            ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                    .filter(option -> option.startsWith("-XX:TieredStopAtLevel=")).forEach(words::add);
            java = words;
        }
        return java;
    }

    /** Two JVMs may do this at once: each writes a file of its own and gives it the name. */
    private static void write(Path archive, Path jvm, Path jar) throws IOException {
        Path written = archive.resolveSibling(archive.getFileName() + "." + ProcessHandle.current().pid());
        Process process = new ProcessBuilder(jvm.toString(), "-XX:ArchiveClassesAtExit=" + written, "-jar",
                jar.toString(), "run", "--ram", "16M", "--debug", "0", "-c", "ls /dev")
                .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (Files.exists(written)) {
            Files.move(written, archive, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    /**
     * Skips the test if the jar does not hold the compiled classes, because the test would check an old command. File
     * times do not help: a compilation may write the same bytes again.
     */
    private static void needFreshJar() throws IOException {
        if (!Files.exists(JAR)) {
            Tools.skip("There is no " + JAR.normalize() + "; 'mvn verify' makes it before it runs this test.");
        }
        try (JarFile jar = new JarFile(JAR.toFile())) {
            for (String module : modules()) {
                Path classes = ROOT.resolve(module).resolve("target/classes");
                try (Stream<Path> files = Files.walk(classes.resolve("ferrite"))) {
                    for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                        if (!isIn(jar, classes.relativize(file).toString().replace('\\', '/'), file)) {
                            Tools.skip(JAR.normalize() + " does not match " + file.normalize()
                                    + "; 'mvn verify' rebuilds it before it runs this test.");
                        }
                    }
                }
            }
        }
    }

    /** Returns the folders of the modules that the jar is made of. */
    private static List<String> modules() throws IOException {
        return Pattern.compile("<module>(.*?)</module>").matcher(Files.readString(ROOT.resolve("pom.xml"))).results()
                .map(module -> module.group(1)).filter(module -> !module.startsWith("tests/")).toList();
    }

    private static boolean isIn(JarFile jar, String name, Path file) throws IOException {
        ZipEntry entry = jar.getEntry(name);
        if (entry == null || entry.getSize() != Files.size(file)) {
            return false;
        }
        CRC32 crc = new CRC32();
        crc.update(Files.readAllBytes(file));
        return entry.getCrc() == crc.getValue();
    }
}

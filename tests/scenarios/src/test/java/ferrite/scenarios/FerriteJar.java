package ferrite.scenarios;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;

/** The {@code ferrite} command as users have it: the runnable jar, on the JVM that runs the tests. */
public final class FerriteJar {

    private static final Path ROOT = Path.of("../..");
    private static final Path JAR = ROOT.resolve("devices/board/target/ferrite.jar");

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
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java")
                .toString(), "-jar", path().toString()));
        command.addAll(List.of(words));
        return command;
    }

    /** Returns the jar's path. */
    static Path path() throws IOException {
        needFreshJar();
        return JAR.toRealPath();
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
            for (String module : List.of("machine/hardware", "machine/debug-port", "machine/console", "kernel",
                    "devices/peripherals", "devices/board")) {
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

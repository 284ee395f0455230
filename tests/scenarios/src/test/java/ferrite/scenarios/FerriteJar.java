package ferrite.scenarios;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The {@code ferrite} command as users have it: the runnable jar, on the JVM that runs the tests. */
final class FerriteJar {

    private static final Path ROOT = Path.of("../..");
    private static final Path JAR = ROOT.resolve("devices/board/target/ferrite.jar");

    private FerriteJar() { }

    /** Starts {@code ferrite} with these words. */
    static Program start(Path directory, String... words) throws IOException {
        return Program.start(directory, command(words));
    }

    /** Runs {@code ferrite}, with nothing at standard input, to its end. */
    static Program.Ended run(Path directory, String... words) throws IOException, InterruptedException {
        return start(directory, words).end();
    }

    /** What has to be typed to run it. */
    static List<String> command(String... words) throws IOException {
        needFreshJar();
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-jar",
                JAR.toRealPath().toString()));
        command.addAll(List.of(words));
        return command;
    }

    /** A jar that is older than the classes would be a test of yesterday's command. */
    private static void needFreshJar() throws IOException {
        if (!Files.exists(JAR)) {
            Tools.skip("There is no " + JAR.normalize() + "; 'mvn verify' makes it before it runs this test.");
        }
        FileTime made = Files.getLastModifiedTime(JAR);
        for (String module : List.of("machine/hardware", "machine/debug-port", "machine/console", "kernel", "devices/peripherals", "devices/board")) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("target/classes"))) {
                for (Path file : (Iterable<Path>) files::iterator) {
                    if (Files.isRegularFile(file) && Files.getLastModifiedTime(file).compareTo(made) > 0) {
                        Tools.skip(JAR.normalize() + " is older than " + file.normalize() + "; 'mvn verify' makes it anew before it runs this test.");
                    }
                }
            }
        }
    }
}

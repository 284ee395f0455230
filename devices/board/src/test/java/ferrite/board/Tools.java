package ferrite.board;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** External programs that some tests need. */
public final class Tools {

    private Tools() { }

    /** Skips the test if one of these files of the host is no device, as in a container without {@code /dev}. */
    public static void requireDevices(String... names) {
        for (String name : names) {
            Path file = Path.of(name);
            if (!Files.exists(file) || Files.isRegularFile(file) || Files.isDirectory(file)) {
                abort("This test needs the device " + name + ", and on this host that is "
                        + (Files.exists(file) ? "no device." : "not there."));
            }
        }
    }

    /**
     * Runs a tool and returns its output on both streams. Skips the test if the tool is not on the PATH; fails it
     * instead if the environment has {@code FERRITE_TOOLS=required}, as in CI, so that no test is skipped there unseen.
     */
    public static String run(Path directory, String... command) throws IOException, InterruptedException {
        boolean there = Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .anyMatch(place -> Files.isExecutable(Path.of(place, command[0])));
        if (!there) {
            String message = "This test needs the program " + command[0]
                    + ", which is not on the PATH; install it to run the test.";
            if ("required".equals(System.getenv("FERRITE_TOOLS"))) {
                fail(message);
            }
            abort(message);
        }
        Process process = new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true).start();
        process.getOutputStream().close();
        try (InputStream output = process.getInputStream()) {
            String text = new String(output.readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                fail(String.join(" ", command) + " ended with status " + process.exitValue() + ":\n" + text);
            }
            return text;
        }
    }
}

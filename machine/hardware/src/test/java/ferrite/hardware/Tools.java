package ferrite.hardware;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** External programs that some tests need. */
public final class Tools {
    private static final int TIMEOUT_SECONDS = 60;

    private Tools() {
    }

    /**
     * Skips the test if the tool is not on the PATH. If the environment says {@code FERRITE_TOOLS=required}, as CI
     * does, the test fails instead, so that no test is skipped unnoticed.
     */
    public static void need(String tool) {
        if (isOnPath(tool)) {
            return;
        }
        String message = "This test needs the program " + tool
                + ", which is not on the PATH; install it to run the test.";
        if ("required".equals(System.getenv("FERRITE_TOOLS"))) {
            fail(message);
        }
        abort(message);
    }

    private static boolean isOnPath(String tool) {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, tool)));
    }

    /** Runs a tool to its end and returns its output from both streams. The test fails if the tool fails. */
    public static String run(Path directory, String... command) throws IOException, InterruptedException {
        Path output = Files.createTempFile(directory, "output", ".txt");
        Process process = new ProcessBuilder(command).directory(directory.toFile())
                .redirectErrorStream(true).redirectOutput(output.toFile()).start();
        if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            fail(command[0] + " did not end within " + TIMEOUT_SECONDS + " seconds");
        }
        String text = Files.readString(output, StandardCharsets.UTF_8);
        if (process.exitValue() != 0) {
            fail(String.join(" ", command) + " ended with status " + process.exitValue() + ":\n" + text);
        }
        return text;
    }
}

package ferrite.scenarios;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Host programs that some scenarios need. */
public final class Tools {

    private Tools() { }

    /**
     * Skips the test if the tool is not on the PATH. Fails it instead if the environment has {@code
     * FERRITE_TOOLS=required}, as CI does, so that no test is skipped there unseen.
     */
    public static void need(String tool) {
        boolean there = Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, tool)));
        if (!there) {
            skip("This test needs the program " + tool + ", which is not on the PATH; install it to run the test.");
        }
    }

    /** Skips the test, or fails it where no test may be skipped. */
    static void skip(String why) {
        if ("required".equals(System.getenv("FERRITE_TOOLS"))) {
            fail(why);
        }
        abort(why);
    }

    /** Runs a tool that must succeed. Returns its standard output. */
    static byte[] run(Path directory, String... command) throws IOException, InterruptedException {
        need(command[0]);
        Program.Ended ended = Program.start(directory, List.of(command)).end();
        if (ended.status() != 0) {
            fail(String.join(" ", command) + " ended with status " + ended.status() + ":\n" + ended.err());
        }
        return ended.bytes();
    }

    /** Runs a tool as {@link #run}, and returns its output as text. */
    static String text(Path directory, String... command) throws IOException, InterruptedException {
        return new String(run(directory, command), StandardCharsets.UTF_8);
    }

    /** Returns the digest of a file from the host's {@code sha256sum}. */
    static String sha256(Path file) throws IOException, InterruptedException {
        return text(file.getParent(), "sha256sum", file.getFileName().toString()).substring(0, 64);
    }
}

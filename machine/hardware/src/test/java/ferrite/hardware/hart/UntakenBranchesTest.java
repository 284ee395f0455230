package ferrite.hardware.hart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The JVM's compiler learns that untaken branches are taken some day. */
class UntakenBranchesTest {

    /** The JVM's PerMethodTrapLimit. */
    private static final int ENOUGH = 100;
    private static final int ROUNDS = 25;

    @TempDir
    private Path directory;

    /** The program of the JVM whose log is read. */
    public static void main(String[] arguments) {
        UntakenBranches branches = new UntakenBranches();
        for (int round = 0; round < ROUNDS; round++) {
            branches.prepare();
        }
        branches.surprise();
    }

    /** The JVM compiles in the foreground here, so the recursion is compiled in time on any host. */
    @Test
    void theBranchSurprisesTheCompilerOftenEnough() throws IOException, InterruptedException {
        assumeTrue(System.getProperty("java.vm.name").contains("HotSpot")
                || System.getProperty("java.vm.name").contains("OpenJDK"), "the log is that of HotSpot");
        Path log = directory.resolve("log");
        Process jvm = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xbatch", "-XX:+UnlockDiagnosticVMOptions", "-XX:+LogCompilation", "-XX:LogFile=" + log,
                "-cp", System.getProperty("java.class.path"), UntakenBranchesTest.class.getName())
                .redirectErrorStream(true).redirectOutput(directory.resolve("out").toFile()).start();
        assertThat(jvm.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(jvm.exitValue()).as(Files.readString(directory.resolve("out"))).isZero();
        try (Stream<String> lines = Files.lines(log)) {
            assertThat(lines.filter(line -> line.startsWith("<jvms") && line.contains("UntakenBranches look")).count())
                    .isGreaterThan(ENOUGH);
        }
    }
}

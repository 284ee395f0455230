package ferrite.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code ferrite run --json} as a script sees it: a process, its streams and its exit status. */
@Timeout(60)
class JsonCommandTest {

    @TempDir
    private Path directory;

    /** Runs the command with options for the JVM. */
    private Program.Ended ferrite(List<String> jvm, String... words) throws IOException, InterruptedException {
        List<String> command = FerriteJar.command(words);
        command.addAll(1, jvm);
        return Program.start(directory, command).end();
    }

    @Test
    void standardOutputIsLinesOfJsonAndStandardErrorIsEmpty() throws Exception {
        Program.Ended result = ferrite(List.of(), "run", "--json", "--ram", "64M", "-c",
                "echo hi > /dev/ttyS0; echo \"é\"; cat /none; ls /dev");
        assertThat(result.out()).startsWith("""
                {"command":"echo hi > /dev/ttyS0","status":0,"result":""}
                {"command":"echo \\"é\\"","status":0,"result":"é\\n"}
                {"command":"cat /none","status":1,"result":"","error":"cat: /none: No such file or directory\\n"}
                {"command":"ls /dev","status":0,"result":{"name":"ls","children":[{"name":"/dev","entries":["console",\
                """).endsWith("""
                ,"ttyS0","urandom","zero"]}]}}
                """);
        assertThat(result.out().lines()).hasSize(4);
        assertThat(result.err().replace("\r", "")).as("what left the serial line").isEqualTo("hi\n");
        assertThat(result.status()).isEqualTo(1);
    }

    @Test
    void aViolationIsAnExitStatusTooAndTheRunGoesOn() throws Exception {
        Path disk = Files.write(directory.resolve("disk"), new byte[4096]);
        Program.Ended result = ferrite(List.of(), "run", "--json", "--disk", disk.toString(), "-o",
                "disk.gfp=GFP_KERNEL", "-c", "sha256sum /dev/disk0; echo on");
        assertThat(result.out().lines()).hasSize(3).first().asString()
                .startsWith("{\"violation\":{\"rule\":\"dma-above-reach\",\"channel\":2,\"device\":\"disk0\",");
        assertThat(result.out()).endsWith("{\"command\":\"echo on\",\"status\":0,\"result\":\"on\\n\"}\n");
        assertThat(result.err()).isEmpty();
        assertThat(result.status()).isEqualTo(4);
    }

    @Test
    void aLargeFileIsADigestAndNeedsNoLargeHeap() throws Exception {
        Path disk = directory.resolve("disk");
        try (RandomAccessFile file = new RandomAccessFile(disk.toFile(), "rw")) {
            file.setLength(96 << 20);
        }
        Program.Ended result = ferrite(List.of("-Xmx72m"), "run", "--json", "--ram", "64M", "--disk", disk + ",ro",
                "-c", "cat /dev/disk0");
        assertThat(result.out()).matches("\\{\"command\":\"cat "
                + "/dev/disk0\",\"status\":0,\"result\":\\{\"bytes\":100663296,\"sha256\":\"[0-9a-f]{64}\"}}\n");
        assertThat(result.err()).isEmpty();
    }

    @Test
    void aRunWithoutJsonOrAPortLoadsNeitherJacksonNorNettyNorAPrompt() throws Exception {
        Program.Ended result = ferrite(List.of("-Xlog:class+load:file=" + directory.resolve("classes")),
                "run", "-c", "ls /dev");
        assertThat(result.status()).isZero();
        assertThat(Files.readString(directory.resolve("classes"))).contains("ferrite.board.session.Session ")
                .doesNotContain("com.fasterxml", "io.netty", "org.jline");
    }

    @Test
    void helpSaysWhatALineHoldsAndWhenItIsADigest() throws Exception {
        Program.Ended result = ferrite(List.of(), "run", "--help");
        assertThat(result.out()).contains("--json").contains("base64").contains("1 MiB");
        assertThat(result.status()).isZero();
    }
}

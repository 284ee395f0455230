package ferrite.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code ferrite demo}, a newcomer's first run. */
@Timeout(120)
class DemoTest {

    private static final Pattern HART = Pattern.compile("([0-3]): +(\\d+) interrupts, +(\\d+) k instructions");

    @TempDir
    private Path directory;

    private static void requireRightSummary(String out, String sha256) {
        assertThat(out).startsWith("ferrite 0.1  4 harts, 1024 MiB, seed 1\n")
                .containsPattern("zones +DMA +0 - +16 MiB").containsPattern("Normal +16 - +896 MiB")
                .containsPattern("HighMem +896 - 1024 MiB").containsPattern(
                        "buffers +\\d+ x \\d+ KiB in DMA, 0x00[0-9a-f]{2}_[0-9a-f]{4} - 0x00[0-9a-f]{2}_[0-9a-f]{4}\n")
                .contains(sha256 + "  through the DMA controller\n").contains(sha256 + "  of the file on this host\n")
                .contains("  the same.");
        Matcher harts = HART.matcher(out);
        for (int hart = 0; hart < 4; hart++) {
            assertThat(harts.find()).as("hart " + hart + " in\n" + out).isTrue();
            assertThat(harts.group(1)).isEqualTo(Integer.toString(hart));
            assertThat(Long.parseLong(harts.group(2))).as("interrupts").isPositive();
            assertThat(Long.parseLong(harts.group(3))).as("instructions").isPositive();
        }
    }

    @Test
    void withoutAFileItMakesASampleAndReadsItThroughTheDmaController() throws Exception {
        Program.Ended ended = FerriteJar.run(directory, "demo");
        assertThat(ended.status()).as(ended.err()).isZero();
        assertThat(ended.err()).isEmpty();
        Path sample = directory.resolve("target/sample.img");
        assertThat(sample).hasSize(8 << 20);
        requireRightSummary(ended.out(), Tools.sha256(sample));
        assertThat(ended.out()).contains("target/sample.img").containsPattern("transfers +128 of ").contains("100%");

        Matcher next = Pattern.compile("ferrite\\.jar (run .*)").matcher(ended.out());
        assertThat(next.find()).as("the next command to try").isTrue();
        String ferrite = String.join(" ", FerriteJar.command().stream().map(word -> "'" + word + "'").toList());
        assertThat(Program.start(directory, List.of("sh", "-c", ferrite + " " + next.group(1))).end().status())
                .isEqualTo(4);
    }

    @Test
    void aFileOfWholeSectorsIsReadAsItIs() throws Exception {
        Path file = Disks.random(directory, "whole.bin", 5 * Disks.PIECE + Disks.SECTOR, 1);
        Program.Ended ended = FerriteJar.run(directory, "demo", "whole.bin");
        assertThat(ended.status()).as(ended.err()).isZero();
        requireRightSummary(ended.out(), Tools.sha256(file));
        assertThat(directory.resolve("target")).doesNotExist();
    }

    @Test
    void aFileThatEndsInTheMiddleOfASectorIsPaddedInACopy() throws Exception {
        byte[] content = "odd".repeat(1001).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        Path file = Files.write(directory.resolve("odd.bin"), content);
        Program.Ended ended = FerriteJar.run(directory, "demo", "odd.bin");
        assertThat(ended.status()).as(ended.err()).isZero();
        assertThat(Files.readAllBytes(file)).isEqualTo(content);
        Path padded = directory.resolve("target/odd.bin.img");
        assertThat(Files.readAllBytes(padded)).isEqualTo(Arrays.copyOf(content, 3072));
        requireRightSummary(ended.out(), Tools.sha256(padded));
    }

    @Test
    void aFileThatIsNotThereIsUnusable() throws Exception {
        Program.Ended ended = FerriteJar.run(directory, "demo", "missing.bin");
        assertThat(ended.status()).isEqualTo(3);
        assertThat(ended.err()).isEqualTo("ferrite demo: missing.bin cannot be used: there is no such file\n");
        assertThat(ended.out()).isEmpty();
    }
}

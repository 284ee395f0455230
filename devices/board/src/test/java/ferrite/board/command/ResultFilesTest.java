package ferrite.board.command;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.Json;
import ferrite.board.command.ManyCommandLines.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files of a whole {@code ferrite run} or {@code ferrite boot}. */
class ResultFilesTest {

    @TempDir
    private Path directory;

    @Test
    void theFilesHaveTheReportOfStandardErrorAndItsLine() throws IOException, InterruptedException {
        Files.write(directory.resolve("a.img"), new byte[64 << 10]);
        Outcome outcome = ManyCommandLines.run(directory, List.of(List.of("run", "--ram", "64M", "--disk", "a.img",
                "-o", "disk.gfp=GFP_KERNEL", "--sarif", "a.sarif", "--junit", "a.xml", "-c",
                "sha256sum /dev/disk0"))).get(0);
        Matcher line = Pattern.compile("allocated at DiskDriver\\.java:([0-9]+) ").matcher(outcome.err());

        assertThat(outcome.status()).isEqualTo(4);
        assertThat(line.find()).as(outcome.err()).isTrue();
        String sarif = Files.readString(directory.resolve("a.sarif"));
        assertThat(Json.object(sarif)).containsEntry("version", "2.1.0");
        assertThat(sarif).containsPattern("\"startLine\" : " + line.group(1) + "\\b")
                .contains("\"exitCode\" : 4", "\"again\" : \"ferrite run --ram 64M --seed 1 --disk a.img "
                        + "-o disk.gfp=GFP_KERNEL -c 'sha256sum /dev/disk0'\"");
        assertThat(Files.readString(directory.resolve("a.xml"))).contains("failures=\"1\"")
                .contains("allocated at DiskDriver.java:" + line.group(1) + " ");
    }

    /** A machine without a kernel has two rules. */
    @Test
    void aBareProgramHasThemToo() throws IOException, InterruptedException {
        Files.write(directory.resolve("program.bin"), ReplayedBootTest.image());
        Outcome outcome = ManyCommandLines.run(directory, List.of(List.of("boot", "program.bin", "--board", "ferrite",
                "--ram", "48M", "--max-instructions", "5000", "--sarif", "a.sarif", "--junit", "a.xml"))).get(0);

        assertThat(outcome.err()).contains("violation dma-above-reach");
        assertThat(Files.readString(directory.resolve("a.sarif"))).contains("\"ruleId\" : \"dma-above-reach\"",
                "\"exitCode\" : 124", "\"again\" : \"ferrite boot program.bin --board ferrite");
        assertThat(Files.readString(directory.resolve("a.xml"))).contains("<testsuite name=\"ferrite boot\" tests=\"3\""
                + " failures=\"1\" errors=\"0\"", "<testcase name=\"device-misuse\" classname=\"ferrite.boot\"");
    }

    @Test
    void aRunWithoutViolationsReplacesTheFilesOfTheLastOne() throws IOException, InterruptedException {
        Files.writeString(directory.resolve("a.sarif"), "old");
        Files.writeString(directory.resolve("a.xml"), "old");
        Outcome outcome = ManyCommandLines.run(directory, List.of(List.of("run", "--ram", "64M", "--sarif", "a.sarif",
                "--junit", "a.xml", "-c", "echo text"))).get(0);

        assertThat(outcome).isEqualTo(new Outcome(0, "text\n", ""));
        assertThat(Files.readString(directory.resolve("a.sarif"))).contains("\"results\" : [ ]");
        assertThat(Files.readString(directory.resolve("a.xml"))).contains("failures=\"0\" errors=\"0\"")
                .doesNotContain("old");
    }
}

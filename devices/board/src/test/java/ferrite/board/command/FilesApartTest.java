package ferrite.board.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.board.Tools;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** A file that a run reads is not overwritten by what it writes. */
class FilesApartTest {

    @TempDir
    private Path directory;

    private void require(Object command, String... arguments) {
        FilesApart.require(new CommandLine(command).parseArgs(arguments));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--serial", "--sarif", "--junit"})
    void aDiskIsNotOverwritten(String option) throws Exception {
        Path disk = Files.write(directory.resolve("disk.img"), new byte[512]);
        Path link = Files.createSymbolicLink(directory.resolve("link"), disk);

        assertThatThrownBy(() -> require(new RunCommand(), "--disk", disk + ",ro", option, link.toString()))
                .hasMessageStartingWith(option + " " + link + ": --disk names the same file");
        assertThat(disk).hasSize(512);
    }

    @Test
    void twoResultsNeedTwoFiles() {
        String file = directory.resolve("results").toString();
        String again = directory.resolve("x/../results").toString();

        assertThatThrownBy(() -> require(new RunCommand(), "--sarif", file, "--junit", again))
                .hasMessageContaining("--sarif names the same file");
        assertThatCode(() -> require(new RunCommand(), "--sarif", file, "--junit", file + "2"))
                .doesNotThrowAnyException();
    }

    @Test
    void aBareProgramIsNotOverwritten() throws Exception {
        Path image = Files.write(directory.resolve("program.elf"), new byte[4]);

        assertThatThrownBy(() -> require(new BootCommand(), image.toString(), "--serial", image.toString()))
                .hasMessageContaining("IMAGE names the same file");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--serial", "--schedule", "--profile"})
    void aCaptureThatIsReceivedIsNotOverwritten(String option) throws Exception {
        Path capture = Files.write(directory.resolve("in.pcap"), new byte[24]);
        String image = Files.write(directory.resolve("program.elf"), new byte[4]).toString();

        assertThatThrownBy(() -> require(new BootCommand(), image, "--net", "first=1,in=" + capture, option,
                capture.toString())).hasMessageContaining("--net names the same file");
        assertThatThrownBy(() -> require(new BootCommand(), image, "--net", "in=" + capture + ",out=" + capture))
                .hasMessageStartingWith("--net " + capture + ": --net names the same file");
        assertThatCode(() -> require(new BootCommand(), image, "--net", "in=" + capture + ",out=" + capture + "2"))
                .doesNotThrowAnyException();
    }

    @Test
    void theFileOfASnapshotIsNoOther() {
        String snapshot = directory.resolve("a,b.snap").toString();
        assertThatThrownBy(() -> require(new BootCommand(), "--sarif", snapshot, "--snapshot-at", "5," + snapshot))
                .hasMessageContaining("--sarif names the same file");
        assertThatThrownBy(() -> require(new BootCommand(), snapshot, "--snapshot-at", "5," + snapshot))
                .hasMessageContaining("IMAGE names the same file");
        assertThatCode(() -> require(new BootCommand(), "5", "--snapshot-at", "5," + snapshot))
                .doesNotThrowAnyException();
    }

    @Test
    void aDeviceMayBeNamedTwice() {
        Tools.requireDevices("/dev/null");
        assertThatCode(() -> require(new RunCommand(), "--sarif", "/dev/null", "--junit", "/dev/null"))
                .doesNotThrowAnyException();
    }
}

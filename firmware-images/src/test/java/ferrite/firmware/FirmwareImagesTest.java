package ferrite.firmware;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FirmwareImagesTest {
    private static final int ROM_START = 0xF000_0000;
    private static final int ROM_BYTES = 4096;
    private static final String COMPILER = "riscv64-unknown-elf-gcc";

    private final ByteBuffer boot = ByteBuffer.wrap(FirmwareImages.boot()).order(ByteOrder.LITTLE_ENDIAN);

    @Test
    void theBootRomIsARiscVElfFileThatStartsAtTheFirstByteOfTheRom() {
        assertThat(boot.getInt(0)).isEqualTo(0x464c457f);
        assertThat(boot.getShort(18)).as("e_machine").isEqualTo((short) 243);
        assertThat(boot.getInt(24)).as("e_entry").isEqualTo(ROM_START);
    }

    @Test
    void itsOneSegmentLiesInTheRom() {
        int programHeader = boot.getInt(28);

        assertThat(boot.getShort(44)).as("e_phnum").isEqualTo((short) 1);
        assertThat(boot.getInt(programHeader + 12)).as("p_paddr").isEqualTo(ROM_START);
        assertThat(boot.getInt(programHeader + 20)).as("p_memsz").isBetween(0xf08, ROM_BYTES);
    }

    /** These limits protect the readers' time. Raise them only for a good reason. */
    @Test
    void theSbiFirmwareIsSmallEnoughToReadInOneSitting() throws IOException {
        ByteBuffer sbi = ByteBuffer.wrap(FirmwareImages.sbi()).order(ByteOrder.LITTLE_ENDIAN);
        int programHeader = sbi.getInt(28);
        assertThat(sbi.getShort(44)).as("e_phnum").isEqualTo((short) 1);
        assertThat(sbi.getInt(24)).as("e_entry").isEqualTo(0x8000_0000);
        assertThat(sbi.getInt(programHeader + 12)).as("p_paddr").isEqualTo(0x8000_0000);
        assertThat(sbi.getInt(programHeader + 16)).as("bytes of code and constants").isBetween(1024, 8192);
        assertThat(sbi.getInt(programHeader + 20)).as("bytes in memory").isLessThanOrEqualTo(48 << 10);
        long lines = 0;
        try (Stream<Path> sources = Files.list(Path.of("sbi"))) {
            for (Path source : (Iterable<Path>) sources::iterator) {
                lines += Files.readAllLines(source).size();
            }
        }
        assertThat(lines).as("lines of source").isBetween(500L, 1200L);
    }

    @Test
    void theCommittedImagesAreWhatTheirSourcesBuildTo() throws IOException, InterruptedException {
        need(COMPILER);
        Process check = new ProcessBuilder("bash", "./build", "--check").redirectErrorStream(true).start();
        String output = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(check.waitFor()).as(output).isZero();
    }

    /** Skips a test if its tool is missing, or fails it if the environment has {@code FERRITE_TOOLS=required}. */
    private static void need(String tool) {
        boolean present = Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, tool)));
        if (present) {
            return;
        }
        String message = "This test needs the program " + tool
                + ", which is not on the PATH; install it to run the test.";
        if ("required".equals(System.getenv("FERRITE_TOOLS"))) {
            fail(message);
        }
        abort(message);
    }
}

package ferrite.scenarios;

import static ferrite.testkit.MachineAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.options.BoardOptions;
import ferrite.hardware.dma.DmaPolicy;
import ferrite.hardware.report.Hex;
import ferrite.hardware.report.Violation;
import ferrite.testkit.Machine;
import ferrite.testkit.MachineRun;
import ferrite.testkit.Machines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A driver takes its DMA buffers from the wrong zone. The report leads to the line. */
@Machine(parameters = "disk.gfp=GFP_KERNEL")
@Timeout(120)
class DmaZoneViolationTest {

    private static final Path DRIVER =
            Path.of("../../devices/peripherals/src/main/java/ferrite/peripherals/disk/DiskDriver.java");
    private static final long LINEAR_MAP = 0xc000_0000L;
    private static final long REACH = 16L << 20;

    @TempDir
    private Path directory;

    private static String lineOf(String code) throws IOException {
        List<String> lines = Files.readAllLines(DRIVER);
        List<Integer> found = java.util.stream.IntStream.range(0, lines.size())
                .filter(i -> lines.get(i).contains(code)).boxed().toList();
        assertThat(found).as("lines of DiskDriver with " + code).hasSize(1);
        return "DiskDriver.java:" + (found.get(0) + 1);
    }

    /** Returns the machine of this class, for a run that reports an exit status. */
    private static BoardOptions wrongZone(Path disk) {
        return new BoardOptions().disk(disk).parameter("disk.gfp", "GFP_KERNEL");
    }

    @Test
    void theCommandEndsWithStatusFourAndAReportThatNamesEverything() throws Exception {
        Disks.random(directory, "sample.img", 2 * Disks.PIECE, 1);
        Program.Ended ended = FerriteJar.run(directory, "run", "--disk", "sample.img", "-o", "disk.gfp=GFP_KERNEL",
                "-c", "sha256sum /dev/disk0; echo still here");
        assertThat(ended.status()).isEqualTo(4);
        assertThat(ended.out()).isEqualTo("still here\n");

        Matcher buffer =
                Pattern.compile("buffer +0x([0-9a-f]{4})_([0-9a-f]{4}) \\(physical 0x([0-9a-f]{4})_([0-9a-f]{4})\\)")
                .matcher(ended.err());
        assertThat(buffer.find()).as(ended.err()).isTrue();
        long va = Long.parseLong(buffer.group(1) + buffer.group(2), 16);
        long pa = Long.parseLong(buffer.group(3) + buffer.group(4), 16);
        assertThat(va).isEqualTo(pa + LINEAR_MAP);
        assertThat(pa).isBetween(REACH, 896L << 20);
        assertThat(ended.err()).startsWith("violation dma-above-reach: channel 2 ")
                .contains("disk0 tried to write 65536 bytes to memory at " + Hex.grouped(pa))
                .contains("64 KiB, order 4, zone Normal")
                .contains("allocated at " + lineOf("kernel.__getFreePages(") + " by task ")
                .contains("'sha256sum' on hart ").contains(" with GFP_KERNEL, ")
                .contains("set up at " + lineOf("kernel.enableDma("))
                .contains("would drop the upper bits and write to " + Hex.grouped(pa & REACH - 1))
                .contains("instead   ask for GFP_KERNEL|GFP_DMA")
                .contains("sha256sum: /dev/disk0: Input/output error\n")
                .doesNotContain("\tat ");
    }

    @Test
    void theReplayLineOfAReportDoesTheSameRunAgain() throws Exception {
        Path disk = Disks.random(directory, "it's a disk.img", Disks.PIECE, 1);
        Program.Ended first = FerriteJar.run(directory, "run", "--harts", "2", "--interleaving",
                "random", "--seed", "77", "--disk", disk.getFileName().toString(), "-odisk.gfp=GFP_KERNEL", "-c",
                "echo \"a  b\" '$HOME'; sha256sum /dev/disk0; digest");
        Matcher again = Pattern.compile("again +ferrite (.*)").matcher(first.err());
        assertThat(again.find()).as(first.err()).isTrue();
        String ferrite = String.join(" ", FerriteJar.command().stream().map(word -> "'" + word + "'").toList());
        Program.Ended second = Program.start(directory, List.of("sh", "-c", ferrite + " " + again.group(1))).end();
        assertThat(second.status()).isEqualTo(4).isEqualTo(first.status());
        assertThat(second.out()).isEqualTo(first.out()).startsWith("a  b $HOME\n").contains("schedule ");
        assertThat(second.err()).isEqualTo(first.err());
    }

    @Test
    void theMachineRunsOnAfterAViolation(Machines machines) throws IOException {
        Path disk = Disks.random(directory, Disks.PIECE);
        MachineRun run = machines.boot(options -> options.disk(disk));
        run.type("sha256sum /dev/disk0", "cat /proc/dma", "sha256sum /dev/disk0", "ps");
        assertThat(run.out()).startsWith(" 2: disk\n 4: cascade\n").contains("COMMAND").contains(" ps\n")
                .doesNotContain("/dev/disk0");
        assertThat(run.failedCommands()).isEqualTo(2);
        assertThat(run).hasViolation("dma-above-reach").hasNoLeaks();
        assertThat(run.violations()).hasSize(2);
    }

    @Test
    void theSameMistakeIsExplainedOnceAndCounted() throws IOException {
        Path disk = Disks.random(directory, Disks.PIECE);
        Run run = Run.of(wrongZone(disk), "cat /dev/disk0", "cat /dev/disk0", "cat /dev/disk0");
        assertThat(run.status()).isEqualTo(4);
        assertThat(run.err()).containsOnlyOnce("violation dma-above-reach: channel 2 was given")
                .contains(": 2 more like the one explained above\n");
    }

    @Test
    void whatTheReportSaysOfTheBufferIsWhatTheMachineHas(Machines machines) throws IOException {
        Path disk = Disks.random(directory, Disks.PIECE);
        MachineRun run = machines.boot(options -> options.disk(disk).harts(1));
        run.type("sha256sum /dev/disk0");
        Violation violation = run.violations().get(0);
        long pa = violation.fact("pa").number();
        assertThat(violation.rule()).isEqualTo("dma-above-reach");
        assertThat(violation.fact("channel").number()).isEqualTo(2);
        assertThat(violation.fact("device").text()).isEqualTo("disk0");
        assertThat(violation.line("what")).contains(" " + Disks.PIECE + " bytes ");
        assertThat(violation.fact("wrapped_pa").number()).isEqualTo(pa & REACH - 1);
        assertThat(violation.fact("zone").text()).isEqualTo("Normal");
        assertThat(violation.line("buffer")).contains("order 4");
        long va = Long.decode(violation.fact("va").text());
        assertThat(va).isEqualTo(pa + LINEAR_MAP);
        assertThat(run.board().machine().peek(0).translate(va)).isEqualTo(pa);
        assertThat(violation.lines()).anyMatch(line -> line.text().contains("'sha256sum'"));
        assertThat(violation.fact("site").text()).isEqualTo(lineOf("kernel.__getFreePages("));
        assertThat(violation.when().hart()).isZero();
    }

    @Test
    void wrappingMovesTheBytesToTheTruncatedAddress(Machines machines) throws Exception {
        Path disk = Disks.random(directory, 3 * Disks.PIECE);
        byte[] content = Files.readAllBytes(disk);
        MachineRun run = machines.boot(options -> options.disk(disk).dma(DmaPolicy.WRAP));
        run.type("sha256sum /dev/disk0");
        assertThat(run.out()).matches("[0-9a-f]{64}  /dev/disk0\n").doesNotContain(Tools.sha256(disk));
        assertThat(run.violations()).hasSize(3);
        long asked = run.violations().get(2).fact("pa").number();
        long wrapped = run.violations().get(2).fact("wrapped_pa").number();
        assertThat(wrapped).isEqualTo(asked & REACH - 1).isNotEqualTo(asked);
        byte[] there = new byte[Disks.PIECE];
        run.board().machine().bus().peek(wrapped, there, 0, there.length);
        assertThat(there).isEqualTo(Arrays.copyOfRange(content, 2 * Disks.PIECE, 3 * Disks.PIECE));
        run.board().machine().bus().peek(asked, there, 0, there.length);
        assertThat(there).isNotEqualTo(Arrays.copyOfRange(content, 2 * Disks.PIECE, 3 * Disks.PIECE));
    }

    @Test
    void wrappingStillEndsWithStatusFourAndNamesTheTruncatedAddress() throws IOException {
        Path disk = Disks.random(directory, Disks.PIECE);
        Run run = Run.of(wrongZone(disk).dma(DmaPolicy.WRAP), "sha256sum /dev/disk0");
        assertThat(run.status()).isEqualTo(4);
        Matcher asked = Pattern.compile("to memory at 0x..([0-9a-f]{2})_([0-9a-f]{4});").matcher(run.err());
        assertThat(asked.find()).as(run.err()).isTrue();
        assertThat(run.err()).contains("write to 0x00" + asked.group(1) + "_" + asked.group(2) + ", ");
    }

    @Test
    void withSixteenMebibytesAnyZoneIsWithinReach(Machines machines) throws Exception {
        Path disk = Disks.random(directory, Disks.PIECE);
        MachineRun run = machines.boot(options -> options.disk(disk).ram(REACH));
        run.type("sha256sum /dev/disk0");
        assertThat(run.out()).isEqualTo(Tools.sha256(disk) + "  /dev/disk0\n");
        assertThat(run).hasNoViolations().hasNoLeaks();
    }

    @ParameterizedTest
    @ValueSource(strings = {"GFP_DMA", "GFP_KERNEL|GFP_DMA", "GFP_ATOMIC|__GFP_DMA", "__GFP_ZERO|GFP_DMA"})
    void everyFlagThatKeepsToTheDmaZoneIsFine(String flags, Machines machines) throws Exception {
        Path disk = Disks.random(directory, Disks.PIECE);
        MachineRun run = machines.boot(options -> options.disk(disk).parameter("disk.gfp", flags));
        run.type("sha256sum /dev/disk0");
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).isEqualTo(Tools.sha256(disk) + "  /dev/disk0\n");
        assertThat(run).hasNoViolations().hasNoLeaks();
    }

    @ParameterizedTest
    @ValueSource(strings = {"GFP_ATOMIC", "GFP_KERNEL|__GFP_ZERO"})
    void theReportNamesTheFlagsThatWereAskedForAndTheOnesThatWouldBeRight(String flags) throws IOException {
        Path disk = Disks.random(directory, Disks.PIECE);
        Run run = Run.of(new BoardOptions().disk(disk).parameter("disk.gfp", flags), "sha256sum /dev/disk0");
        assertThat(run.status()).isEqualTo(4);
        assertThat(run.err()).contains(" with " + flags + ", ");
        Matcher instead = Pattern.compile("instead +ask for ([A-Z_|]+)").matcher(run.err());
        assertThat(instead.find()).as(run.err()).isTrue();
        Run right = Run.of(new BoardOptions().disk(disk).parameter("disk.gfp", instead.group(1)),
                "sha256sum /dev/disk0");
        assertThat(right.status()).isZero();
    }

    @Test
    void withoutOwnersTheReportStillNamesTheAddressAndTheZone() throws IOException {
        Path disk = Disks.random(directory, Disks.PIECE);
        Run run = Run.of(wrongZone(disk).owners(false), "sha256sum /dev/disk0");
        assertThat(run.status()).isEqualTo(4);
        assertThat(run.err()).contains("violation dma-above-reach").contains("zone Normal").contains("instead ")
                .doesNotContain("DiskDriver.java");
    }
}

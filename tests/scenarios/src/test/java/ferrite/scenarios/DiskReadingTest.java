package ferrite.scenarios;

import static ferrite.testkit.MachineAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.Seed;
import ferrite.hardware.turn.Interleavings;
import ferrite.testkit.Machine;
import ferrite.testkit.MachineRun;
import ferrite.testkit.Machines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The machine reads a disk through its DMA controller, and the host's own tools read the same bytes. */
@Machine
@Timeout(120)
class DiskReadingTest {

    private static final long MIB = 1 << 20;

    @TempDir
    private static Path directory;

    @ParameterizedTest
    @CsvSource({
        "512, 1, 8", "512, 4, 1024", "512, 8, 3840",
        "65024, 4, 32", "65536, 1, 16", "66048, 8, 64",
        "65024, 1, 3840", "66048, 4, 3072",
        "1048576, 4, 32", "1049088, 8, 8",
        "8388608, 1, 1024", "8388608, 8, 3840"})
    void sha256sumIsTheHosts(int bytes, int harts, int ramMebibytes, Machines machines) throws Exception {
        Path disk = Disks.random(directory, bytes);
        MachineRun run = machines.boot(options -> options.readOnlyDisk(disk).harts(harts).ram(ramMebibytes * MIB));
        run.type("sha256sum /dev/disk0");
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).isEqualTo(Tools.sha256(disk) + "  /dev/disk0\n");
        assertThat(run.failedCommands()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"1, RR", "4, RANDOM", "8, PCT"})
    void everyNumberOfReadersGetsTheSameDigest(int harts, Interleavings interleaving, Machines machines)
            throws Exception {
        Path disk = Disks.random(directory, 9 * Disks.PIECE + 3 * Disks.SECTOR);
        String[] commands = java.util.stream.IntStream.rangeClosed(1, 8)
                .mapToObj(tasks -> "sha256sum -j " + tasks + " /dev/disk0").toArray(String[]::new);
        MachineRun run = machines.boot(options -> options.readOnlyDisk(disk).harts(harts)
                .interleaving(interleaving).ram(64 * MIB));
        run.type(commands);
        assertThat(run.out()).isEqualTo((Tools.sha256(disk) + "  /dev/disk0\n").repeat(8));
        assertThat(run.failedCommands()).isZero();
    }

    @Test
    @Machine(interleaving = Interleavings.RANDOM)
    void twoDisksReadAtOnceThroughOneChannelKeepApart(Machines machines) throws Exception {
        Path first = Disks.random(directory, "first.img", 6 * Disks.PIECE, 1);
        Path second = Disks.random(directory, "second.img", 4 * Disks.PIECE + Disks.SECTOR, 2);
        MachineRun run = machines.boot(options -> options.readOnlyDisk(first).readOnlyDisk(second));
        run.type("sha256sum /dev/disk0 &", "sha256sum /dev/disk1 &", "sha256sum /dev/disk1 &", "wait",
                "ls /dev/disk0 /dev/disk1", "ls /dev/disk2");
        assertThat(run.out().lines().limit(3)).containsExactlyInAnyOrder(Tools.sha256(first) + "  /dev/disk0",
                Tools.sha256(second) + "  /dev/disk1", Tools.sha256(second) + "  /dev/disk1");
        assertThat(run.out()).endsWith("/dev/disk0\n/dev/disk1\n");
        assertThat(run.failedCommands()).as("there is no third disk").isEqualTo(1);
    }

    @Test
    void catGivesTheFileByteForByte(Machines machines) throws IOException {
        byte[] all = new byte[3 * 256 * Disks.SECTOR];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) (i ^ i >> 8);
        }
        Path disk = Files.write(directory.resolve("all-bytes.img"), all);
        byte[] bytes = machines.boot(options -> options.readOnlyDisk(disk))
                .type("cat /dev/disk0", "cat /dev/disk0 /dev/disk0").bytes();
        assertThat(bytes).hasSize(3 * all.length);
        for (int copy = 0; copy < 3; copy++) {
            assertThat(Arrays.copyOfRange(bytes, copy * all.length, (copy + 1) * all.length)).isEqualTo(all);
        }
    }

    @Test
    @Machine(ram = "16M")
    void ddCutsOutTheBytesThatTheHostsCutsOut(Machines machines) throws Exception {
        Tools.need("dd");
        int bytes = 3 * Disks.PIECE + Disks.SECTOR;
        Path disk = Disks.random(directory, bytes);
        Seed seed = Seed.fresh();
        Random random = seed.random(0);
        List<String> operands = new ArrayList<>(List.of("", "count=0", "bs=1 count=1 skip=" + (bytes - 1), "bs=64K",
                "bs=65537", "bs=" + bytes, "bs=" + (bytes + 1),
                "skip=385 count=1", "bs=100k skip=1", "bs=1kB count=2 skip=64"));
        for (int i = 0; i < 25; i++) {
            int block = 1 + random.nextInt(random.nextBoolean() ? 1500 : 100_000);
            operands.add("bs=" + block + " skip=" + random.nextInt(bytes / block + 1)
                    + " count=" + random.nextInt(Math.min(200, bytes / block + 2)));
        }
        MachineRun run = machines.boot(options -> options.readOnlyDisk(disk));
        for (String operand : operands) {
            List<String> host = new ArrayList<>(List.of("env", "LC_ALL=C", "dd", "if=" + disk));
            host.addAll(Arrays.stream(operand.split(" ")).filter(word -> !word.isEmpty()).toList());
            Program.Ended expected = Program.start(directory, host).end();
            run.forgetOutput().type("dd if=/dev/disk0 " + operand);
            assertThat(run.bytes()).as(seed.replay(operand)).isEqualTo(expected.bytes());
            assertThat(run.err().lines().filter(line -> line.contains("records"))).as(seed.replay(operand))
                    .isEqualTo(records(expected.err()));
            assertThat(run.err().contains("cannot skip to specified offset")).as(seed.replay(operand))
                    .isEqualTo(expected.err().contains("cannot skip to specified offset"));
        }
        assertThat(run.failedCommands()).isZero();
    }

    /** Returns the lines with the counts. GNU prints a remark about a skip past the end before them. */
    private static List<String> records(String err) {
        return err.lines().filter(line -> line.matches("[0-9]+\\+[0-9]+ records (in|out)")).toList();
    }

    @Test
    void hexdumpShowsWhatTheHostsShows(Machines machines) throws Exception {
        byte[] content = new byte[40 * Disks.SECTOR];
        new Random(3).nextBytes(content);
        Arrays.fill(content, 1000, 6000, (byte) 0);
        Arrays.fill(content, 8192, 8192 + 16, (byte) 'x');
        Arrays.fill(content, 8192 + 16, 8192 + 48, (byte) 'y');
        Arrays.fill(content, content.length - 100, content.length, (byte) 0xff);
        for (int i = 0; i < 256; i++) {
            content[512 + i] = (byte) i;
        }
        Path disk = Files.write(directory.resolve("dump.img"), content);
        Path zeros = Files.write(directory.resolve("zeros.img"), new byte[2 * Disks.PIECE + Disks.SECTOR]);
        MachineRun run = machines.boot(options -> options.readOnlyDisk(disk).readOnlyDisk(zeros));
        assertThat(run.type("hexdump -C /dev/disk0").out())
                .isEqualTo(Tools.text(directory, "hexdump", "-C", disk.toString()));
        assertThat(run.forgetOutput().type("hexdump -C /dev/disk1").out())
                .isEqualTo(Tools.text(directory, "hexdump", "-C", zeros.toString())).hasLineCount(3);
    }

    @Test
    void aDiskThatIsDeletedWhileInUseIsAnErrorOfTheGuestAndNoMore(Machines machines) throws Exception {
        Path disk = Disks.random(directory, "deleted.img", 4 * Disks.PIECE, 4);
        Path other = Disks.random(directory, "other.img", Disks.PIECE, 5);
        MachineRun run = machines.boot(options -> options.readOnlyDisk(disk).readOnlyDisk(other));
        run.type("sha256sum /dev/disk0");
        assertThat(run.out()).isEqualTo(Tools.sha256(disk) + "  /dev/disk0\n");
        Files.delete(disk);
        run.forgetOutput().type("sha256sum /dev/disk0", "dd if=/dev/disk0 count=1", "sha256sum /dev/disk1");
        assertThat(run.err()).contains("sha256sum: /dev/disk0: Input/output error\n")
                .contains("dd: error reading '/dev/disk0': Input/output error\n");
        assertThat(run.out()).isEqualTo(Tools.sha256(other) + "  /dev/disk1\n");
        assertThat(run.failedCommands()).isEqualTo(2);
        run.forgetOutput().type("dmesg");
        assertThat(run.out()).contains("disk0: request at sector 0 failed");
    }

    @Test
    void aDiskThatIsCutShortWhileInUseIsAnErrorOfTheGuestAndNoMore(Machines machines) throws Exception {
        Path disk = Disks.random(directory, "cut.img", 4 * Disks.PIECE, 4);
        MachineRun run = machines.boot(options -> options.readOnlyDisk(disk));
        try (var channel = java.nio.channels.FileChannel.open(disk, java.nio.file.StandardOpenOption.WRITE)) {
            channel.truncate(3 * Disks.PIECE);
        }
        run.type("sha256sum /dev/disk0", "sha256sum -j 4 /dev/disk0", "echo on");
        assertThat(run.err()).isEqualTo("sha256sum: /dev/disk0: Input/output error\n".repeat(2));
        assertThat(run.out()).isEqualTo("on\n");
        assertThat(run.failedCommands()).isEqualTo(2);
    }

    @Test
    void noRequestLeavesAnythingBehind(Machines machines) throws IOException {
        Path disk = Disks.random(directory, "left.img", 4 * Disks.PIECE, 4);
        MachineRun run = machines.boot(options -> options.readOnlyDisk(disk));
        run.type("sha256sum /dev/disk0", "sha256sum -j 8 /dev/disk0", "hexdump -C /dev/disk0", "cat /dev/disk0 &",
                "dd if=/dev/disk0 bs=1000 &", "wait");
        Files.delete(disk);
        run.type("sha256sum /dev/disk0", "sha256sum -j 8 /dev/disk0", "dd if=/dev/disk0");
        assertThat(run).hasNoViolations().hasNoLeaks();
    }
}

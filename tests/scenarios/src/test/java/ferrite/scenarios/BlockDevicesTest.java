package ferrite.scenarios;

import static ferrite.testkit.MachineAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.options.BoardOptions;
import ferrite.hardware.turn.Interleavings;
import ferrite.testkit.Machine;
import ferrite.testkit.MachineRun;
import ferrite.testkit.Machines;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Disks behind the block layer: file systems of the host's tools, and read-ahead. */
@Machine(ram = "64M", harts = 4)
@Timeout(60)
class BlockDevicesTest {

    private static final int BYTES = 3 << 20;
    private static final int FILE_BYTES = 2_000_001;

    @TempDir
    private Path directory;

    private Path empty(String name) throws Exception {
        return Files.write(directory.resolve(name), new byte[BYTES]);
    }

    /** Makes a file system with a large file, and a small one in a directory. */
    private Path ext4(Path large) throws Exception {
        Path image = empty("image");
        Path small = Files.writeString(directory.resolve("small"), "a small file\n");
        Tools.run(directory, "mkfs.ext4", "-q", "-F", "-b", "1024", "-O", "^has_journal", image.toString());
        Path script = Files.writeString(directory.resolve("script"),
                "write " + large + " large\nmkdir dir\ncd dir\nwrite " + small + " small\n");
        Tools.run(directory, "debugfs", "-w", "-f", script.toString(), image.toString());
        return image;
    }

    /** Each copy is read through one driver and written through the other, at the same time. */
    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void anExt4ImageThatWasCopiedThroughBothDriversIsReadByTheHost(Interleavings interleaving, Machines machines)
            throws Exception {
        Tools.need("mkfs.ext4");
        Tools.need("debugfs");
        Path large = Disks.random(directory, FILE_BYTES);
        Path image = ext4(large);
        Path first = empty("first");
        Path second = empty("second");
        MachineRun run = machines.boot(options -> options.readOnlyDisk(image).disk(first)
                .virtioDisk(new BoardOptions.DiskFile(image, true)).virtioDisk(second).interleaving(interleaving));
        run.type("dd if=/dev/vda of=/dev/disk1 bs=60000 &", "dd if=/dev/disk0 of=/dev/vdb bs=64K &", "wait",
                "sha256sum /dev/disk1 /dev/vdb");
        assertThat(run.out()).isEqualTo(Tools.sha256(image) + "  /dev/disk1\n" + Tools.sha256(image) + "  /dev/vdb\n");
        for (Path copy : new Path[] {first, second}) {
            Path dumped = directory.resolve("dumped");
            Tools.run(directory, "debugfs", "-R", "dump large " + dumped, copy.toString());
            assertThat(dumped).hasSameBinaryContentAs(large);
            assertThat(Tools.text(directory, "debugfs", "-R", "cat dir/small", copy.toString()))
                    .isEqualTo("a small file\n");
        }
        assertThat(run).hasNoViolations().hasNoLeaks();
    }

    /** The first column of the file is the number of reads, the third one that of sectors. */
    @Test
    void readAheadIsSetForADriverAndAtRunTime(Machines machines) throws Exception {
        Path disk = Disks.random(directory, 64 * 4096);
        MachineRun run = machines.boot(options -> options.readOnlyDisk(disk).parameter("disk.readahead", "0")
                .virtioDisk(new BoardOptions.DiskFile(disk, true)));
        run.type("dd if=/dev/disk0 of=/dev/null bs=4K", "cat /sys/block/disk0/stat",
                "echo 128 > /sys/block/disk0/queue/read_ahead_kb", "dd if=/dev/disk0 of=/dev/null bs=4K",
                "cat /sys/block/disk0/stat");
        assertThat(run.out().lines()).satisfiesExactly(line -> assertThat(line).startsWith("64 0 512 "),
                line -> assertThat(line).matches("(6[5-9]|7[0-6]) [0-9]+ 1024 .*"));
        run.forgetOutput().type("dd if=/dev/vda of=/dev/null bs=4K", "cat /sys/block/vda/stat",
                "echo 0 > /sys/block/vda/queue/read_ahead_kb", "cat /sys/block/vda/queue/read_ahead_kb",
                "dd if=/dev/vda of=/dev/null bs=4K", "cat /proc/diskstats",
                "echo x > /sys/block/vda/queue/read_ahead_kb");
        assertThat(run.out().lines()).satisfiesExactly(line -> assertThat(line).matches("([1-9]|1[0-2]) [0-9]+ 512 .*"),
                line -> assertThat(line).isEqualTo("0"), line -> assertThat(line).contains(" disk0 "),
                line -> assertThat(line).matches(" 25[0-9] +0 vda (6[5-9]|7[0-6]) [0-9]+ 1024 .*"));
        assertThat(run.err()).contains("Invalid argument");
        assertThat(run).hasNoViolations().hasNoLeaks();
    }
}

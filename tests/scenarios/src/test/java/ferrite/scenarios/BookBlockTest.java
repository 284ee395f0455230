package ferrite.scenarios;

import static ferrite.testkit.MachineAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.kernel.base.Gfp;
import ferrite.kernel.block.BlkIoctl;
import ferrite.kernel.block.HdGeometryLayout;
import ferrite.kernel.fs.Fcntl;
import ferrite.testkit.Machine;
import ferrite.testkit.MachineRun;
import ferrite.testkit.Machines;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code sbull} (LDD3 chapter 16): disks in memory. */
@Machine(ram = "64M", harts = 4)
@Timeout(60)
class BookBlockTest {

    private static final int BYTES = 512 << 10;

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"request_mode=0", "request_mode=1 kmalloc=1", "request_mode=2"})
    void theBytesOfManyTasksArriveAndAreGoneAfterHalfAMinute(String parameters, Machines machines) throws Exception {
        Path disk = Disks.random(directory, BYTES);
        MachineRun run = machines.boot(options -> options.readOnlyDisk(disk));
        run.type("insmod sbull ndevices=2 " + parameters, "sleep 2 < /dev/sbulla &",
                "dd if=/dev/disk0 of=/dev/sbulla bs=5000 count=50 &",
                "dd if=/dev/disk0 of=/dev/sbulla bs=5000 skip=50 seek=50 &", "cp /dev/disk0 /dev/sbullb &",
                "rmmod sbull", "wait", "sha256sum -j 3 /dev/sbulla", "sha256sum /dev/sbullb", "ls -l /dev/sbullb");
        String digest = Tools.sha256(disk);
        assertThat(run.out()).isEqualTo(digest + "  /dev/sbulla\n" + digest + "  /dev/sbullb\n"
                + "brw-rw---- 1 root root 253,  16 /dev/sbullb\n");
        assertThat(run.err()).contains("rmmod: ERROR: Module sbull is in use: ");
        run.forgetOutput().type("sleep 31", "dd if=/dev/sbulla bs=8 count=1 | hexdump -C", "rmmod sbull", "lsmod",
                "cat /proc/partitions");
        assertThat(run.out()).startsWith("00000000  00 00 00 00 00 00 00 00 ").doesNotContain("sbull");
        assertThat(run).hasNoViolations();
    }

    @Test
    void theGeometryIsTheBooks(Machines machines) throws Exception {
        BookKernel book = new BookKernel(machines, "insmod sbull nsectors=2048");
        book.run(() -> {
            int file = book.files().open("/dev/sbulla", Fcntl.O_RDONLY);
            long geometry = book.calls().kzalloc(HdGeometryLayout.SIZE, Gfp.GFP_KERNEL);
            assertThat(book.files().ioctl(file, BlkIoctl.HDIO_GETGEO, geometry)).isZero();
            assertThat(book.memory().load32(geometry)).as("4 heads, 16 sectors, 32 cylinders").isEqualTo(0x20_10_04);
            assertThat(HdGeometryLayout.START.get(book.memory(), geometry)).isEqualTo(4);
            book.files().close(file);
            book.calls().kfree(geometry);
        });
        assertThat(book.machine()).hasNoViolations();
    }

    /** Whichever allocation fails, all that was made before is given back. */
    @Test
    void anInitThatFailsLeavesNothing(Machines machines) throws Exception {
        MachineRun run = machines.boot();
        run.type("insmod sbull nsectors=1048576 ndevices=8", "insmod sbull sbull_major=254", "insmod sbull",
                "rmmod sbull",
                "insmod sbull sbull_major=600");
        assertThat(run.err()).contains("Cannot allocate memory").contains("is no number from 0 to 511");
        run.forgetOutput().type("rmmod sbull", "ls /sys/block", "cat /proc/partitions");
        assertThat(run.out()).doesNotContain("sbull");
        assertThat(run).hasNoViolations();
    }
}

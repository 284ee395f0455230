package ferrite.scenarios;

import static ferrite.testkit.MachineAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.report.Violation;
import ferrite.kernel.fs.Fcntl;
import ferrite.testkit.Machine;
import ferrite.testkit.MachineRun;
import ferrite.testkit.Machines;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code scullc scullp scullv sculld bigbuf} (LDD3 chapters 8 and 14): the memory behind the same files. */
@Machine(ram = "64M", harts = 2)
class BookMemoryTest {

    private static void ends(MachineRun machine, String driver) {
        machine.forgetOutput().type("rmmod " + driver, "ls /dev /proc /sys/class", "cat /proc/slabinfo");
        assertThat(machine.err()).isEmpty();
        assertThat(machine.out()).doesNotContain(driver);
        assertThat(machine).hasNoViolations();
    }

    @ParameterizedTest
    @CsvSource({"scullc, scullc_quantum=100 scullc_qset=2, 100", "scullp, scullp_qset=2, 4096",
            "scullp, scullp_order=1, 8192", "scullv, scullv_order=0 scullv_qset=2, 4096",
            "sculld, sculld_qset=1, 4096"})
    void bytesAreKeptAcrossQuantaAndSets(String driver, String parameters, int quantum, Machines machines)
            throws IOException {
        BookKernel book = new BookKernel(machines, "insmod " + driver + " " + parameters);
        book.run(() -> {
            int file = book.open("/dev/" + driver + "1", Fcntl.O_RDWR);
            for (int i = 0; i < 5; i++) {
                book.files().lseek(file, (long) i * quantum - (i == 0 ? 0 : 2), Fcntl.SEEK_SET);
                book.writeAll(file, "ab" + i);
            }
            for (int i = 1; i < 5; i++) {
                book.files().lseek(file, (long) i * quantum - 2, Fcntl.SEEK_SET);
                assertThat(book.read(file, 9)).as("up to the end of its quantum").isEqualTo("ab");
                assertThat(book.read(file, 1)).isEqualTo("" + i);
            }
            assertThat(book.files().size(file)).isEqualTo(4L * quantum + 1);
        });
        book.machine().forgetOutput().type("cat /proc/" + driver + "mem");
        assertThat(book.machine().out()).contains("q " + quantum + ", sz " + (4 * quantum + 1) + "\n  item at 0x");
        ends(book.machine(), driver);
    }

    @Test
    void theCacheCountsItsQuanta(MachineRun machine) {
        machine.type("insmod scullc scullc_quantum=1000", "dd if=/dev/zero of=/dev/scullc0 bs=1000 count=3",
                "echo x > /dev/scullc1", "cat /proc/slabinfo", "echo y > /dev/scullc0", "cat /proc/slabinfo");
        assertThat(machine.out()).containsPattern("scullc +4 +").containsPattern("(?s)scullc +4 +.*scullc +2 +");
        ends(machine, "scullc");
    }

    @Test
    void pagesAndAreasAreCounted(MachineRun machine) {
        machine.type("insmod scullv", "insmod scullp scullp_order=3", "echo x > /dev/scullv0", "echo x > /dev/scullp0",
                "cat /proc/vmallocinfo");
        assertThat(machine.out()).containsPattern("0x[0-9a-f]+-0x[0-9a-f]+ +69632 .*pages=16");
        machine.forgetOutput().type("rmmod scullv", "cat /proc/vmallocinfo");
        assertThat(machine.out()).doesNotContain("pages=16");
        ends(machine, "scullp");
    }

    @Test
    void attributesShowAndSet(MachineRun machine) {
        machine.type("insmod sculld sculld_devs=2", "ls /sys/class/sculld/sculld1", "echo hello > /dev/sculld1",
                "cat /sys/class/sculld/sculld1/size /sys/class/sculld/sculld0/size /sys/class/sculld/sculld0/order",
                "echo 2 > /sys/class/sculld/sculld0/order", "echo again > /dev/sculld1", "cat /proc/sculldmem");
        assertThat(machine.err()).isEmpty();
        assertThat(machine.out()).startsWith("dev\norder\nsize\n6\n0\n0\n")
                .contains("Device 1: qset 500, q 16384, sz 6\n").contains("Device 0: qset 500, q 4096, sz 0\n");
        machine.forgetOutput().type("echo 6 > /sys/class/sculld/sculld0/order",
                "echo > /sys/class/sculld/sculld0/order", "echo 1 > /sys/class/sculld/sculld0/size");
        assertThat(machine.err()).isEqualTo("""
                echo: /sys/class/sculld/sculld0/order: Invalid argument
                echo: /sys/class/sculld/sculld0/order: Invalid argument
                echo: /sys/class/sculld/sculld0/size: Permission denied
                """);
        ends(machine, "sculld");
    }

    /** LDD3 page 230: beside the driver that is linked in, the same driver, loaded. */
    @Test
    void onlyALinkedDriverGetsALargeContiguousBuffer(Machines machines) throws IOException {
        MachineRun linked = machines.boot(options -> options.link("bigbuf"));
        linked.type("echo hello > /dev/bigbuf", "dd if=/dev/bigbuf bs=6 count=1", "ls -l /dev/bigbuf", "dmesg",
                "dd if=/dev/zero of=/dev/bigbuf bs=1M count=6");
        assertThat(linked.out()).startsWith("hello\n").contains("bigbuf: alloc_bootmem_low_pages of 5242880 bytes")
                .contains("bigbuf: 5 MiB at physical 0xb00000\n");
        assertThat(linked.err()).contains("No space left on device");
        assertThat(linked).hasNoViolations();
        linked.board().reattach();
        linked.forgetOutput().type("dd if=/dev/bigbuf bs=1M skip=4", "rmmod bigbuf");
        assertThat(linked.bytes()).hasSize(1 << 20);
        assertThat(linked.err()).contains("Module bigbuf is builtin");

        MachineRun loaded = machines.boot();
        loaded.type("insmod bigbuf", "lsmod", "dmesg");
        assertThat(loaded.err()).contains("insmod: could not load module bigbuf: its init failed: "
                + "Cannot allocate memory");
        assertThat(loaded.out()).contains("bigbuf: no boot-time memory: link the driver into the kernel")
                .contains("bigbuf: no block of order 11");
        assertThat(loaded.violations()).extracting(Violation::rule).isEqualTo(List.of("bootmem-too-late"));
    }
}

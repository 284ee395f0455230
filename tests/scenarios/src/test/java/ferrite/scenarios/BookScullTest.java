package ferrite.scenarios;

import static ferrite.testkit.MachineAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.book.scull.ScullCommands;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.fs.Fcntl;
import ferrite.kernel.fs.Ioctl;
import ferrite.testkit.Machine;
import ferrite.testkit.MachineRun;
import ferrite.testkit.Machines;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code scull} (LDD3 chapters 3, 4 and 6): memory as a file. */
@Machine(ram = "64M", harts = 2)
class BookScullTest {

    private static final String SMALL = "insmod scull scull_nr_devs=2 scull_quantum=10 scull_qset=3";

    /** More allocations than insmod makes. */
    private static final int PERIOD = 100;

    private static void nothingIsLeft(MachineRun machine, String driver) {
        machine.forgetOutput().type("rmmod " + driver, "ls /dev /proc /sys/class", "cat /proc/devices");
        assertThat(machine.err()).isEmpty();
        assertThat(machine.out()).doesNotContain(driver);
        assertThat(machine).hasNoViolations();
    }

    @Test
    void readsAndWritesStayInTheirQuantum(Machines machines) throws IOException {
        BookKernel book = new BookKernel(machines, SMALL);
        String text = "0123456789abcdefghijABCDEFGHIJklmno";
        book.run(() -> {
            int file = book.open("/dev/scull0", Fcntl.O_RDWR);
            assertThat(book.write(file, text)).as("a short write").isEqualTo(10);
            book.writeAll(file, text.substring(10));
            assertThat(book.files().lseek(file, 25, Fcntl.SEEK_SET)).isEqualTo(25);
            assertThat(book.read(file, 100)).as("a short read").isEqualTo("FGHIJ");
            assertThat(book.read(file, 3)).as("the second set").isEqualTo("klm");
            assertThat(book.read(file, 3)).isEqualTo("no");
            assertThat(book.read(file, 3)).as("the end").isEmpty();
            assertThat(book.files().lseek(file, -4, Fcntl.SEEK_END)).isEqualTo(31);
            assertThat(book.read(file, 2)).isEqualTo("lm");
            assertThat(book.files().lseek(file, -100, Fcntl.SEEK_CUR)).isEqualTo(-Errno.EINVAL);
            book.close(file);
        });
        book.machine().forgetOutput().type("cat /dev/scull0", "cat /dev/scull1", "cat /proc/scullseq");
        assertThat(book.machine().out()).startsWith(text + "\nDevice 0: qset 3, q 10, sz 35\n  item at 0xc")
                .containsPattern("  item at 0xc[0-9a-f]{7}, qset at 0xc[0-9a-f]{7}\n       0: 0xc[0-9a-f]{7}\n"
                        + "\nDevice 1: qset 3, q 10, sz 0\n$");
        String records = book.machine().out().substring(text.length());
        book.machine().forgetOutput().type("cat /proc/scullmem");
        assertThat(book.machine().out()).isEqualTo(records);
        nothingIsLeft(book.machine(), "scull");
    }

    @Test
    void aGapEndsARead(Machines machines) throws IOException {
        BookKernel book = new BookKernel(machines, SMALL);
        book.run(() -> {
            int file = book.open("/dev/scull0", Fcntl.O_RDWR);
            book.files().lseek(file, 65, Fcntl.SEEK_SET);
            assertThat(book.write(file, "x")).isEqualTo(1);
            assertThat(book.files().size(file)).isEqualTo(66);
            book.files().lseek(file, 0, Fcntl.SEEK_SET);
            assertThat(book.read(file, 5)).isEmpty();
            book.files().lseek(file, 62, Fcntl.SEEK_SET);
            assertThat(book.read(file, 9)).as("bytes that were not written are zeros").isEqualTo("\0\0\0x");
            book.files().lseek(file, 1L << 40, Fcntl.SEEK_SET);
            assertThat(book.write(file, "x")).isEqualTo(-Errno.ENOSPC);
            assertThat(book.read(file, 1)).isEmpty();
        });
        nothingIsLeft(book.machine(), "scull");
    }

    @Test
    void onlyAFileForWritingAloneEmptiesTheDevice(Machines machines) throws IOException {
        BookKernel book = new BookKernel(machines, SMALL);
        book.machine().type("echo one > /dev/scull0", "echo two >> /dev/scull0", "cat /dev/scull0");
        book.run(() -> {
            book.close(book.open("/dev/scull0", Fcntl.O_RDWR));
            book.close(book.open("/dev/scull0", Fcntl.O_RDONLY));
            book.close(book.open("/dev/scull0", Fcntl.O_WRONLY | Fcntl.O_APPEND));
        });
        assertThat(book.machine().out()).isEqualTo("one\ntwo\n");
        book.machine().forgetOutput().type("cat /dev/scull0");
        assertThat(book.machine().out()).isEqualTo("one\ntwo\n");
        book.run(() -> book.close(book.open("/dev/scull0", Fcntl.O_WRONLY)));
        book.machine().forgetOutput().type("cat /dev/scull0", "dd if=/dev/scull0 of=/dev/scull1 bs=7");
        assertThat(book.machine().out()).isEmpty();
        nothingIsLeft(book.machine(), "scull");
    }

    @Test
    void commandsSetTellGetQueryExchangeAndShift(Machines machines) throws IOException {
        BookKernel book = new BookKernel(machines, "insmod scull");
        book.run(() -> {
            int file = book.open("/dev/scull0", Fcntl.O_RDWR);
            assertThat(book.ioctl(file, ScullCommands.SCULL_IOCGQUANTUM, 0)).containsExactly(0, 4000);
            assertThat(book.ioctl(file, ScullCommands.SCULL_IOCGQSET, 0)).containsExactly(0, 1000);
            assertThat(book.ioctl(file, ScullCommands.SCULL_IOCSQUANTUM, 20).get(0)).isZero();
            assertThat(book.ioctl(file, ScullCommands.SCULL_IOCXQUANTUM, 30)).containsExactly(0, 20);
            assertThat(book.files().ioctl(file, ScullCommands.SCULL_IOCQQUANTUM, 0)).isEqualTo(30);
            assertThat(book.files().ioctl(file, ScullCommands.SCULL_IOCTQUANTUM, 40)).isZero();
            assertThat(book.files().ioctl(file, ScullCommands.SCULL_IOCHQUANTUM, 8)).isEqualTo(40);
            assertThat(book.ioctl(file, ScullCommands.SCULL_IOCSQSET, 5).get(0)).isZero();
            assertThat(book.ioctl(file, ScullCommands.SCULL_IOCXQSET, 6)).containsExactly(0, 5);
            assertThat(book.files().ioctl(file, ScullCommands.SCULL_IOCTQSET, 7)).isZero();
            assertThat(book.files().ioctl(file, ScullCommands.SCULL_IOCHQSET, 2)).isEqualTo(7);
            assertThat(book.files().ioctl(file, ScullCommands.SCULL_IOCQQSET, 0)).isEqualTo(2);
            assertThat(book.write(file, "0123456789")).as("the device has its old quantum").isEqualTo(10);
            book.close(book.open("/dev/scull0", Fcntl.O_WRONLY));
            book.files().lseek(file, 0, Fcntl.SEEK_SET);
            assertThat(book.write(file, "0123456789")).as("the new one, after it was emptied").isEqualTo(8);
            assertThat(book.files().ioctl(file, ScullCommands.SCULL_P_IOCTSIZE, 100)).isZero();
            assertThat(book.files().ioctl(file, ScullCommands.SCULL_P_IOCQSIZE, 0)).isEqualTo(100);
            assertThat(book.files().ioctl(file, ScullCommands.SCULL_IOCRESET, 0)).isZero();
            assertThat(book.ioctl(file, ScullCommands.SCULL_IOCGQUANTUM, 0)).containsExactly(0, 4000);
        });
        nothingIsLeft(book.machine(), "scull");
    }

    @Test
    void wrongCommandsAndSizesAreRefused(Machines machines) throws IOException {
        BookKernel book = new BookKernel(machines, "insmod scull");
        book.run(() -> {
            int file = book.open("/dev/scull0", Fcntl.O_RDWR);
            for (int wrong : List.of(Ioctl._IO('k', 15), Ioctl._IO('l', 0), Ioctl._IO('k', 1),
                    Ioctl._IOR('k', 1, 4), Ioctl._IOW('k', 1, 8), Ioctl._IO('k', 255))) {
                assertThat(book.files().ioctl(file, wrong, 0)).as(Integer.toHexString(wrong)).isEqualTo(-Errno.ENOTTY);
            }
            for (int size : List.of(0, -1, 1 << 30)) {
                assertThat(book.files().ioctl(file, ScullCommands.SCULL_IOCTQUANTUM, size)).isEqualTo(-Errno.EINVAL);
                assertThat(book.ioctl(file, ScullCommands.SCULL_IOCXQSET, size)).containsExactly(-Errno.EINVAL, size);
                assertThat(book.files().ioctl(file, ScullCommands.SCULL_P_IOCTSIZE, size)).isEqualTo(-Errno.EINVAL);
            }
            assertThat(book.files().ioctl(file, ScullCommands.SCULL_IOCSQUANTUM, 0)).isEqualTo(-Errno.EFAULT);
            assertThat(book.files().ioctl(file, ScullCommands.SCULL_IOCTQUANTUM, 1)).as("near miss").isZero();
        });
        book.machine().type("insmod scull", "rmmod scull", "insmod scull scull_quantum=0", "insmod scull quantum=1",
                "echo 0 > /sys/module/scull/parameters/scull_quantum");
        assertThat(book.machine().err()).contains("already loaded or linked in",
                "scull_quantum: '0' is no number from 1 to 131072", "'quantum=1' is not NAME=VALUE of a parameter");
        assertThat(book.machine()).hasNoViolations();
    }

    @Test
    void parametersAreSetWhileTheDriverIsLoaded(MachineRun machine) {
        machine.type("insmod scull scull_quantum=10", "cat /sys/module/scull/parameters/scull_quantum",
                "echo 5 > /sys/module/scull/parameters/scull_quantum", "echo > /dev/scull0", "cat /proc/scullmem");
        assertThat(machine.err()).isEmpty();
        assertThat(machine.out()).startsWith("10\n\nDevice 0: qset 1000, q 5, sz 1\n")
                .contains("Device 1: qset 1000, q 10, sz 0\n");
        nothingIsLeft(machine, "scull");
    }

    /** Each allocation of init fails once, one after the other. */
    @Test
    @Machine(ram = "16M", harts = 1)
    void aFailedAllocationLeavesNothingBehind(Machines machines) throws IOException {
        BookKernel book = new BookKernel(machines, options -> options.failSlab(Integer.toString(PERIOD)));
        int failed = 0;
        boolean reached = true;
        for (int fails = 1; reached; fails++) {
            int before = PERIOD - fails;
            book.run(() -> {
                while (book.failableAllocations() % PERIOD != before) {
                    book.calls().kfree(book.calls().kmalloc(8, Gfp.GFP_KERNEL));
                }
            });
            book.machine().forgetOutput().type("insmod scull scull_nr_devs=1 scull_p_nr_devs=1");
            failed += book.machine().err().contains("could not load module") ? 1 : 0;
            reached = book.failableAllocations() % PERIOD < before;
            book.machine().type("rmmod scull");
            assertThat(book.machine().err()).doesNotContain("still held");
        }
        book.machine().type("rmmod scull");                // the last failure may have been that of rmmod
        assertThat(failed).isGreaterThan(20);
        assertThat(book.machine()).hasNoViolations();
        book.machine().forgetOutput().type("lsmod", "ls /dev /proc /sys/class", "cat /proc/devices");
        assertThat(book.machine().out()).contains("Module").doesNotContain("scull");
    }

    /** Writers of one device take turns: no quantum has bytes of both. */
    @Test
    @Machine(ram = "32M", harts = 3, interleavings = 8)
    void twoWritersDoNotMixTheirBytesInAQuantum(Machines machines) throws IOException {
        BookKernel book = new BookKernel(machines, SMALL);
        book.run(() -> {
            long first = book.start(() -> book.writeAll(book.open("/dev/scull0", Fcntl.O_RDWR), "a".repeat(40)));
            long second = book.start(() -> book.writeAll(book.open("/dev/scull0", Fcntl.O_RDWR), "b".repeat(40)));
            book.join(first);
            book.join(second);
        });
        book.machine().forgetOutput().type("cat /dev/scull0", "rmmod scull");
        assertThat(book.machine().out()).matches("(a{10}|b{10}){4}");
        assertThat(book.machine().err()).isEmpty();
        assertThat(book.machine()).hasNoViolations();
    }
}

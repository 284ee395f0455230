package ferrite.kernel.fs;

import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import ferrite.hardware.report.Violation;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.KernelFixture.Body;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.KernelCalls;
import java.nio.charset.StandardCharsets;
import java.util.function.LongBinaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Open files: flags, positions and commands (LDD3 chapters 3 and 6). */
@Timeout(60)
class FilesTest {

    private static final int RESET = Ioctl._IO('k', 0);
    private static final int GET = Ioctl._IOR('k', 1, 4);
    private static final int SET = Ioctl._IOW('k', 2, 4);

    private final KernelFixture fixture = KernelFixture.small();
    private long buffer;

    /** A piece of memory, as LDD3's scull. */
    private class Scull implements FileOperations {

        static final int CAPACITY = 64;

        long bytes;
        int length;
        int flagsAtOpen;

        @Override
        public int open(long file) {
            flagsAtOpen = FileLayout.FLAGS.get(memory(), file);
            if (bytes == 0) {
                bytes = fixture.zeroed(CAPACITY);
            }
            if ((flagsAtOpen & Fcntl.O_ACCMODE) == Fcntl.O_WRONLY && (flagsAtOpen & Fcntl.O_APPEND) == 0) {
                length = 0;
            }
            return 0;
        }

        @Override
        public int read(long file, long to, int count, long position) {
            int done = (int) Math.max(0, Math.min(count, length - position));
            if (done > 0) {
                kernel().copyToUser(to, bytes + position, done);
            }
            return done;
        }

        @Override
        public int write(long file, long from, int count, long position) {
            int done = (int) Math.min(count, CAPACITY - position);
            kernel().copyFromUser(bytes + position, from, done);
            length = (int) Math.max(length, position + done);
            return done == 0 ? -Errno.ENOSPC : done;
        }

        @Override
        public long size(long file) {
            return length;
        }

        @Override
        public int ioctl(long file, int command, long argument) {
            if (command == RESET) {
                length = 0;
                return 0;
            } else if (command == GET) {
                return kernel().putUser(length, argument);
            } else if (command == SET) {
                if (!kernel().capable(21) || !kernel().accessOk(argument, 4)) {
                    return -Errno.EFAULT;
                }
                kernel().__getUser(bytes, argument);
                length = memory().load32(bytes);
                return 7;
            }
            return -Errno.ENOTTY;
        }
    }

    @AfterEach
    void close() {
        assertThat(fixture.takeViolations()).isEmpty();
        fixture.close();
    }

    private KernelCalls kernel() {
        return fixture.kernel().calls();
    }

    private KernelMemory memory() {
        return fixture.memory();
    }

    private Files files() {
        return fixture.kernel().files();
    }

    private void add(String name, FileOperations operations) {
        long address = fixture.text(name, operations);
        fixture.run(() -> {
            buffer = fixture.zeroed(128);
            check(kernel().cdevAdd(name, address, 0) == 0, "cdev_add");
        });
    }

    private int write(int descriptor, String text) {
        memory().write(buffer, text.getBytes(StandardCharsets.US_ASCII), 0, text.length());
        return files().write(descriptor, buffer, text.length());
    }

    private String read(int descriptor, int count) {
        int length = files().read(descriptor, buffer, count);
        byte[] bytes = new byte[Math.max(0, length)];
        memory().read(buffer, bytes, 0, bytes.length);
        return length < 0 ? Errno.message(length) : new String(bytes, StandardCharsets.US_ASCII);
    }

    private static void equal(Object found, Object expected) {
        check(found.equals(expected), "found " + found + ", not " + expected);
    }

    // ---- flags ----

    @Test
    void aFileIsReadAndWrittenAsItWasOpened() {
        add("scull", new Scull());
        fixture.run(() -> {
            int write = files().open("/dev/scull", Fcntl.O_WRONLY);
            int read = files().open("/dev/scull", Fcntl.O_RDONLY);
            int both = files().open("/dev/scull", Fcntl.O_RDWR);
            equal(write(write, "abc"), 3);
            equal(files().read(write, buffer, 1), -Errno.EBADF);
            equal(write(read, "x"), -Errno.EBADF);
            equal(read(read, 10), "abc");
            equal(write(both, "A"), 1);
            equal(read(both, 10), "bc");
            equal(files().open("/dev/none", Fcntl.O_RDONLY), -Errno.ENOENT);
            equal(files().read(7, buffer, 1), -Errno.EBADF);
            files().closeAll();
        });
    }

    @Test
    void theDriverSeesTheFlagsAndTruncIsOnlyForItsOpen() {
        Scull scull = new Scull();
        add("scull", scull);
        fixture.run(() -> {
            int flags = Fcntl.O_WRONLY | Fcntl.O_TRUNC | Fcntl.O_NONBLOCK;
            int file = files().open("/dev/scull", flags);
            equal(scull.flagsAtOpen, flags);
            long record = memory().loadAddress(TaskLayout.FILES.at(fixture.cpu().tp(), file));
            equal(FileLayout.FLAGS.get(memory(), record), Fcntl.O_WRONLY | Fcntl.O_NONBLOCK);
            files().close(file);
        });
    }

    @Test
    void eachWriteOfAnAppendingFileGoesToTheEnd() {
        add("scull", new Scull());
        fixture.run(() -> {
            int first = files().open("/dev/scull", Fcntl.O_WRONLY);
            write(first, "one ");
            int append = files().open("/dev/scull", Fcntl.O_RDWR | Fcntl.O_APPEND);
            equal(write(append, "two "), 4);
            write(first, "ONE and ");
            equal(files().lseek(append, 0, Fcntl.SEEK_SET), 0L);
            equal(write(append, "three"), 5);
            equal(files().lseek(append, 0, Fcntl.SEEK_CUR), 17L);
            files().lseek(append, 0, Fcntl.SEEK_SET);
            equal(read(append, 100), "one ONE and three");
            files().closeAll();
        });
    }

    @Test
    void aDeviceWithoutASizeIgnoresAppend() {
        long[] at = {-1};
        add("line", new FileOperations() {
            @Override
            public int write(long file, long from, int count, long position) {
                at[0] = position;
                return count;
            }
        });
        fixture.run(() -> {
            int file = files().open("/dev/line", Fcntl.O_WRONLY | Fcntl.O_APPEND);
            write(file, "abc");
            write(file, "d");
            equal(at[0], 3L);
            files().close(file);
        });
    }

    // ---- positions ----

    @Test
    void lseekCountsFromTheStartThePositionAndTheEnd() {
        add("scull", new Scull());
        fixture.run(() -> {
            int file = files().open("/dev/scull", Fcntl.O_RDWR);
            write(file, "0123456789");
            equal(files().lseek(file, 3, Fcntl.SEEK_SET), 3L);
            equal(read(file, 2), "34");
            equal(files().lseek(file, -4, Fcntl.SEEK_CUR), 1L);
            equal(read(file, 1), "1");
            equal(files().lseek(file, -2, Fcntl.SEEK_END), 8L);
            equal(read(file, 9), "89");
            equal(files().lseek(file, 5, Fcntl.SEEK_END), 15L);
            equal(read(file, 9), "");
            equal(files().lseek(file, -1, Fcntl.SEEK_SET), (long) -Errno.EINVAL);
            equal(files().lseek(file, -16, Fcntl.SEEK_CUR), (long) -Errno.EINVAL);
            equal(files().lseek(file, 0, 5), (long) -Errno.EINVAL);
            equal(files().lseek(6, 0, Fcntl.SEEK_SET), (long) -Errno.EBADF);
            equal(files().lseek(file, 0, Fcntl.SEEK_CUR), 15L);
            equal(files().lseek(file, 1L << 33, Fcntl.SEEK_SET), 1L << 33);
            files().close(file);
        });
    }

    @Test
    void aFileIsDataUpToItsEnd() {
        add("scull", new Scull());
        fixture.run(() -> {
            int file = files().open("/dev/scull", Fcntl.O_RDWR);
            write(file, "0123456789");
            equal(files().lseek(file, 4, Fcntl.SEEK_DATA), 4L);
            equal(read(file, 1), "4");
            equal(files().lseek(file, 4, Fcntl.SEEK_HOLE), 10L);
            equal(files().lseek(file, 10, Fcntl.SEEK_DATA), (long) -Errno.ENXIO);
            equal(files().lseek(file, 10, Fcntl.SEEK_HOLE), (long) -Errno.ENXIO);
            equal(files().lseek(file, -1, Fcntl.SEEK_DATA), (long) -Errno.ENXIO);
            files().close(file);
        });
    }

    /** Returns the results of two calls of lseek, one that moves and one that asks, with a driver's operation. */
    private String positions(String name, LongBinaryOperator llseek) {
        String[] found = new String[1];
        add(name, new FileOperations() {
            @Override
            public long llseek(long file, long offset, int whence) {
                return llseek.applyAsLong(file, offset);
            }
        });
        fixture.run(() -> {
            int file = files().open("/dev/" + name, Fcntl.O_RDONLY);
            found[0] = files().lseek(file, 5, Fcntl.SEEK_SET) + " " + files().lseek(file, 0, Fcntl.SEEK_CUR);
            files().close(file);
        });
        return found[0];
    }

    @Test
    void aDriverChoosesItsLlseek() {
        assertThat(positions("no", (file, offset) -> kernel().noLlseek(file, offset, 0)))
                .isEqualTo(-Errno.ESPIPE + " " + -Errno.ESPIPE);
        assertThat(positions("noop", (file, offset) -> kernel().noopLlseek(file, offset, 0))).isEqualTo("0 0");
        assertThat(positions("default", (file, offset) -> kernel().defaultLlseek(file, offset + 1, 0)))
                .isEqualTo("6 1");
    }

    @Test
    void aFileThatWasOpenedNonseekableHasNoPositions() {
        add("pipe", new FileOperations() {
            @Override
            public int open(long file) {
                return kernel().nonseekableOpen(file);
            }
        });
        fixture.run(() -> {
            int file = files().open("/dev/pipe", Fcntl.O_RDONLY);
            equal(files().lseek(file, 0, Fcntl.SEEK_CUR), (long) -Errno.ESPIPE);
            files().close(file);
        });
    }

    // ---- commands ----

    @Test
    void aCommandReachesTheDriverAndAnotherIsNoCommandOfIts() {
        Scull scull = new Scull();
        add("scull", scull);
        add("plain", new FileOperations() { });
        fixture.run(() -> {
            int file = files().open("/dev/scull", Fcntl.O_RDWR);
            int plain = files().open("/dev/plain", Fcntl.O_RDWR);
            memory().store32(buffer, 9);
            equal(files().ioctl(file, SET, buffer), 7);
            equal(scull.length, 9);
            equal(files().ioctl(file, GET, buffer + 4), 0);
            equal(memory().load32(buffer + 4), 9);
            equal(files().ioctl(file, GET, 0), -Errno.EFAULT);
            equal(files().ioctl(file, SET, 0xffff_fffeL), -Errno.EFAULT);
            equal(kernel().getUser(buffer, 0xffff_fffeL), -Errno.EFAULT);
            equal(kernel().getUser(buffer + 8, buffer + 4), 0);
            equal(memory().load32(buffer + 8), 9);
            equal(kernel().__putUser(5, buffer + 8), 0);
            equal(memory().load32(buffer + 8), 5);
            equal(files().ioctl(file, RESET, 0), 0);
            equal(scull.length, 0);
            equal(files().ioctl(file, Ioctl._IO('k', 9), 0), -Errno.ENOTTY);
            equal(files().ioctl(plain, RESET, 0), -Errno.ENOTTY);
            equal(files().ioctl(7, RESET, 0), -Errno.EBADF);
            files().closeAll();
        });
    }

    /** Numbers that Linux's headers have on RISC-V. */
    @Test
    void numbersAreLinuxs() {
        assertThat(Ioctl._IO('k', 0)).isEqualTo(0x6b00);
        assertThat(Ioctl._IOR('k', 1, 4)).isEqualTo(0x8004_6b01);
        assertThat(Ioctl._IOW('k', 2, 4)).isEqualTo(0x4004_6b02);
        assertThat(Ioctl._IOWR('E', 0x80, 0x3fff)).isEqualTo(0xffff_4580);
        int blkGetSize64 = 0x8008_1272;
        assertThat(Ioctl._IOR(0x12, 114, 8)).isEqualTo(blkGetSize64);
        assertThat(Ioctl._IOC_DIR(blkGetSize64)).isEqualTo(Ioctl._IOC_READ);
        assertThat(Ioctl._IOC_TYPE(blkGetSize64)).isEqualTo(0x12);
        assertThat(Ioctl._IOC_NR(blkGetSize64)).isEqualTo(114);
        assertThat(Ioctl._IOC_SIZE(blkGetSize64)).isEqualTo(8);
        assertThatThrownBy(() -> Ioctl._IOR('k', 1, 0x4000)).hasMessageContaining("size 16384");
    }

    /** Numbers without a direction, addresses in the argument, bytes that follow it, and calls that are no ioctl. */
    @Test
    void copiesThatANumberDoesNotSpeakOfAreNotReported() {
        long[] argument = new long[1];
        add("copies", new FileOperations() {
            @Override
            public int ioctl(long file, int command, long where) {
                argument[0] = where;
                long own = fixture.zeroed(32);
                if (command == Ioctl._IO('k', 1)) {
                    kernel().copyToUser(where, own, 16);
                } else {
                    kernel().copyFromUser(own, where, 4);
                    kernel().copyToUser(where + 4, own, 16);       // a list that follows its head
                    kernel().copyToUser(where + 32, own, 16);      // where the head says
                }
                return 0;
            }

            @Override
            public int read(long file, long to, int count, long position) {
                kernel().copyToUser(argument[0], fixture.zeroed(16), 16);
                return 0;
            }
        });
        fixture.run(() -> {
            int file = files().open("/dev/copies", Fcntl.O_RDWR);
            equal(files().ioctl(file, Ioctl._IO('k', 1), buffer), 0);
            equal(files().ioctl(file, Ioctl._IOW('k', 2, 4), buffer), 0);
            files().read(file, buffer, 16);
            files().close(file);
        });
    }

    @Test
    void aCopyAgainstTheNumberIsReportedOnceAndTheRunGoesOn() {
        add("copies", new FileOperations() {
            @Override
            public int ioctl(long file, int command, long where) {
                kernel().copyToUser(where, fixture.zeroed(16), 16);
                return 5;
            }
        });
        fixture.run(() -> {
            int file = files().open("/dev/copies", Fcntl.O_RDWR);
            equal(files().ioctl(file, Ioctl._IOW('k', 1, 16), buffer), 5);
            equal(files().ioctl(file, Ioctl._IOR('k', 1, 8), buffer), 5);
            files().close(file);
        });
        assertThat(fixture.takeViolations()).extracting(Violation::rule, Violation::summary).containsExactly(
                tuple("ioctl-number", "copy_to_user of 16 bytes at the argument of ioctl 0x40106b01, whose number says "
                        + "that the program only writes 16 bytes there"),
                tuple("ioctl-number", "copy_to_user of 16 bytes at the argument of ioctl 0x80086b01, whose number says "
                        + "that the program reads 8 bytes there"));
    }

    // ---- new kernel objects ----

    /** A driver with a cdev, an attribute and a file of /proc. Its state is in memory that the device leads to. */
    private static final class Lasting implements Driver, FileOperations {

        private static final int NUMBER = Kdev.MKDEV(42, 0);
        private static final int COUNT = CdevLayout.SIZE + DeviceAttributeLayout.SIZE;

        private KernelCalls kernel;
        private long operations;
        private long show;
        private long showAll;

        @Override
        public String name() {
            return "lasting";
        }

        @Override
        public void link(KernelCalls theKernel, TextTable.Module text) {
            kernel = theKernel;
            operations = text.add("lasting_operations", this);
            show = text.add("lasting_show", (ShowAttribute) (device, attribute, page) -> kernel.sysfsEmit(page,
                    "opened " + kernel.memory().load32(kernel.devGetDrvdata(device) + COUNT) + "\n"));
            showAll = text.add("lasting_show_all", (SeqShow) seq -> {
                kernel.seqPrintf(seq, "opened " + kernel.memory().load32(
                        SeqFileLayout.PRIVATE.get(kernel.memory(), seq) + COUNT) + "\n");
                return 0;
            });
        }

        @Override
        public int init() {
            long lasting = kernel.kzalloc(COUNT + 4, Gfp.GFP_KERNEL);
            long attribute = lasting + CdevLayout.SIZE;
            kernel.cdevInit(lasting, operations);
            kernel.registerChrdevRegion(NUMBER, 1, "lasting");
            kernel.cdevAdd(lasting, NUMBER, 1);
            long device = kernel.deviceCreate(kernel.classCreate("lasting"), 0, NUMBER, lasting, "lasting");
            DeviceAttributeLayout.NAME.set(kernel.memory(), attribute, "count");
            DeviceAttributeLayout.MODE.set(kernel.memory(), attribute, 0444);
            DeviceAttributeLayout.SHOW.set(kernel.memory(), attribute, show);
            kernel.deviceCreateFile(device, attribute);
            return kernel.procCreateSingleData("lasting", 0, showAll, lasting) == 0 ? -Errno.ENOMEM : 0;
        }

        @Override
        public int open(long file) {
            kernel.atomicInc(FileLayout.DATA.get(kernel.memory(), file) + COUNT);
            return 0;
        }
    }

    private String read(KernelFixture other, String path) {
        String[] text = new String[1];
        other.run(() -> {
            Files files = other.kernel().files();
            long bytes = other.zeroed(64);
            int file = files.open(path, Fcntl.O_RDONLY);
            check(file >= 0, path + ": " + file);
            int length = files.read(file, bytes, 64);
            text[0] = other.memory().loadString(bytes, Math.max(1, length + 1));
            files.close(file);
        });
        return text[0];
    }

    @Test
    void devicesAttributesAndFilesOutliveTheKernelsObjects() {
        try (KernelFixture other = KernelFixture.options().driver(Lasting::new).boot()) {
            Body opens = () -> other.kernel().files().close(other.kernel().files().open("/dev/lasting", 0));
            other.run(opens);
            other.reattach();
            other.run(opens);
            assertThat(read(other, "/sys/class/lasting/lasting/count")).isEqualTo("opened 2\n");
            assertThat(read(other, "/proc/lasting")).isEqualTo("opened 2\n");
            assertThat(read(other, "/sys/class/lasting/lasting/dev")).isEqualTo("42:0\n");
            assertThat(other.proc("devices")).contains(" 42 lasting\n");
            other.run(() -> equal(other.kernel().files().ioctl(other.kernel().files().open("/dev/null", 0), 1, 0),
                    -Errno.ENOTTY));
            assertThat(other.takeViolations()).isEmpty();
        }
    }
}

package ferrite.kernel.fs;

import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.turn.Interleavings;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.KernelFixture.Job;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.driver.KernelCalls;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The removal of a driver's files of {@code /proc} while they are open, by Linux's {@code proc_reg_file_ops}. */
@Timeout(60)
class ProcEntriesTest {

    private final List<String> calls = new ArrayList<>();
    private KernelFixture fixture;
    /** How long each call of the driver sleeps. */
    private int milliseconds;

    /** Uses memory that the driver frees after the removal, and tells of its calls. */
    private final class Driver implements FileOperations {

        private long record;

        private void use(String call) {
            int sleep = milliseconds;
            calls.add(call);
            if (sleep > 0) {
                kernel().msleep(sleep);
                calls.add(call + " done");
            }
            fixture.memory().load32(record);
        }

        @Override
        public int open(long file) {
            check(FileLayout.DATA.get(fixture.memory(), file) == record, "the word of proc_create_data");
            use("open");
            return 0;
        }

        @Override
        public int read(long file, long to, int count, long position) {
            use("read");
            return count;
        }

        @Override
        public int write(long file, long from, int count, long position) {
            use("write");
            return count;
        }

        @Override
        public int ioctl(long file, int command, long argument) {
            use("ioctl");
            return 7;
        }

        @Override
        public int poll(long file, long table) {
            use("poll");
            return PollEvents.EPOLLIN;
        }

        @Override
        public long llseek(long file, long offset, int whence) {
            use("llseek");
            return 5;
        }

        @Override
        public void release(long file) {
            use("release");
        }
    }

    private final Driver driver = new Driver();

    @AfterEach
    void close() {
        assertThat(fixture.takeViolations()).isEmpty();
        fixture.close();
    }

    private KernelCalls kernel() {
        return fixture.kernel().calls();
    }

    private Files files() {
        return fixture.kernel().files();
    }

    private void boot(Interleavings interleaving) {
        fixture = KernelFixture.options().harts(2).interleaving(interleaving, 3).boot();
        fixture.shrinkAfterRuns = true;
        long operations = fixture.text("operations", driver);
        fixture.run(() -> {
            driver.record = kernel().kzalloc(64, Gfp.GFP_KERNEL);
            check(kernel().procCreateData("here", 0666, operations, driver.record) != 0, "proc_create_data");
        });
    }

    private int open() {
        return files().open("/proc/here", Fcntl.O_RDWR);
    }

    /** Ends the driver as its exit would. */
    private void exit() {
        kernel().removeProcEntry("here");
        kernel().kfree(driver.record);
    }

    private void equal(long found, long expected) {
        check(found == expected, "found " + found + ", not " + expected + "; calls: " + calls);
    }

    @Test
    void aFileThatIsOpenAtTheRemovalHasNoDriverAfterwards() {
        boot(Interleavings.RR);
        fixture.run(() -> {
            int file = open();
            int other = open();
            equal(files().read(file, 0, 3), 3);
            exit();
            equal(open(), -Errno.ENOENT);
            equal(files().read(file, 0, 3), -Errno.EIO);
            equal(files().write(file, 0, 3), -Errno.EIO);
            equal(files().ioctl(file, 1, 2), -Errno.ENOTTY);
            equal(files().lseek(file, 0, Fcntl.SEEK_SET), -Errno.EINVAL);
            equal(files().poll(files().file(file), 0), PollEvents.DEFAULT);
            equal(files().close(file), 0);
            equal(files().close(other), 0);
        });
        assertThat(calls).containsExactly("open", "open", "read", "release", "release");
    }

    @Test
    void operationsLeadToTheDriverBefore() {
        boot(Interleavings.RR);
        fixture.run(() -> {
            int file = open();
            equal(files().write(file, 0, 3), 3);
            equal(files().ioctl(file, 1, 2), 7);
            equal(files().lseek(file, 0, Fcntl.SEEK_SET), 5);
            equal(files().poll(files().file(file), 0), PollEvents.EPOLLIN);
            equal(files().close(file), 0);
            exit();
        });
        assertThat(calls).containsExactly("open", "write", "ioctl", "llseek", "poll", "release");
    }

    @Test
    void nothingIsLeftOfAnEntryThatWasRemovedWhileAFileWasOpen() {
        boot(Interleavings.RR);
        long operations = fixture.text("operations", driver);
        fixture.run(this::exit);
        String before = fixture.accounting();
        fixture.run(() -> {
            driver.record = kernel().kzalloc(64, Gfp.GFP_KERNEL);
            kernel().procCreateData("here", 0666, operations, driver.record);
            int file = open();
            exit();
            files().close(file);
        });
        assertThat(fixture.accounting()).isEqualTo(before);
    }

    @Test
    void theRemovalWaitsForACallInProgress() {
        boot(Interleavings.RR);
        fixture.run(List.of(Job.on(0, () -> {
            int file = open();
            milliseconds = 50;
            equal(files().read(file, 0, 3), 3);
            equal(files().read(file, 0, 3), -Errno.EIO);
            files().close(file);
        }), Job.on(1, () -> {
            kernel().msleep(20);
            milliseconds = 0;
            exit();
            calls.add("removed");
        })));
        assertThat(calls).containsExactly("open", "read", "read done", "release", "removed");
    }

    /** Both begin at nearly the same time. Each returns after the one release. */
    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void aCloseAndTheRemovalReleaseAFileOnce(Interleavings interleaving) {
        boot(interleaving);
        int[] file = new int[1];
        fixture.run(List.of(Job.on(0, () -> {
            file[0] = open();
            milliseconds = 5;
            kernel().msleep(20);
            files().close(file[0]);
            calls.add("closed");
        }), Job.on(1, () -> {
            kernel().msleep(20);
            exit();
            calls.add("removed");
        })));
        assertThat(calls).hasSize(5).startsWith("open", "release", "release done");
    }

    @Test
    void aSeqFileIsReleasedByTheRemovalToo() {
        boot(Interleavings.RR);
        long show = fixture.text("show", (SeqShow) seq -> {
            kernel().seqPuts(seq, "text " + SeqFileLayout.PRIVATE.get(fixture.memory(), seq));
            return 0;
        });
        fixture.run(() -> {
            kernel().procCreateSingleData("single", 0, show, 42);
            long buffer = fixture.zeroed(64);
            int file = files().open("/proc/single", Fcntl.O_RDONLY);
            equal(files().read(file, buffer, 2), 2);
            kernel().removeProcEntry("single");
            equal(files().read(file, buffer, 64), -Errno.EIO);
            equal(files().lseek(file, 0, Fcntl.SEEK_SET), -Errno.EINVAL);
            equal(files().close(file), 0);
            kernel().kfree(buffer);
            exit();
        });
    }
}

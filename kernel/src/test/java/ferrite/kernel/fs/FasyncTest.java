package ferrite.kernel.fs;

import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.report.Violation;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.KernelFixture.Body;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Signal;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.sched.TaskEntry;
import ferrite.kernel.sched.TimerFunction;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** SIGIO for events of files, and {@code fcntl}. */
@Timeout(60)
class FasyncTest {

    private final KernelFixture fixture = KernelFixture.options().harts(2).boot();
    private final List<Body> programs = new ArrayList<>();
    private long list;
    private long word;

    /** A device with a list. */
    private final class Bell implements FileOperations {

        @Override
        public int fasync(int descriptor, long file, boolean on) {
            return kernel().fasyncHelper(descriptor, file, on, list);
        }
    }

    @BeforeEach
    void boot() {
        long bell = fixture.text("bell", new Bell());
        long plain = fixture.text("plain", new FileOperations() { });
        fixture.run(() -> {
            list = fixture.zeroed(4);
            word = fixture.zeroed(4);
            check(kernel().cdevAdd("bell", bell, 0) == 0 && kernel().cdevAdd("plain", plain, 0) == 0, "cdev_add");
        });
    }

    @AfterEach
    void close() {
        assertThat(fixture.takeViolations()).extracting(Violation::summary).isEmpty();
        fixture.close();
    }

    private KernelCalls kernel() {
        return fixture.kernel().calls();
    }

    private Files files() {
        return fixture.kernel().files();
    }

    private static void equal(Object found, Object expected) {
        check(found.equals(expected), "found " + found + ", not " + expected);
    }

    /** Runs a program, which takes signals, beside a body. */
    private void runBeside(Body program, Body body) {
        programs.add(program);
        long entry = fixture.text("program", (TaskEntry) argument -> {
            programs.get((int) argument).run();
            return 0;
        });
        fixture.run(() -> {
            long task = fixture.kernel().tasks().tasks().createProgram("program", entry, programs.size() - 1);
            body.run();
            equal(fixture.kernel().tasks().tasks().waitFor(task), 0);
        });
    }

    private int pid() {
        return fixture.kernel().tasks().tasks().pid(fixture.cpu().tp());
    }

    private int openAsync(int owner) {
        int file = files().open("/dev/bell", Fcntl.O_RDWR);
        equal(files().fcntl(file, Fcntl.F_SETOWN, owner), 0);
        equal(files().fcntl(file, Fcntl.F_GETOWN, 0), owner);
        equal(files().fcntl(file, Fcntl.F_SETFL, files().fcntl(file, Fcntl.F_GETFL, 0) | Fcntl.FASYNC), 0);
        equal(files().fcntl(file, Fcntl.F_GETFL, 0), Fcntl.O_RDWR | Fcntl.FASYNC);
        return file;
    }

    @Test
    void theOwnerIsSentSigioByAHandler() {
        int[] taken = new int[2];
        long function = fixture.text("rings", (TimerFunction) data ->
                kernel().killFasync(list, Signal.SIGIO, Signal.POLL_IN));
        runBeside(() -> {
            openAsync(pid());
            check(kernel().msleepInterruptible(1000) > 0, "no signal came");
            taken[0] = fixture.kernel().tasks().signals().take();
            taken[1] = fixture.kernel().tasks().signals().take();
            files().closeAll();
        }, () -> {
            long timer = fixture.zeroed(64);
            kernel().addTimer(timer, kernel().jiffies() + 2, function, 0);
            kernel().msleep(20);
            kernel().delTimerSync(timer);
        });
        assertThat(taken).containsExactly(Signal.SIGIO, 0);
        assertThat(fixture.peek().load32(list)).as("the list after the close").isZero();
    }

    @Test
    void afterTheFlagIsClearedOrTheFileClosedNoSignalComes() {
        int[] left = {-1, -1, -1};
        runBeside(() -> {
            int file = openAsync(pid());
            equal(files().fcntl(file, Fcntl.F_SETFL, Fcntl.O_RDWR), 0);
            equal(files().fcntl(file, Fcntl.F_GETFL, 0), Fcntl.O_RDWR);
            kernel().killFasync(list, Signal.SIGIO, Signal.POLL_IN);
            left[0] = fixture.kernel().tasks().signals().take();
            openAsync(0);
            kernel().killFasync(list, Signal.SIGIO, Signal.POLL_OUT);
            left[1] = fixture.kernel().tasks().signals().take();
            files().close(openAsync(pid()));
            kernel().killFasync(list, Signal.SIGIO, Signal.POLL_OUT);
            left[2] = fixture.kernel().tasks().signals().take();
            files().closeAll();
        }, () -> { });
        assertThat(left).containsExactly(0, 0, 0);
        assertThat(fixture.peek().load32(list)).isZero();
    }

    /** Two files of one program are two entries; the one in the middle of the list goes alone. */
    @Test
    void eachFileIsOnTheListOnce() {
        fixture.run(() -> {
            int first = openAsync(3);
            int second = openAsync(3);
            int third = openAsync(3);
            int before = fixture.memory().load32(list);
            equal(files().fcntl(second, Fcntl.F_SETFL, Fcntl.O_RDWR), 0);
            equal(files().fcntl(second, Fcntl.F_SETFL, Fcntl.O_RDWR), 0);
            equal(fixture.memory().load32(list), before);
            files().close(first);
            check(fixture.memory().load32(list) != 0, "the third file is off the list");
            files().close(third);
            equal(fixture.memory().load32(list), 0);
            files().closeAll();
        });
    }

    @Test
    void flagsAreSetByFcntlAndByIoctl() {
        fixture.run(() -> {
            int file = files().open("/dev/plain", Fcntl.O_RDONLY);
            equal(files().fcntl(file, Fcntl.F_SETFL, Fcntl.O_NONBLOCK | Fcntl.O_APPEND | Fcntl.O_RDWR), 0);
            equal(files().fcntl(file, Fcntl.F_GETFL, 0), Fcntl.O_NONBLOCK | Fcntl.O_APPEND);
            equal(files().fcntl(file, Fcntl.F_SETFL, Fcntl.FASYNC), 0);
            equal(files().fcntl(file, Fcntl.F_GETFL, 0), 0);
            fixture.memory().store32(word, 1);
            equal(files().ioctl(file, Ioctl.FIONBIO, word), 0);
            equal(files().fcntl(file, Fcntl.F_GETFL, 0), Fcntl.O_NONBLOCK);
            equal(files().ioctl(file, Ioctl.FIOASYNC, word), -Errno.ENOTTY);
            int bell = files().open("/dev/bell", Fcntl.O_RDONLY);
            equal(files().ioctl(bell, Ioctl.FIOASYNC, word), 0);
            equal(files().fcntl(bell, Fcntl.F_GETFL, 0), Fcntl.FASYNC);
            fixture.memory().store32(word, 0);
            equal(files().ioctl(bell, Ioctl.FIOASYNC, word), 0);
            equal(files().ioctl(file, Ioctl.FIONBIO, word), 0);
            equal(files().fcntl(file, Fcntl.F_GETFL, 0), 0);
            equal(files().fcntl(file, 99, 0), -Errno.EINVAL);
            equal(files().fcntl(file, Fcntl.F_SETOWN, -5), -Errno.EINVAL);
            equal(files().fcntl(7, Fcntl.F_GETFL, 0), -Errno.EBADF);
            files().closeAll();
        });
    }
}

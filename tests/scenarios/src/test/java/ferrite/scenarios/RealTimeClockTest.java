package ferrite.scenarios;

import static ferrite.testkit.MachineAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.kernel.Kernel;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.fs.Fcntl;
import ferrite.kernel.fs.Ioctl;
import ferrite.testkit.Machine;
import ferrite.testkit.MachineRun;
import ferrite.testkit.Machines;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The real-time clock with its driver, and date. */
@Machine
@Timeout(60)
class RealTimeClockTest {

    private static final int BYTES = 36;
    private static final int ALARM_ON = Ioctl._IO('p', 1);
    private static final int ALARM_OFF = Ioctl._IO('p', 2);
    private static final int SET_ALARM = Ioctl._IOW('p', 7, BYTES);
    private static final int READ_ALARM = Ioctl._IOR('p', 8, BYTES);
    private static final int READ_TIME = Ioctl._IOR('p', 9, BYTES);
    private static final int SET_TIME = Ioctl._IOW('p', 10, BYTES);

    private static void check(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    private static LocalDateTime date(Kernel kernel, long time) {
        int[] fields = new int[9];
        for (int i = 0; i < fields.length; i++) {
            fields[i] = kernel.base().memory().load32(time + 4L * i);
        }
        LocalDateTime date = LocalDateTime.of(fields[5] + 1900, fields[4] + 1, fields[3], fields[2], fields[1],
                fields[0]);
        check(date.getDayOfWeek().getValue() % 7 == fields[6] && date.getDayOfYear() - 1 == fields[7],
                "the day of " + date);
        return date;
    }

    private static void store(Kernel kernel, long time, LocalDateTime date) {
        int[] fields = {date.getSecond(), date.getMinute(), date.getHour(), date.getDayOfMonth(),
            date.getMonthValue() - 1, date.getYear() - 1900};
        for (int i = 0; i < fields.length; i++) {
            kernel.base().memory().store32(time + 4L * i, fields[i]);
        }
    }

    @Test
    void dateIsThatOfTheOptionAndThenOfTheClock(Machines machines) throws Exception {
        MachineRun run = machines.boot(options -> options.ram(64 << 20).rtc("2024-02-29T23:59:58Z"));
        run.type("date", "sleep 3", "date", "date tomorrow");
        assertThat(run.out()).isEqualTo("Thu Feb 29 23:59:58 UTC 2024\nFri Mar  1 00:00:01 UTC 2024\n");
        assertThat(run.err()).contains("date: extra operand 'tomorrow'");
        assertThat(run).hasNoViolations();
    }

    @Test
    void programsSetTheTimeAndWaitForTheAlarm(Machines machines) throws Exception {
        InKernel test = new InKernel();
        MachineRun run = machines.boot(options -> options.ram(64 << 20).rtc("1970-01-01T00:00:00Z").driver(test));
        test.run(run, kernel -> {
            int clock = kernel.files().open("/dev/rtc0", Fcntl.O_RDONLY);
            long time = kernel.calls().kzalloc(BYTES, Gfp.GFP_KERNEL);
            Random random = new Random(9);
            for (int i = 0; i < 50; i++) {
                LocalDateTime date = LocalDateTime.ofEpochSecond(random.nextInt(Integer.MAX_VALUE) * 2L, 0,
                        ZoneOffset.UTC);
                store(kernel, time, date);
                check(kernel.files().ioctl(clock, SET_TIME, time) == 0, "set");
                check(kernel.files().ioctl(clock, READ_TIME, time) == 0 && date(kernel, time).equals(date), "read");
            }
            kernel.base().memory().store32(time + 16, 12);
            check(kernel.files().ioctl(clock, SET_TIME, time) == -Errno.EINVAL, "no such month");
            check(kernel.files().ioctl(clock, 0x1234, time) == -Errno.ENOTTY, "no such command");
            store(kernel, time, LocalDateTime.of(2030, 12, 31, 23, 59, 50));
            check(kernel.files().ioctl(clock, SET_TIME, time) == 0, "set");
            store(kernel, time, LocalDateTime.of(1970, 1, 1, 0, 0, 5));
            check(kernel.files().ioctl(clock, SET_ALARM, time) == 0
                    && kernel.files().ioctl(clock, ALARM_ON, 0) == 0, "an alarm at five past midnight");
            check(kernel.files().ioctl(clock, READ_ALARM, time) == 0
                    && date(kernel, time).equals(LocalDateTime.of(2031, 1, 1, 0, 0, 5)), "tomorrow");
            check(kernel.files().read(clock, time, 2) == -Errno.EINVAL, "too short");
            check(kernel.files().read(clock, time, 4) == 4 && kernel.base().memory().load32(time) == 0x1a0, "it rang");
            check(kernel.files().ioctl(clock, READ_TIME, time) == 0
                    && date(kernel, time).equals(LocalDateTime.of(2031, 1, 1, 0, 0, 5)), "at its second");
            check(kernel.files().ioctl(clock, ALARM_OFF, 0) == 0 && kernel.files().close(clock) == 0, "off");
            int other = kernel.files().open("/dev/rtc0", Fcntl.O_RDONLY | Fcntl.O_NONBLOCK);
            check(kernel.files().read(other, time, 4) == -Errno.EAGAIN && kernel.files().close(other) == 0, "once");
            kernel.calls().kfree(time);
        });
        assertThat(run).hasNoViolations();
    }
}

package ferrite.kernel.driver;

import static ferrite.kernel.KernelFixture.bugOf;
import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.kernel.KernelFixture;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.sched.Jiffies;
import ferrite.kernel.sched.TimerFunction;
import ferrite.kernel.sched.TimerLayout;
import ferrite.kernel.sched.Timespec64Layout;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Times in seconds and nanoseconds, and dates. */
@Timeout(60)
class TimeCallsTest {

    private static final int NANOSECONDS = 1_000_000_000;
    private static final int NANOSECONDS_PER_JIFFY = NANOSECONDS / Jiffies.HZ;

    private final KernelFixture fixture = KernelFixture.small();
    private final KernelCalls kernel = fixture.kernel().calls();

    @AfterEach
    void close() {
        fixture.close();
    }

    private long record() {
        return kernel.kzalloc(Timespec64Layout.SIZE, Gfp.GFP_KERNEL);
    }

    private void set(long time, long seconds, int nanoseconds) {
        Timespec64Layout.TV_SEC.set(kernel.memory(), time, seconds);
        Timespec64Layout.TV_NSEC.set(kernel.memory(), time, nanoseconds);
    }

    private long nanoseconds(long time) {
        int rest = Timespec64Layout.TV_NSEC.get(kernel.memory(), time);
        check(rest >= 0 && rest < NANOSECONDS, "nanoseconds of a second: " + rest);
        return Timespec64Layout.TV_SEC.get(kernel.memory(), time) * NANOSECONDS + rest;
    }

    @Test
    void aLengthOfTimeIsRoundedUpToJiffiesAndBackWithoutLoss() {
        fixture.run(() -> {
            long time = record();
            for (int jiffies : new int[] {0, 1, 249, 250, 251, 1_000_000}) {
                kernel.jiffiesToTimespec64(jiffies, time);
                check(nanoseconds(time) == (long) jiffies * NANOSECONDS_PER_JIFFY, jiffies + " jiffies");
                check(kernel.timespec64ToJiffies(time) == jiffies, jiffies + " jiffies and back");
            }
            kernel.jiffiesToTimespec64(-1, time);
            check(nanoseconds(time) == 0xffff_ffffL * NANOSECONDS_PER_JIFFY, "jiffies have no sign");
            set(time, 2, 1);
            check(kernel.timespec64ToJiffies(time) == 2 * Jiffies.HZ + 1, "a nanosecond more");
            set(time, 0, NANOSECONDS - 1);
            check(kernel.timespec64ToJiffies(time) == Jiffies.HZ, "a nanosecond less");
        });
        assertThat(fixture.violations).isEmpty();
    }

    @Test
    void aTimeThatIsTooLongOrNegativeIsTheLongestTimeout() {
        fixture.run(() -> {
            long time = record();
            int longest = (Integer.MAX_VALUE / 2 - 1) / Jiffies.HZ * Jiffies.HZ;
            set(time, 5_000_000_000L, 7);
            check(kernel.timespec64ToJiffies(time) == longest, "too long");
            set(time, -1, 0);
            check(kernel.timespec64ToJiffies(time) == longest, "negative");
            set(time, longest / Jiffies.HZ - 1, 0);
            check(kernel.timespec64ToJiffies(time) == longest - Jiffies.HZ, "a second less");
        });
    }

    @Test
    void theTimeOfTheDayBeginsWhenTheMachineIsSwitchedOn() {
        fixture.run(() -> {
            long time = record();
            kernel.msleep(1500);
            kernel.udelay(100);
            long before = kernel.ktimeGet();
            kernel.ktimeGetRealTs64(time);
            long real = nanoseconds(time);
            check(real >= before && real < before + 10_000, "ktime_get_real_ts64: " + real + ", not " + before);
            kernel.ktimeGetTs64(time);
            check(nanoseconds(time) >= real && nanoseconds(time) < real + 10_000, "ktime_get_ts64");
            kernel.ktimeGetCoarseRealTs64(time);
            long coarse = nanoseconds(time);
            check(coarse % NANOSECONDS_PER_JIFFY == 0 && coarse <= real && real < coarse + NANOSECONDS_PER_JIFFY,
                    "ktime_get_coarse_real_ts64: " + coarse + ", and now " + real);
        });
        assertThat(fixture.violations).isEmpty();
    }

    @Test
    void jiffiesOf64BitsAreConverted() {
        fixture.run(() -> {
            check(kernel.jiffies64ToNsecs(1L << 33) == (1L << 33) * NANOSECONDS_PER_JIFFY, "nanoseconds");
            check(kernel.jiffies64ToMsecs(1L << 33) == (1L << 33) * 1000 / Jiffies.HZ, "milliseconds");
        });
    }

    @Test
    void aDateIsSecondsAsInJavasCalendar() {
        fixture.run(() -> {
            LocalDateTime first = LocalDateTime.of(1970, 1, 1, 0, 0, 0);
            for (int days = 0; days < 60_000; days += 13) {
                LocalDateTime date = first.plusDays(days).plusSeconds(days);
                check(kernel.mktime64(date.getYear(), date.getMonthValue(), date.getDayOfMonth(), date.getHour(),
                        date.getMinute(), date.getSecond()) == date.toEpochSecond(ZoneOffset.UTC), "" + date);
            }
            check(kernel.mktime64(2000, 2, 29, 24, 0, 0) == kernel.mktime64(2000, 3, 1, 0, 0, 0), "a leap day's end");
            check(kernel.mktime64(2016, 12, 31, 23, 59, 60) == kernel.mktime64(2017, 1, 1, 0, 0, 0), "a leap second");
        });
    }

    @Test
    void aTimersFunctionIsGivenItsTimer() {
        List<Long> given = new ArrayList<>();
        long function = fixture.text("given", (TimerFunction) given::add);
        fixture.run(() -> {
            long timer = kernel.kzalloc(TimerLayout.SIZE, Gfp.GFP_KERNEL);
            kernel.timerSetup(timer, function, 0);
            check(!kernel.timerPending(timer) && !kernel.modTimer(timer, kernel.jiffies() + 1), "it is set");
            kernel.msleep(12);
            check(given.equals(List.of(timer)), "given: " + given);
            check(bugOf(() -> kernel.timerSetup(timer, function, 1)).contains("call it with 0"), "a flag");
            kernel.__setCurrentState(KernelCalls.TASK_UNINTERRUPTIBLE);
            check(kernel.scheduleTimeout(2) == 0, "it slept");
            kernel.kfree(timer);
        });
        assertThat(fixture.violations).isEmpty();
    }

    @Test
    void aRecordThatWasFreedIsReported() {
        fixture.run(() -> {
            long time = record();
            kernel.kfree(time);
            kernel.ktimeGetRealTs64(time);
        });
        assertThat(fixture.takeViolations()).extracting(each -> each.rule()).contains("use-after-free");
    }
}

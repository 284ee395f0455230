package ferrite.kernel.sched;

import static ferrite.kernel.sched.Timespec64Layout.TV_NSEC;
import static ferrite.kernel.sched.Timespec64Layout.TV_SEC;

import ferrite.hardware.turn.KernelMemory;

/** Times as seconds and nanoseconds, in a {@link Timespec64Layout}. */
public final class Timespec64 {

    private static final int NANOSECONDS = 1_000_000_000;
    private static final long NANOSECONDS_PER_JIFFY = NANOSECONDS / Jiffies.HZ;

    private static final int MAX_SECONDS = Jiffies.MAX_OFFSET / Jiffies.HZ;

    private Timespec64() { }

    /** Stores a number of nanoseconds that is not negative. */
    public static void set(KernelMemory memory, long time, long nanoseconds) {
        TV_SEC.set(memory, time, nanoseconds / NANOSECONDS);
        TV_NSEC.set(memory, time, (int) (nanoseconds % NANOSECONDS));
    }

    /** {@code jiffies_to_timespec64}. */
    public static void setJiffies(KernelMemory memory, long time, int jiffies) {
        set(memory, time, ofJiffies(Integer.toUnsignedLong(jiffies)));
    }

    /** {@code timespec64_to_jiffies}: rounds up, to the seconds of Linux's {@code MAX_JIFFY_OFFSET} at most. */
    public static int jiffies(KernelMemory memory, long time) {
        long seconds = TV_SEC.get(memory, time);
        if (seconds < 0 || seconds >= MAX_SECONDS) {
            return MAX_SECONDS * Jiffies.HZ;           // as Linux: a negative time is a very long one
        }
        long rest = (TV_NSEC.get(memory, time) + NANOSECONDS_PER_JIFFY - 1) / NANOSECONDS_PER_JIFFY;
        return (int) (seconds * Jiffies.HZ + rest);
    }

    /** Returns the nanoseconds of a number of jiffies. */
    public static long ofJiffies(long jiffies) {
        return jiffies * NANOSECONDS_PER_JIFFY;
    }

    /** Returns a time in nanoseconds, rounded down to its jiffy, as the clock stood at the last tick. */
    public static long atTick(long nanoseconds) {
        return nanoseconds - nanoseconds % NANOSECONDS_PER_JIFFY;
    }

    /**
     * {@code mktime64}: returns the seconds from 1970 to a date of the Gregorian calendar. Each number but the month
     * may be larger than the calendar's. The year begins in March, so that a leap day is its last one.
     *
     * @param month 1 to 12
     */
    public static long mktime(int year, int month, int day, int hour, int minute, int second) {
        int fromMarch = month > 2 ? month - 2 : month + 10;
        long years = month > 2 ? year : year - 1L;
        long leapDays = years / 4 - years / 100 + years / 400;
        long days = 365 * years + leapDays + 367L * fromMarch / 12 + day - 719_499;
        return ((days * 24 + hour) * 60 + minute) * 60 + second;
    }
}

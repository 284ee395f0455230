package ferrite.kernel.sched;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.turn.KernelCpu;
import ferrite.kernel.base.DriverApi;

/**
 * The kernel's unit of time for timeouts and timers (LDD3 pages 184-189): {@value #HZ} in a second, so 4 ms. As in
 * Linux the count begins five minutes before it overflows its 32 bits, so that a comparison without {@link #isAfter}
 * fails early. Nothing counts it: it follows from the time.
 */
@DriverApi
public final class Jiffies {

    /** Jiffies in a second, as Linux's configuration for RISC-V has it. */
    public static final int HZ = 250;

    /** Linux's {@code MAX_SCHEDULE_TIMEOUT}: a sleep without an end. */
    public static final int MAX_SCHEDULE_TIMEOUT = Integer.MAX_VALUE;

    /** Linux's {@code MAX_JIFFY_OFFSET}: a time that is too long counts as this. */
    static final int MAX_OFFSET = (Integer.MAX_VALUE >> 1) - 1;

    /** Ticks of 10 ns in a jiffy. */
    private static final long TICKS = 1_000_000L * Clock.TICKS_PER_MICROSECOND / HZ;
    private static final long INITIAL = -300L * HZ & 0xffff_ffffL;

    private Jiffies() { }

    /** Returns the current jiffy. */
    static int now(KernelCpu cpu) {
        return (int) now64(cpu);
    }

    /** Returns the current jiffy in 64 bits. */
    static long now64(KernelCpu cpu) {
        return INITIAL + cpu.time() / TICKS;
    }

    /** Returns the time at which a jiffy begins, or a time that has passed. */
    static long begin(KernelCpu cpu, int jiffy) {
        long passed = cpu.time() / TICKS;
        return Math.max(0, passed + (jiffy - (int) (INITIAL + passed))) * TICKS;
    }

    /** Returns a time in jiffies, rounded up. */
    static int ofTicks(long ticks) {
        return (int) ((ticks + TICKS - 1) / TICKS);
    }

    /** {@code time_after}: whether jiffy {@code a} is after {@code b}; they are less than 100 days apart. */
    public static boolean isAfter(int a, int b) {
        return b - a < 0;
    }

    /** {@code msecs_to_jiffies}: rounds up. */
    public static int ofMilliseconds(int milliseconds) {
        return ofMicroseconds(1000L * Integer.toUnsignedLong(milliseconds));
    }

    /** {@code usecs_to_jiffies}: rounds up. */
    public static int ofMicroseconds(long microseconds) {
        long perJiffy = 1_000_000 / HZ;
        return (int) Math.min(MAX_OFFSET, (microseconds + perJiffy - 1) / perJiffy);
    }
}

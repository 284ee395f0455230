package ferrite.kernel.driver;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.sched.HrTimerFunction;
import ferrite.kernel.sched.HrTimerLayout;
import ferrite.kernel.sched.Jiffies;
import ferrite.kernel.sched.TimerFunction;
import ferrite.kernel.sched.TimerLayout;
import ferrite.kernel.sched.Timespec64Layout;

/**
 * Time, delays and timers (LDD3 pages 183-202). Timeouts and timers are in jiffies, {@link Jiffies#HZ} a second;
 * high-resolution timers are in nanoseconds.
 */
@DriverApi
public interface TimeCalls {

    /** Modes of {@link #hrtimerStart}: the time is since the start, or from now. */
    int HRTIMER_MODE_ABS = 0;
    int HRTIMER_MODE_REL = 1;

    /** Returns the current jiffy. It overflows; compare with {@link #timeAfter}. Any context. */
    @CName("jiffies")
    int jiffies();

    /** Returns the current jiffy in 64 bits, which do not overflow. Any context. */
    @CName("get_jiffies_64")
    long getJiffies64();

    /** Converts milliseconds to jiffies, rounded up. Any context. */
    @CName("msecs_to_jiffies")
    int msecsToJiffies(int milliseconds);

    /** Converts microseconds to jiffies, rounded up. Any context. */
    @CName("usecs_to_jiffies")
    int usecsToJiffies(int microseconds);

    /** Converts jiffies to milliseconds. Any context. */
    @CName("jiffies_to_msecs")
    int jiffiesToMsecs(int jiffies);

    /** Converts jiffies to microseconds. Any context. */
    @CName("jiffies_to_usecs")
    int jiffiesToUsecs(int jiffies);

    /** Returns whether jiffy {@code a} is after {@code b}, also past an overflow (LDD3 page 185). Any context. */
    @CName("time_after")
    boolean timeAfter(int a, int b);

    /** Returns whether jiffy {@code a} is before {@code b}. Any context. */
    @CName("time_before")
    boolean timeBefore(int a, int b);

    /** Returns whether jiffy {@code a} is after {@code b}, or the same. Any context. */
    @CName("time_after_eq")
    boolean timeAfterEq(int a, int b);

    /** Returns whether jiffy {@code a} is before {@code b}, or the same. Any context. */
    @CName("time_before_eq")
    boolean timeBeforeEq(int a, int b);

    /** Converts jiffies of 64 bits to nanoseconds. Any context. */
    @CName("jiffies64_to_nsecs")
    long jiffies64ToNsecs(long jiffies);

    /** Converts jiffies of 64 bits to milliseconds. Any context. */
    @CName("jiffies64_to_msecs")
    long jiffies64ToMsecs(long jiffies);

    /**
     * Converts a length of time in jiffies to seconds and nanoseconds (LDD3 page 186). Any context.
     *
     * @param value where a {@link Timespec64Layout} is stored
     */
    @CName("jiffies_to_timespec64")
    void jiffiesToTimespec64(int jiffies, long value);

    /**
     * Converts a length of time in seconds and nanoseconds to jiffies, rounded up (LDD3 page 186). A negative or very
     * long time counts as the longest timeout. Any context.
     *
     * @param value address of a {@link Timespec64Layout}
     */
    @CName("timespec64_to_jiffies")
    int timespec64ToJiffies(long value);

    /** Returns the count of the clock, which is one each 10 ns (LDD3 page 187). Any context. */
    @CName("get_cycles")
    long getCycles();

    /** Returns the nanoseconds since the start. Any context. */
    @CName("sched_clock")
    long schedClock();

    /** Returns the nanoseconds since the start, for {@link #hrtimerStart}. Any context. */
    @CName("ktime_get")
    long ktimeGet();

    /**
     * Stores the time of the day, to 10 ns (LDD3 page 189, {@code do_gettimeofday}). The machine has no clock of the
     * day: this time begins in 1970 when the machine is switched on, as programs see {@code CLOCK_REALTIME}, and
     * nothing sets it. Any context.
     *
     * @param time where a {@link Timespec64Layout} is stored
     */
    @CName("ktime_get_real_ts64")
    void ktimeGetRealTs64(long time);

    /**
     * Stores the time of the day as it was at the last jiffy's begin (LDD3 page 189, {@code current_kernel_time}). Any
     * context.
     *
     * @param time where a {@link Timespec64Layout} is stored
     */
    @CName("ktime_get_coarse_real_ts64")
    void ktimeGetCoarseRealTs64(long time);

    /** Stores the time since the start, as {@link #ktimeGet} returns it. Any context. */
    @CName("ktime_get_ts64")
    void ktimeGetTs64(long time);

    /**
     * Returns the seconds from 1970 to a date of the Gregorian calendar (LDD3 page 189, {@code mktime}). Any context.
     *
     * @param month 1 to 12; the other numbers may be larger than the calendar's
     */
    @CName("mktime64")
    long mktime64(int year, int month, int day, int hour, int minute, int second);

    // ---- delays ----

    /** Spends nanoseconds on the hart. Any context. */
    @CName("ndelay")
    void ndelay(int nanoseconds);

    /** Spends microseconds on the hart. Any context. */
    @CName("udelay")
    void udelay(int microseconds);

    /** Spends milliseconds on the hart, where a sleep is forbidden. Any context. */
    @CName("mdelay")
    void mdelay(int milliseconds);

    /** Sleeps for milliseconds, rounded up to jiffies; no signal ends the sleep. Task context. */
    @CName("msleep")
    void msleep(int milliseconds);

    /** Sleeps for milliseconds, unless a signal is sent. Task context. Returns the milliseconds that are left. */
    @CName("msleep_interruptible")
    int msleepInterruptible(int milliseconds);

    /** Sleeps for seconds; no signal ends the sleep. Task context. */
    @CName("ssleep")
    void ssleep(int seconds);

    /** Sleeps for a time between two, in microseconds, by a high-resolution timer. Task context. */
    @CName("usleep_range")
    void usleepRange(int min, int max);

    /**
     * Sleeps for a time, or until the task is woken, if it has called {@code set_current_state} (LDD3 page 194). Task
     * context.
     *
     * @param timeout in jiffies, or {@link Jiffies#MAX_SCHEDULE_TIMEOUT}
     * @return the jiffies that are left
     */
    @CName("schedule_timeout")
    int scheduleTimeout(int timeout);

    /** Sleeps for a time, unless the task is woken or a signal is sent. Task context. Returns the jiffies left. */
    @CName("schedule_timeout_interruptible")
    int scheduleTimeoutInterruptible(int timeout);

    /** Sleeps for a time, unless the task is woken. Task context. Returns the jiffies that are left. */
    @CName("schedule_timeout_uninterruptible")
    int scheduleTimeoutUninterruptible(int timeout);

    // ---- timers ----

    /**
     * Gives a timer that is not set, {@link TimerLayout#SIZE} zeroed bytes, its function, which is given the timer's
     * address and finds the driver's record around it. {@link #modTimer} sets the timer (LDD3 page 197, {@code
     * init_timer}). Any context.
     *
     * @param function text address of a {@link TimerFunction}, which a softirq calls
     * @param flags    0: timers have no flags here
     * @throws ferrite.kernel.base.KernelBug for other flags
     */
    @CName("timer_setup")
    void timerSetup(long timer, long function, int flags);

    /**
     * Gives a timer that is not set, {@link TimerLayout#SIZE} zeroed bytes, its function and argument. Any context.
     *
     * @param function text address of a {@link TimerFunction}, which a softirq calls
     */
    @CName("setup_timer")
    void setupTimer(long timer, long function, long data);

    /**
     * Sets a timer that is not set, in zeroed memory (LDD3 page 199). Any context.
     *
     * @param expires  the jiffy, such as {@code jiffies() + Jiffies.HZ / 10}
     * @param function text address of a {@link TimerFunction}, which a softirq calls
     * @param data     given to it
     * @throws ferrite.kernel.base.KernelBug if the timer is set
     */
    @CName("add_timer")
    void addTimer(long timer, int expires, long function, long data);

    /**
     * Sets a timer, or sets it to another jiffy. Its own function may call this. Any context.
     *
     * @return whether it was set
     */
    @CName("mod_timer")
    boolean modTimer(long timer, int expires);

    /** Removes a timer, and does not wait for its function. Any context. Returns whether the timer was set. */
    @CName("del_timer")
    boolean delTimer(long timer);

    /**
     * Removes a timer. Its function does not run any more when this returns. Any context but interrupts and softirqs.
     *
     * @return whether the timer was still set
     */
    @CName("del_timer_sync")
    boolean delTimerSync(long timer);

    /** Returns whether a timer is set. Any context. */
    @CName("timer_pending")
    boolean timerPending(long timer);

    /**
     * Gives a high-resolution timer that is not set, {@link HrTimerLayout#SIZE} zeroed bytes, its function. Any
     * context.
     *
     * @param function text address of an {@link HrTimerFunction}, called in interrupt context
     */
    @CName("hrtimer_init")
    void hrtimerInit(long timer, long function);

    /**
     * Sets a high-resolution timer, whether or not it is set. Any context.
     *
     * @param time in nanoseconds
     * @param mode {@link #HRTIMER_MODE_ABS} or {@link #HRTIMER_MODE_REL}
     */
    @CName("hrtimer_start")
    void hrtimerStart(long timer, long time, int mode);

    /**
     * Removes a high-resolution timer, and waits for its function. Any context but its function.
     *
     * @return whether the timer was still set
     */
    @CName("hrtimer_cancel")
    boolean hrtimerCancel(long timer);

    /** Removes a high-resolution timer, unless its function runs. Any context. Returns 1 if it was set, 0, or -1. */
    @CName("hrtimer_try_to_cancel")
    int hrtimerTryToCancel(long timer);

    /** Returns whether a high-resolution timer is set, or its function runs. Any context. */
    @CName("hrtimer_active")
    boolean hrtimerActive(long timer);

    /** Returns the time at which a high-resolution timer expires, in nanoseconds. Any context. */
    @CName("hrtimer_get_expires")
    long hrtimerGetExpires(long timer);

    /**
     * Moves the time of a timer that is not set past now, by whole intervals of nanoseconds; for its function, before
     * it returns true. Any context. Returns the number of intervals.
     */
    @CName("hrtimer_forward_now")
    long hrtimerForwardNow(long timer, long interval);
}

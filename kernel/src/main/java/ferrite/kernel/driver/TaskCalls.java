package ferrite.kernel.driver;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.sched.TaskEntry;
import ferrite.kernel.sched.TimerFunction;
import ferrite.kernel.sched.TimerLayout;
import ferrite.kernel.sched.WaitQueueLayout;
import java.util.function.BooleanSupplier;

/** Waiting (LDD3 pages 147-159), timers (page 198), tasks and signals. */
@DriverApi
public interface TaskCalls {

    /**
     * Declares that the caller may sleep. A violation is reported if it must not. Any context.
     *
     * @param call    the name of the call
     * @param instead what would be right, as a clause
     */
    @CName("might_sleep")
    void mightSleep(String call, String instead);

    /** Returns whether the caller must not sleep. Any context. */
    @CName("in_atomic")
    boolean inAtomic();

    /** Initialises a wait queue in {@link WaitQueueLayout#SIZE} zeroed bytes. Any context. */
    @CName("init_waitqueue_head")
    void initWaitqueueHead(long queue);

    /** Sleeps until a condition holds; no signal ends the sleep. Task context. */
    @CName("wait_event")
    void waitEvent(long queue, BooleanSupplier condition);

    /**
     * Sleeps until a condition holds or a signal is sent. Task context.
     *
     * @return 0, or {@code -ERESTARTSYS}: the driver undoes its work and returns that
     */
    @CName("wait_event_interruptible")
    int waitEventInterruptible(long queue, BooleanSupplier condition);

    /**
     * Sleeps until a condition holds or a time is over. Task context.
     *
     * @return the ticks that are left, at least 1; 0 if the condition does not hold
     */
    @CName("wait_event_timeout")
    long waitEventTimeout(long queue, BooleanSupplier condition, long ticks);

    /**
     * Sleeps until a condition holds, a signal is sent, or a time is over. Task context.
     *
     * @return the ticks that are left, at least 1; 0 if the time is over; {@code -ERESTARTSYS} after a signal
     */
    @CName("wait_event_interruptible_timeout")
    long waitEventInterruptibleTimeout(long queue, BooleanSupplier condition, long ticks);

    /**
     * Sleeps as {@link #waitEventInterruptible}, as an exclusive waiter: a wake-up reaches one of those. Task context.
     */
    @CName("wait_event_interruptible_exclusive")
    int waitEventInterruptibleExclusive(long queue, BooleanSupplier condition);

    /** Wakes all tasks of a queue but exclusive ones, and the one of those that has waited longest. Any context. */
    @CName("wake_up")
    void wakeUp(long queue);

    /** Wakes all tasks of a queue but exclusive ones, and so many of those. Any context. */
    @CName("wake_up_nr")
    void wakeUpNr(long queue, int exclusive);

    /** Returns whether a task waits on a queue. Any context. */
    @CName("waitqueue_active")
    boolean waitqueueActive(long queue);

    /** Wakes all tasks of a queue. Any context. */
    @CName("wake_up_all")
    void wakeUpAll(long queue);

    /** Puts the current task on a queue for an interruptible sleep. Task context. */
    @CName("prepare_to_wait")
    void prepareToWait(long queue);

    /** Puts the current task on a queue as an exclusive waiter, for an interruptible sleep. Task context. */
    @CName("prepare_to_wait_exclusive")
    void prepareToWaitExclusive(long queue);

    /** Takes the current task off a queue. Task context. */
    @CName("finish_wait")
    void finishWait(long queue);

    /** Gives the hart to another task. Task context; may sleep. */
    @CName("schedule")
    void schedule();

    /**
     * Sets a timer, {@link TimerLayout#SIZE} zeroed bytes (LDD3 page 198). Any context.
     *
     * @param ticks    from now, of 10 ns
     * @param function text address of a {@link TimerFunction}, called in interrupt context
     * @param data     given to it
     * @throws ferrite.kernel.base.KernelBug if the timer is set
     */
    @CName("add_timer")
    void addTimer(long timer, long ticks, long function, long data);

    /**
     * Gives a timer that is not set, in zeroed memory, its function and argument, for {@link #modTimer}. Any context.
     *
     * @param function text address of a {@link TimerFunction}, called in interrupt context
     */
    @CName("timer_setup")
    void timerSetup(long timer, long function, long data);

    /**
     * Sets a timer, or sets it to another time. Its own function may call this. Any context.
     *
     * @param ticks from now, of 10 ns
     * @return whether it was set
     */
    @CName("mod_timer")
    boolean modTimer(long timer, long ticks);

    /** Removes a timer, and does not wait for its function. Any context. Returns whether the timer was set. */
    @CName("del_timer")
    boolean delTimer(long timer);

    /** Returns whether a timer is set. Any context. */
    @CName("timer_pending")
    boolean timerPending(long timer);

    /**
     * Removes a timer. Its function does not run any more when this returns. Task context.
     *
     * @return whether the timer was still set
     */
    @CName("del_timer_sync")
    boolean delTimerSync(long timer);

    /**
     * Sleeps for a time, unless a signal is sent. Task context.
     *
     * @param ticks of 10 ns
     * @return 0, or {@code -EINTR}
     */
    @CName("schedule_timeout_interruptible")
    int scheduleTimeoutInterruptible(long ticks);

    /**
     * Sleeps for a time; no signal ends the sleep. Task context.
     *
     * @param ticks of 10 ns
     */
    @CName("schedule_timeout_uninterruptible")
    void scheduleTimeoutUninterruptible(long ticks);

    /** Sleeps for milliseconds; no signal ends the sleep. Task context. */
    @CName("msleep")
    void msleep(int milliseconds);

    /** Sleeps for milliseconds, unless a signal is sent. Task context. Returns the milliseconds that are left. */
    @CName("msleep_interruptible")
    int msleepInterruptible(int milliseconds);

    /** Sleeps for seconds; no signal ends the sleep. Task context. */
    @CName("ssleep")
    void ssleep(int seconds);

    /** Spends nanoseconds on the hart. Any context. */
    @CName("ndelay")
    void ndelay(int nanoseconds);

    /** Spends microseconds on the hart. Any context. */
    @CName("udelay")
    void udelay(int microseconds);

    /** Spends milliseconds on the hart, where a sleep is forbidden. Any context. */
    @CName("mdelay")
    void mdelay(int milliseconds);

    /** Lets other harts run while the caller polls. Any context. */
    @CName("cpu_relax")
    void cpuRelax();

    /** Returns the time since the start in ticks of 10 ns. Any context. */
    @CName("sched_clock")
    long schedClock();

    /**
     * Makes a kernel task that may run on all harts. Task context; may sleep.
     *
     * @param entry text address of a {@link TaskEntry}
     * @return the task, or 0
     */
    @CName("kthread_run")
    long kthreadRun(String name, long entry, long argument);

    /** Returns whether the current task has a signal to take. Task context. */
    @CName("signal_pending")
    boolean signalPending();

    /**
     * Sends a signal to a task. Any context.
     *
     * @return 0, or {@code -ESRCH} if there is no such task
     */
    @CName("kill_pid")
    int killPid(int pid, int signal);
}

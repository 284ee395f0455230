package ferrite.kernel.sched;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.core.Context;
import ferrite.kernel.core.KernelBase;
import java.util.function.BooleanSupplier;

/**
 * Sleeps of the current task: until a condition holds, a signal is sent, or a time is over (LDD3 pages 148-151 and
 * 194). Times are in ticks of 10 ns ({@link Clock}). Task context.
 */
@Plumbing
public final class Sleep {

    /** In place of a time: the sleep has no end but its condition. */
    public static final long FOREVER = -1;

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final Context context;
    private final Scheduler scheduler;
    private final WaitQueue queues;
    private final Signals signals;
    private final HrTimer timers;

    Sleep(KernelBase base, Scheduler scheduler, Signals signals, HrTimer timers) {
        this.memory = base.memory();
        this.cpu = base.cpu();
        this.context = base.context();
        this.scheduler = scheduler;
        this.queues = scheduler.waitQueues();
        this.signals = signals;
        this.timers = timers;
    }

    /**
     * Sleeps on a queue until a condition holds, as {@code wait_event} and its kin do. The task evaluates the condition
     * before it sleeps and after each wake-up. The caller has called {@link Context#mightSleep}.
     *
     * @param state {@link TaskLayout#INTERRUPTIBLE}, so that a signal ends the sleep, or
     *              {@link TaskLayout#UNINTERRUPTIBLE}
     * @param ticks the longest sleep, or {@link #FOREVER}
     * @return the ticks that are left, at least 1, if the condition holds; 0 if the time is over; {@code -ERESTARTSYS}
     *         if a signal came first
     */
    public long until(long queue, BooleanSupplier condition, int state, long ticks) {
        return until(queue, condition, state, ticks, false);
    }

    /** {@code wait_event}: sleeps until a condition holds; no signal ends the sleep. */
    public void waitEvent(long queue, BooleanSupplier condition) {
        waitEvent("wait_event", queue, condition, TaskLayout.UNINTERRUPTIBLE, FOREVER);
    }

    /** {@code wait_event_interruptible}. Returns 0, or {@code -ERESTARTSYS} if a signal came first. */
    public int waitEventInterruptible(long queue, BooleanSupplier condition) {
        return waitEvent("wait_event_interruptible", queue, condition, TaskLayout.INTERRUPTIBLE, FOREVER) < 0
                ? -Errno.ERESTARTSYS : 0;
    }

    /** Sleeps as {@link #until} does, for a call that is checked. */
    public long waitEvent(String call, long queue, BooleanSupplier condition, int state, long ticks) {
        context.mightSleep(call, "wait after the atomic section has ended");
        return until(queue, condition, state, ticks);
    }

    /** Sleeps as {@link #until} does, as an exclusive waiter: a wake-up reaches only one of those. */
    public long exclusively(long queue, BooleanSupplier condition, int state, long ticks) {
        return until(queue, condition, state, ticks, true);
    }

    private long until(long queue, BooleanSupplier condition, int state, long ticks, boolean exclusive) {
        long end = ticks == FOREVER ? FOREVER : cpu.time() + ticks;
        while (!context.evaluate(condition)) {
            boolean waits = queues.prepareToWait(queue, state, exclusive);
            if (context.evaluate(condition)) {
                queues.finishWait(queue);
                break;
            }
            if (!waits) {
                return -Errno.ERESTARTSYS;
            }
            if (isOver(end)) {
                queues.finishWait(queue);
                return 0;
            }
            scheduleUntil(end);
            queues.finishWait(queue);
        }
        return end == FOREVER ? 1 : Math.max(1, end - cpu.time());
    }

    /**
     * Sleeps as {@link #until} does, interruptibly, in a system call that has had no effects. A program sleeps at its
     * restart point, where no Java frame matters: the result is {@code -ERESTART_WAIT}. The caller returns it without
     * another sleep, and the call is made again after a wake-up. {@code ticks} count from the first time.
     */
    public long atRestartPoint(long queue, BooleanSupplier condition, long ticks, boolean exclusive) {
        long task = cpu.tp();
        if (TaskLayout.MM.get(memory, task) == 0) {
            return until(queue, condition, TaskLayout.INTERRUPTIBLE, ticks, exclusive);
        }
        long end = TaskLayout.CALL_UNTIL.get(memory, task);
        if (end == 0) {
            end = ticks == FOREVER ? FOREVER : cpu.time() + ticks;
        }
        if (!context.evaluate(condition)) {
            boolean waits = queues.prepareToWait(queue, TaskLayout.INTERRUPTIBLE, exclusive);
            if (!context.evaluate(condition)) {
                return waits ? prepareCall(queue, end) : -Errno.ERESTARTSYS;
            }
            queues.finishWait(queue);
        }
        return end == FOREVER ? 1 : Math.max(1, end - cpu.time());
    }

    private long prepareCall(long queue, long end) {
        if (isOver(end)) {
            queues.finishWait(queue);
            return 0;
        }
        if (end != FOREVER) {
            timers.wakeAt(cpu.tp(), end);
        }
        TaskLayout.CALL_QUEUE.set(memory, cpu.tp(), queue);
        TaskLayout.CALL_UNTIL.set(memory, cpu.tp(), end);
        return -Errno.ERESTART_WAIT;
    }

    /** Ends a sleep of {@link #atRestartPoint}, before the system call is made again. */
    public void finishCall() {
        queues.finishWait(TaskLayout.CALL_QUEUE.get(memory, cpu.tp()));
        timers.cancel(TaskLayout.TIMER.at(cpu.tp()));
        TaskLayout.CALL_QUEUE.set(memory, cpu.tp(), 0);
    }

    /** Ends a sleep of {@link #atRestartPoint} for a system call that returns instead. */
    public void abandonCall() {
        finishCall();
        TaskLayout.CALL_UNTIL.set(memory, cpu.tp(), 0);
    }

    private boolean isOver(long end) {
        return end != FOREVER && Long.compareUnsigned(cpu.time(), end) >= 0;
    }

    /** Gives the hart away until the task is woken, at a time at the latest. The task's state is set. */
    private void scheduleUntil(long end) {
        if (end == FOREVER) {
            scheduler.schedule();
            return;
        }
        timers.wakeAt(cpu.tp(), end);
        scheduler.schedule();
        timers.cancel(TaskLayout.TIMER.at(cpu.tp()));
    }

    // ---- times alone ----

    /**
     * Sleeps for a time.
     *
     * @param state {@link TaskLayout#INTERRUPTIBLE}, so that a signal ends the sleep, or
     *              {@link TaskLayout#UNINTERRUPTIBLE}
     * @return the ticks that are left if a signal came first; otherwise 0
     */
    public long timeout(long ticks, int state) {
        long end = cpu.time() + ticks;
        while (!isOver(end)) {
            TaskLayout.STATE.set(memory, cpu.tp(), state);          // first, so that no wake-up is lost
            timers.wakeAt(cpu.tp(), end);
            boolean signalled = state == TaskLayout.INTERRUPTIBLE && signals.isPending();
            if (!signalled) {
                scheduler.schedule();
            }
            TaskLayout.STATE.set(memory, cpu.tp(), TaskLayout.RUNNING);
            timers.cancel(TaskLayout.TIMER.at(cpu.tp()));
            if (state == TaskLayout.INTERRUPTIBLE && signals.isPending()) {
                return Math.max(1, end - cpu.time());
            }
        }
        return 0;
    }

    /**
     * {@code schedule_timeout}: gives the hart away until the task is woken, or a time is over. The caller has set the
     * task's state.
     *
     * @return the ticks that are left, or {@link #FOREVER} as it was given
     */
    public long scheduleTimeout(String call, long ticks) {
        context.mightSleep(call, "use udelay or ndelay, which spend the time on the hart");
        long end = ticks == FOREVER ? FOREVER : cpu.time() + ticks;
        scheduleUntil(end);
        TaskLayout.STATE.set(memory, cpu.tp(), TaskLayout.RUNNING);
        return end == FOREVER ? FOREVER : Math.max(0, end - cpu.time());
    }

    /** {@code set_current_state}: marks the current task as about to sleep, or as running. Task context. */
    public void setState(int state) {
        TaskLayout.STATE.set(memory, cpu.tp(), state);
    }

    /** Sleeps for a time, or until a signal comes. Returns 0, or {@code -EINTR}. */
    public int timeoutInterruptible(long ticks) {
        return timeout(ticks, TaskLayout.INTERRUPTIBLE) == 0 ? 0 : -Errno.EINTR;
    }

    /** Sleeps for a time that a call names, which is checked. Returns as {@link #timeout} does. */
    public long timeout(String call, long ticks, int state) {
        context.mightSleep(call, "use udelay or ndelay, which spend the time on the hart");
        return timeout(ticks, state);
    }

    /**
     * Prepares an interruptible sleep of the current task at its restart point, until a time of the clock or for ever.
     * The next {@code schedule} sleeps; {@link #finishTimeout} follows it.
     */
    public void prepareTimeout(long end) {
        TaskLayout.STATE.set(memory, cpu.tp(), TaskLayout.INTERRUPTIBLE);
        if (end != FOREVER) {
            timers.wakeAt(cpu.tp(), end);
        }
    }

    /** Ends a sleep of {@link #prepareTimeout}. */
    public void finishTimeout() {
        TaskLayout.STATE.set(memory, cpu.tp(), TaskLayout.RUNNING);
        timers.cancel(TaskLayout.TIMER.at(cpu.tp()));
    }

    // ---- jiffies ----

    /** Returns the time from now to the end of a timeout. {@link Jiffies#MAX_SCHEDULE_TIMEOUT} is for ever. */
    public long ticks(int timeout) {
        return timeout == Jiffies.MAX_SCHEDULE_TIMEOUT ? FOREVER
                : Math.max(0, Jiffies.begin(cpu, Jiffies.now(cpu) + timeout) - cpu.time());
    }

    /** Returns the time of the clock at which a jiffy begins. */
    public long begin(int jiffy) {
        return Jiffies.begin(cpu, jiffy);
    }

    /** Returns the rest of a sleep's timeout, in jiffies, rounded up; or the error that it returned. */
    public int jiffies(long left) {
        return left <= 0 ? (int) left : Jiffies.ofTicks(left);
    }

    /** Returns the current jiffy. Any context. */
    public int now() {
        return Jiffies.now(cpu);
    }

    /** Returns the current jiffy in 64 bits. Any context. */
    public long now64() {
        return Jiffies.now64(cpu);
    }

    /** {@code udelay}: spends a time on the hart. Other harts run meanwhile. Any context. */
    public void delay(long ticks) {
        long end = cpu.time() + ticks;
        while (!isOver(end)) {
            cpu.relax();
        }
    }
}

package ferrite.kernel.sched;

import static ferrite.kernel.sched.TimerLayout.DUE;
import static ferrite.kernel.sched.TimerLayout.FUNCTION;

import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.PerCpuLayout;
import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.ResourceTracker;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.core.Callbacks;
import ferrite.kernel.core.Context;
import ferrite.kernel.core.KernelBase;

/**
 * {@code struct hrtimer}: a function that is called at a time, exact to 10 ns, by the timer interrupt itself. A timer
 * is {@value HrTimerLayout#SIZE} zeroed bytes anywhere in RAM; they must stay there while the timer is set. Times are
 * in ticks of 10 ns since the start.
 */
@Plumbing
public final class HrTimer {

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final TextTable text;
    private final Callbacks callbacks;
    private final Context context;
    private final ResourceTracker tracker;
    private final Scheduler scheduler;
    private final TimerQueue queue;
    private final long wakeTask;

    HrTimer(KernelBase base, Scheduler scheduler) {
        this.memory = base.memory();
        this.cpu = base.cpu();
        this.text = base.text();
        this.callbacks = new Callbacks(base);
        this.context = base.context();
        this.tracker = base.tracker();
        this.scheduler = scheduler;
        this.queue = new TimerQueue(base, scheduler, PerCpuLayout.HRTIMERS);
        this.wakeTask = text.newModule().add("hrtimer_wakeup", (HrTimerFunction) this::wake);
    }

    private boolean wake(long timer) {
        scheduler.wake(TaskLayout.TIMER.containerOf(timer));
        return false;
    }

    /** {@code hrtimer_init}: gives a timer that is not set its function. Any context. */
    public void setUp(long timer, long function) {
        FUNCTION.set(memory, timer, function);
    }

    /** {@code hrtimer_start}: sets a timer, whether or not it is set. Any context. */
    public void start(long timer, long due) {
        queue.set(timer, due);
    }

    /** {@code hrtimer_cancel}: cancels a timer, and waits for its function. Returns whether the timer was set. */
    public boolean cancel(long timer) {
        return queue.delete("hrtimer_cancel", timer);
    }

    /** {@code hrtimer_try_to_cancel}: returns 1 if the timer was set, 0 if not, -1 if its function is running. */
    public int tryToCancel(long timer) {
        return queue.isRunning(timer) ? -1 : queue.cancel(timer) ? 1 : 0;
    }

    /** {@code hrtimer_active}: returns whether a timer is set, or its function is running. Any context. */
    public boolean isActive(long timer) {
        return queue.isPending(timer) || queue.isRunning(timer);
    }

    /** Returns whether a timer is set. Only looks. */
    public boolean isSet(ReadableMemory view, long timer) {
        long node = TimerLayout.NODE.at(timer);
        return ListHead.first(view, node) != 0 && !ListHead.isEmpty(view, node);
    }

    /** Returns the time at which a timer expires or has expired. */
    public long due(long timer) {
        return DUE.get(memory, timer);
    }

    /**
     * {@code hrtimer_forward}: moves the time of a timer that is not set past {@code now}, by whole intervals. Returns
     * their number.
     */
    public long forward(long timer, long now, long interval) {
        long due = DUE.get(memory, timer);
        if (now < due) {
            return 0;
        }
        long intervals = (now - due) / Math.max(1, interval) + 1;
        DUE.set(memory, timer, due + intervals * Math.max(1, interval));
        return intervals;
    }

    /** Calls the functions that are due on this hart. Its timer interrupt. */
    void run() {
        if (!queue.isDue()) {
            return;
        }
        long now = cpu.time();                         // a timer that is set again waits for the next interrupt
        for (long timer = queue.takeDue(now); timer != 0; timer = queue.takeDue(now)) {
            long function = FUNCTION.get(memory, timer);
            if (function == wakeTask) {
                wake(timer);
            } else {
                call(timer, function);
            }
            queue.ended();
        }
    }

    private void call(long timer, long function) {
        tracker.gaveBack(ResourceTracker.Kind.TIMER, timer);
        boolean[] again = new boolean[1];
        context.functionBegins(timer, "the high-resolution timer's function", function);
        callbacks.call("the function of a high-resolution timer", function,
                () -> again[0] = text.at(function, HrTimerFunction.class).expired(timer));
        context.functionEnded(timer);
        if (again[0] && !queue.isPending(timer)) {
            queue.set(timer, Math.max(DUE.get(memory, timer), cpu.time()));
            tracker.took(ResourceTracker.Kind.TIMER, timer, 0);
        }
    }

    /** Wakes a sleeping task at a time, by the task's own timer. */
    void wakeAt(long task, long time) {
        setUp(TaskLayout.TIMER.at(task), wakeTask);
        start(TaskLayout.TIMER.at(task), Math.max(cpu.time(), time));
    }
}

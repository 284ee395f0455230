package ferrite.kernel.sched;

import static ferrite.kernel.sched.TimerLayout.DATA;
import static ferrite.kernel.sched.TimerLayout.EXPIRES;
import static ferrite.kernel.sched.TimerLayout.FUNCTION;

import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.PerCpuLayout;
import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.ResourceTracker;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.core.Callbacks;
import ferrite.kernel.core.Context;
import ferrite.kernel.core.KernelBase;

/**
 * {@code struct timer_list} (LDD3 pages 198-202): a function that is called once, at a jiffy, by a softirq on the hart
 * that set the timer. A timer is {@value TimerLayout#SIZE} zeroed bytes anywhere in RAM; they must stay there while the
 * timer is set.
 */
@Plumbing
public final class KernelTimer {

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final TextTable text;
    private final Context context;
    private final Callbacks callbacks;
    private final ResourceTracker tracker;
    private final Scheduler scheduler;
    private final Softirq softirqs;
    private final HrTimer hrTimers;
    private final TimerQueue queue;

    KernelTimer(KernelBase base, Scheduler scheduler, Softirq softirqs, HrTimer hrTimers) {
        this.memory = base.memory();
        this.cpu = base.cpu();
        this.text = base.text();
        this.context = base.context();
        this.callbacks = new Callbacks(base);
        this.tracker = base.tracker();
        this.scheduler = scheduler;
        this.softirqs = softirqs;
        this.hrTimers = hrTimers;
        this.queue = new TimerQueue(base, scheduler, PerCpuLayout.TIMERS);
        softirqs.open(Softirq.TIMER, this::serve);
    }

    /**
     * {@code add_timer}: sets a timer that is not set. Any context.
     *
     * @param expires  the jiffy
     * @param function text address of a {@link TimerFunction}
     * @param data     the function's argument
     */
    public void add(long timer, int expires, long function, long data) {
        setUp(timer, function, data);
        modify(timer, expires);
    }

    /** {@code setup_timer}: gives a timer that is not set its function and its argument. Any context. */
    public void setUp(long timer, long function, long data) {
        FUNCTION.set(memory, timer, function);
        DATA.set(memory, timer, data);
    }

    /** {@code mod_timer}: sets a timer to another jiffy, whether or not it is set. Returns whether it was set. */
    public boolean modify(long timer, int expires) {
        EXPIRES.set(memory, timer, expires);
        // one that is due already expires with the next jiffy, as in Linux
        return queue.set(timer, Math.max(Jiffies.begin(cpu, expires), Jiffies.begin(cpu, Jiffies.now(cpu) + 1)));
    }

    /** {@code del_timer}: cancels a timer, and does not wait. Any context. Returns whether the timer was set. */
    public boolean cancel(long timer) {
        return queue.cancel(timer);
    }

    /**
     * {@code del_timer_sync}: cancels a timer. When this returns, its function is not running on any hart. Not in
     * interrupts; the caller must not hold a lock that the function waits for.
     *
     * @return whether the timer was still set
     */
    public boolean delete(long timer) {
        return queue.delete("del_timer_sync", timer);
    }

    /** {@code timer_pending}: returns whether a timer is set. Any context. */
    public boolean isPending(long timer) {
        return queue.isPending(timer);
    }

    /**
     * Handles this hart's timer interrupt: serves high-resolution timers, leaves the others to a softirq, and ends the
     * current task's time slice if it is over.
     */
    public void interrupt() {
        PerCpuLayout.TIMER_COUNT.add(memory, scheduler.record(cpu.hartId()), 1);
        hrTimers.run();
        if (queue.isDue()) {
            softirqs.raise(Softirq.TIMER);
        }
        scheduler.tick();
    }

    /** Calls the functions that are due on this hart. */
    private void serve() {
        for (long timer = queue.takeDue(); timer != 0; timer = queue.takeDue()) {
            tracker.gaveBack(ResourceTracker.Kind.TIMER, timer);
            call(timer, FUNCTION.get(memory, timer));
            queue.ended();
        }
    }

    private void call(long timer, long function) {
        softirqs.begins(function);
        context.functionBegins(timer, "the timer's function", function);
        callbacks.call("the timer's function", function,
                () -> text.at(function, TimerFunction.class).expired(DATA.get(memory, timer)));
        context.functionEnded(timer);
        softirqs.begins(0);
    }
}

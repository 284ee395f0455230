package ferrite.kernel.sched;

import static ferrite.kernel.sched.TimerLayout.DATA;
import static ferrite.kernel.sched.TimerLayout.EXPIRES;
import static ferrite.kernel.sched.TimerLayout.FUNCTION;
import static ferrite.kernel.sched.TimerLayout.HART;
import static ferrite.kernel.sched.TimerLayout.NODE;

import ferrite.hardware.report.Hex;
import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.PerCpuLayout;
import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.ResourceTracker;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.check.Rule;
import ferrite.kernel.check.Violations;
import ferrite.kernel.core.Context;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.shadow.MemoryStates;

/**
 * {@code struct timer_list} (LDD3 pages 198-202): a function that is called once, at a tick, in interrupt context, on
 * the hart that set the timer. A timer is {@value TimerLayout#SIZE} zeroed bytes anywhere in RAM; they must stay there
 * while the timer is set. Each hart keeps its timers in a list, ordered by their ticks.
 */
@Plumbing
public final class KernelTimer {

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final TextTable text;
    private final Context context;
    private final ResourceTracker tracker;
    private final Scheduler scheduler;
    private final SpinLock locks;
    private final long wakeTask;
    private final MemoryStates states;
    private final Violations violations;

    KernelTimer(KernelBase base, Scheduler scheduler) {
        this.memory = base.memory();
        this.cpu = base.cpu();
        this.text = base.text();
        this.context = base.context();
        this.tracker = base.tracker();
        this.scheduler = scheduler;
        this.locks = base.locks();
        this.states = base.states();
        this.violations = base.violations();
        this.wakeTask = text.newModule().add("process_timeout", (TimerFunction) scheduler::wake);
    }

    /**
     * {@code add_timer}: sets a timer that is not set. Any context.
     *
     * @param ticks    time from now, in units of 10 ns
     * @param function text address of a {@link TimerFunction}
     * @param data     the function's argument
     */
    public void add(long timer, long ticks, long function, long data) {
        setUp(timer, function, data);
        modify(timer, ticks);
    }

    /** Takes the lock of the hart whose list a timer is or was on. Interrupts are off. Returns the hart's record. */
    private long lockBase(long timer) {
        for (;;) {
            int hart = HART.get(memory, timer);
            long record = scheduler.record(hart);
            locks.lock(PerCpuLayout.TIMER_LOCK.at(record));
            if (HART.get(memory, timer) == hart) {
                return record;
            }
            locks.unlock(PerCpuLayout.TIMER_LOCK.at(record));
        }
    }

    /**
     * Finds the node before which a timer is inserted. Timers of the same tick are called in the order in which they
     * were set.
     */
    private long firstAfter(long list, long expires) {
        long node = ListHead.first(memory, list);
        while (node != list && Long.compareUnsigned(EXPIRES.get(memory, NODE.containerOf(node)), expires) <= 0) {
            node = ListHead.next(memory, node);
        }
        return node;
    }

    /**
     * {@code del_timer_sync}: cancels a timer. When this returns, its function is not running on any hart. Task
     * context; the caller must not hold a lock that the function waits for.
     *
     * @return whether the timer was still set
     */
    public boolean delete(long timer) {
        for (;;) {
            int flags = cpu.irqSave();
            long record = lockBase(timer);
            boolean running = PerCpuLayout.RUNNING_TIMER.get(memory, record) == timer;
            boolean ownFunction = running && record == scheduler.record(cpu.hartId()) && context.inHardirq();
            boolean done = !running || ownFunction;
            boolean wasSet = done && remove(timer);
            locks.unlock(PerCpuLayout.TIMER_LOCK.at(record));
            cpu.irqRestore(flags);
            if (ownFunction) {
                waitsForItself(timer);
            }
            if (done) {
                return wasSet;
            }
            cpu.relax();
        }
    }

    /** Takes a timer off its list, which is locked. Returns whether it was on one. */
    private boolean remove(long timer) {
        states.timerEnded(timer);
        boolean wasSet = isPending(timer);
        if (wasSet) {
            ListHead.delete(memory, NODE.at(timer));
        }
        return wasSet;
    }

    /**
     * {@code del_timer}: cancels a timer, and does not wait: its function may be running. Any context. Returns whether
     * the timer was still set.
     */
    public boolean cancel(long timer) {
        int flags = cpu.irqSave();
        long record = lockBase(timer);
        boolean wasSet = remove(timer);
        locks.unlock(PerCpuLayout.TIMER_LOCK.at(record));
        cpu.irqRestore(flags);
        return wasSet;
    }

    /** {@code timer_setup}: gives a timer that is not set its function and its argument. Any context. */
    public void setUp(long timer, long function, long data) {
        FUNCTION.set(memory, timer, function);
        DATA.set(memory, timer, data);
    }

    /**
     * {@code mod_timer}: sets a timer to another time, whether or not it is set. A timer whose function is running
     * stays with that hart, so that {@link #delete} finds it. Any context. Returns whether it was set.
     *
     * @param ticks time from now, in units of 10 ns
     */
    public boolean modify(long timer, long ticks) {
        int flags = cpu.irqSave();
        long expires = cpu.time() + ticks;
        long here = scheduler.record(cpu.hartId());
        boolean wasSet = false;
        long record = lockBase(timer);
        while (record != here && PerCpuLayout.RUNNING_TIMER.get(memory, record) != timer) {
            wasSet |= remove(timer);
            HART.set(memory, timer, cpu.hartId());
            locks.unlock(PerCpuLayout.TIMER_LOCK.at(record));
            record = lockBase(timer);
        }
        wasSet |= remove(timer);
        EXPIRES.set(memory, timer, expires);
        ListHead.addTail(memory, NODE.at(timer), firstAfter(PerCpuLayout.TIMER_LIST.at(record), expires));
        locks.unlock(PerCpuLayout.TIMER_LOCK.at(record));
        if (record == here && Long.compareUnsigned(expires, PerCpuLayout.TIMER_DUE.get(memory, record)) < 0) {
            PerCpuLayout.TIMER_DUE.set(memory, record, expires);
            scheduler.programTimer();
        }
        cpu.irqRestore(flags);
        return wasSet;
    }

    private void waitsForItself(long timer) {
        violations.of(Rule.LOCK_RECURSION, "del_timer_sync of the timer at " + Hex.grouped(timer)
                + " in the timer's own function").line("why", "it waits for the function to end, which waits for it: "
                        + "Linux would spin here for ever")
                .line("instead", "leave the timer alone: it is not set any more when its function runs")
                .address("timer", timer).report();
    }

    /** {@code timer_pending}: returns whether a timer is set. Any context. */
    public boolean isPending(long timer) {
        return ListHead.first(memory, NODE.at(timer)) != 0 && !ListHead.isEmpty(memory, NODE.at(timer));
    }

    /**
     * Handles this hart's timer interrupt: calls the functions that are due, then ends the current task's time slice if
     * it is over.
     */
    public void interrupt() {
        long record = scheduler.record(cpu.hartId());
        PerCpuLayout.TIMER_COUNT.add(memory, record, 1);
        for (long timer = takeDue(record); timer != 0; timer = takeDue(record)) {
            tracker.gaveBack(ResourceTracker.Kind.TIMER, timer);
            long function = FUNCTION.get(memory, timer);
            if (function == wakeTask) {
                scheduler.wake(DATA.get(memory, timer));
            } else {
                call(timer, function);
            }
            PerCpuLayout.RUNNING_TIMER.set(memory, record, 0);
        }
        scheduler.tick();
    }

    private void call(long timer, long function) {
        Context.Entered entered = context.enter();
        context.timerBegins(timer);
        text.at(function, TimerFunction.class).expired(DATA.get(memory, timer));
        context.timerEnded(timer);
        context.leave("a timer's function", entered);
    }

    private long takeDue(long record) {
        locks.lock(PerCpuLayout.TIMER_LOCK.at(record));
        long node = ListHead.first(memory, PerCpuLayout.TIMER_LIST.at(record));
        long expires = node == PerCpuLayout.TIMER_LIST.at(record) ? -1 : EXPIRES.get(memory, NODE.containerOf(node));
        boolean due = Long.compareUnsigned(expires, cpu.time()) <= 0;
        if (due) {
            ListHead.delete(memory, node);
            PerCpuLayout.RUNNING_TIMER.set(memory, record, NODE.containerOf(node));
            states.timerEnded(NODE.containerOf(node));
        } else {
            PerCpuLayout.TIMER_DUE.set(memory, record, expires);
        }
        locks.unlock(PerCpuLayout.TIMER_LOCK.at(record));
        return due ? NODE.containerOf(node) : 0;
    }

    /** Wakes a sleeping task at a time, by the task's own timer. */
    void wakeAt(long task, long time) {
        add(TaskLayout.TIMER.at(task), Math.max(0, time - cpu.time()), wakeTask, task);
    }
}

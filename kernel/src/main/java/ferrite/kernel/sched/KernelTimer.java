package ferrite.kernel.sched;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.PerCpuLayout;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.core.KernelBase;

/**
 * {@code struct timer_list} (LDD3 pages 198-202): a function that is called once, at a tick, in interrupt context, on
 * the hart that set the timer. A timer is {@value TimerLayout#SIZE} zeroed bytes anywhere in RAM; they must stay there
 * while the timer is set. Each hart keeps its timers in a list, ordered by their ticks.
 */
public final class KernelTimer {

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final TextTable text;
    private final Scheduler scheduler;
    private final Signals signals;
    private final SpinLock locks;
    private final long wakeTask;

    KernelTimer(KernelBase base, Scheduler scheduler, Signals signals) {
        this.memory = base.memory();
        this.cpu = base.cpu();
        this.text = base.text();
        this.scheduler = scheduler;
        this.signals = signals;
        this.locks = base.locks();
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
        int flags = cpu.irqSave();
        int hart = cpu.hartId();
        long record = scheduler.record(hart);
        long expires = cpu.time() + ticks;
        memory.store64(timer + TimerLayout.EXPIRES, expires);
        memory.storeAddress(timer + TimerLayout.FUNCTION, function);
        memory.storeAddress(timer + TimerLayout.DATA, data);
        memory.store32(timer + TimerLayout.HART, hart);
        locks.lock(record + PerCpuLayout.TIMER_LOCK);
        ListHead.addTail(memory, timer + TimerLayout.NODE, firstAfter(record + PerCpuLayout.TIMER_LIST, expires));
        locks.unlock(record + PerCpuLayout.TIMER_LOCK);
        if (Long.compareUnsigned(expires, memory.load64(record + PerCpuLayout.TIMER_DUE)) < 0) {
            memory.store64(record + PerCpuLayout.TIMER_DUE, expires);
            scheduler.programTimer();
        }
        cpu.irqRestore(flags);
    }

    /**
     * Finds the node before which a timer is inserted. Timers of the same tick are called in the order in which they
     * were set.
     */
    private long firstAfter(long list, long expires) {
        long node = ListHead.first(memory, list);
        while (node != list && Long.compareUnsigned(memory.load64(node - TimerLayout.NODE + TimerLayout.EXPIRES), expires) <= 0) {
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
        long record = scheduler.record(memory.load32(timer + TimerLayout.HART));
        int flags = locks.lockIrqSave(record + PerCpuLayout.TIMER_LOCK);
        boolean wasSet = memory.load32(timer + TimerLayout.NODE) != 0 && !ListHead.isEmpty(memory, timer + TimerLayout.NODE);
        if (wasSet) {
            ListHead.delete(memory, timer + TimerLayout.NODE);
        }
        locks.unlockIrqRestore(record + PerCpuLayout.TIMER_LOCK, flags);
        while (memory.loadAddress(record + PerCpuLayout.RUNNING_TIMER) == timer) {
            cpu.relax();
        }
        return wasSet;
    }

    /**
     * Handles this hart's timer interrupt: calls the functions that are due, then ends the current task's time slice if
     * it is over.
     */
    public void interrupt() {
        long record = scheduler.record(cpu.hartId());
        memory.store32(record + PerCpuLayout.TIMER_COUNT, memory.load32(record + PerCpuLayout.TIMER_COUNT) + 1);
        for (long timer = takeDue(record); timer != 0; timer = takeDue(record)) {
            text.at(memory.loadAddress(timer + TimerLayout.FUNCTION), TimerFunction.class).expired(memory.loadAddress(timer + TimerLayout.DATA));
            memory.storeAddress(record + PerCpuLayout.RUNNING_TIMER, 0);
        }
        scheduler.tick();
    }

    private long takeDue(long record) {
        locks.lock(record + PerCpuLayout.TIMER_LOCK);
        long node = ListHead.first(memory, record + PerCpuLayout.TIMER_LIST);
        long expires = node == record + PerCpuLayout.TIMER_LIST ? -1 : memory.load64(node - TimerLayout.NODE + TimerLayout.EXPIRES);
        boolean due = Long.compareUnsigned(expires, cpu.time()) <= 0;
        if (due) {
            ListHead.delete(memory, node);
            memory.storeAddress(record + PerCpuLayout.RUNNING_TIMER, node - TimerLayout.NODE);
        } else {
            memory.store64(record + PerCpuLayout.TIMER_DUE, expires);
        }
        locks.unlock(record + PerCpuLayout.TIMER_LOCK);
        return due ? node - TimerLayout.NODE : 0;
    }

    /**
     * {@code schedule_timeout_interruptible}: sleeps for a time, or until a signal is sent. Task context.
     *
     * @param ticks time in units of 10 ns ({@link Clock})
     * @return 0, or {@code -EINTR} if a signal came first
     */
    public int sleepInterruptible(long ticks) {
        long task = cpu.tp();
        long end = cpu.time() + ticks;
        while (Long.compareUnsigned(cpu.time(), end) < 0) {
            memory.store32(task + TaskLayout.STATE, TaskLayout.INTERRUPTIBLE);        // first, so that no wake-up is lost
            add(task + TaskLayout.TIMER, end - cpu.time(), wakeTask, task);
            if (!signals.isPending()) {
                scheduler.schedule();
            }
            memory.store32(task + TaskLayout.STATE, TaskLayout.RUNNING);
            delete(task + TaskLayout.TIMER);
            if (signals.isPending()) {
                return -Errno.EINTR;
            }
        }
        return 0;
    }
}

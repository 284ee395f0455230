package ferrite.kernel.sched;

import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.PerCpuLayout;
import ferrite.kernel.base.TaskLayout;

/**
 * The use of a hart's time since the start, in ticks of 10 ns. There are no user programs yet: the time of tasks is
 * system time.
 *
 * @param system  tasks
 * @param idle    waiting for interrupts
 * @param irq     interrupts
 * @param softirq softirqs
 */
public record CpuTimes(long system, long idle, long irq, long softirq) {

    /** Reads a hart's times. Only looks. */
    static CpuTimes of(ReadableMemory view, Scheduler scheduler, int hart, long now) {
        long record = scheduler.record(hart);
        long irq = PerCpuLayout.IRQ_TIME.get(view, record);
        long softirq = PerCpuLayout.SOFTIRQ_TIME.get(view, record);
        long idle = runtime(view, scheduler, PerCpuLayout.IDLE.get(view, record), now);
        return new CpuTimes(Math.max(0, now - idle - irq - softirq), idle, irq, softirq);
    }

    /** Returns the ticks that a task has run, until now if it runs. */
    static long runtime(ReadableMemory view, Scheduler scheduler, long task, long now) {
        long record = scheduler.record(TaskLayout.HART.get(view, task));
        long ran = TaskLayout.RUNTIME.get(view, task);
        return PerCpuLayout.CURRENT.get(view, record) != task ? ran
                : Math.max(0, ran + now - TaskLayout.SINCE.get(view, task) - unseen(view, record));
    }

    /** Returns the ticks in interrupts and softirqs since the last switch. */
    static long unseen(ReadableMemory view, long record) {
        return PerCpuLayout.IRQ_TIME.get(view, record) + PerCpuLayout.SOFTIRQ_TIME.get(view, record)
                - PerCpuLayout.IRQ_SEEN.get(view, record);
    }

    public CpuTimes plus(CpuTimes other) {
        return new CpuTimes(system + other.system, idle + other.idle, irq + other.irq, softirq + other.softirq);
    }
}

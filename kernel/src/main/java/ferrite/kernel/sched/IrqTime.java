package ferrite.kernel.sched;

import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.PerCpuLayout;
import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.core.Context;
import ferrite.kernel.core.KernelBase;

/**
 * Measures the time that each hart spends in interrupts and softirqs, Linux's {@code CONFIG_IRQ_TIME_ACCOUNTING}. No
 * task is charged for it.
 */
@Plumbing
public final class IrqTime {

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final Context context;
    private final Scheduler scheduler;

    IrqTime(KernelBase base, Scheduler scheduler) {
        this.memory = base.memory();
        this.cpu = base.cpu();
        this.context = base.context();
        this.scheduler = scheduler;
    }

    /**
     * Notes that an interrupt or softirq is about to begin or end, before the preempt count says so. The time since the
     * last boundary is charged to the level that has run. Interrupts are off.
     */
    public void boundary() {
        long record = scheduler.record(cpu.hartId());
        long now = cpu.time();
        long since = PerCpuLayout.IRQ_BOUNDARY.get(memory, record);
        PerCpuLayout.IRQ_BOUNDARY.set(memory, record, now);
        int count = context.preemptCount();
        if ((count & TaskLayout.HARDIRQ_MASK) != 0) {
            PerCpuLayout.IRQ_TIME.add(memory, record, now - since);
        } else if ((count & TaskLayout.SERVING_SOFTIRQ) != 0) {
            PerCpuLayout.SOFTIRQ_TIME.add(memory, record, now - since);
        }
    }
}

package ferrite.kernel.sched;

import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.PerCpuLayout;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.core.Context;
import ferrite.kernel.core.KernelBase;

/**
 * {@code on_each_cpu}: makes every hart run a function, by interrupt. One call at a time; the function and its argument
 * are in the harts' records.
 */
public final class CrossCall {

    /** A function that each hart runs with interrupts off. */
    @FunctionalInterface
    public interface Callee {
        void run(long argument);
    }

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final Context context;
    private final SpinLock locks;
    private final TextTable text;
    private final long perCpu;
    private final long lock;
    private final Ipi ipi;

    CrossCall(KernelBase base, Ipi ipi) {
        this.memory = base.memory();
        this.cpu = base.cpu();
        this.context = base.context();
        this.locks = base.locks();
        this.text = base.text();
        this.perCpu = base.perCpu();
        this.lock = RootLayout.CROSS_CALL_LOCK.at(base.root());
        this.ipi = ipi;
    }

    /**
     * Runs {@code callee(argument)} on every online hart, and returns when all have run it. Interrupts must be on:
     * otherwise two harts could wait for each other for ever.
     *
     * @param callee text address of a {@link Callee}
     * @param harts  the online harts, a bit each
     */
    public void onEachHart(long callee, long argument, int harts) {
        context.mightSleep("on_each_cpu", "make the call with interrupts on and no spinlock held");
        locks.lock(lock);
        int self = cpu.hartId();
        for (int hart = 0; harts >> hart != 0; hart++) {
            if ((harts >> hart & 1) != 0 && hart != self) {
                PerCpuLayout.CALL_ARGUMENT.set(memory, record(hart), argument);
                PerCpuLayout.CALL.set(memory, record(hart), callee);
                ipi.send(hart);
            }
        }
        int flags = cpu.irqSave();
        text.at(callee, Callee.class).run(argument);
        cpu.irqRestore(flags);
        for (int hart = 0; harts >> hart != 0; hart++) {
            while (hart != self && PerCpuLayout.CALL.get(memory, record(hart)) != 0) {
                cpu.relax();
            }
        }
        locks.unlock(lock);
    }

    /** Handles a software interrupt: runs the function of {@link #onEachHart}, if one is pending for this hart. */
    public void interrupt() {
        long record = record(cpu.hartId());
        long callee = PerCpuLayout.CALL.get(memory, record);
        if (callee != 0) {
            text.at(callee, Callee.class).run(PerCpuLayout.CALL_ARGUMENT.get(memory, record));
            PerCpuLayout.CALL.set(memory, record, 0);
        }
    }

    private long record(int hart) {
        return perCpu + (long) hart * PerCpuLayout.SIZE;
    }
}

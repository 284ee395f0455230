package ferrite.kernel.sched;

import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;

/**
 * Spinlocks (LDD3 page 116): a word of RAM that is 0 when free, taken by an atomic swap. Whoever holds one does not sleep and is not
 * preempted. A lock that an interrupt handler takes too is taken with {@link #lockIrqSave} everywhere else.
 */
public final class SpinLock {

    private final KernelMemory memory;
    private final KernelCpu cpu;

    public SpinLock(KernelMemory memory, KernelCpu cpu) {
        this.memory = memory;
        this.cpu = cpu;
    }

    /** {@code spin_lock}. */
    public void lock(long lock) {
        preemptDisable();
        acquire(lock);
    }

    /** {@code spin_unlock}. A preemption that became due meanwhile happens at the next interrupt. */
    public void unlock(long lock) {
        memory.store32(lock, 0);
        preemptEnable();
    }

    /** {@code spin_lock_irqsave}; returns what {@link #unlockIrqRestore} needs. */
    public int lockIrqSave(long lock) {
        int flags = cpu.irqSave();
        lock(lock);
        return flags;
    }

    public void unlockIrqRestore(long lock, int flags) {
        unlock(lock);
        cpu.irqRestore(flags);
    }

    /** Takes the lock without a word to the task: for the scheduler, which runs between tasks. */
    void acquire(long lock) {
        while (memory.amoSwap32(lock, 1) != 0) {
            while (memory.load32(lock) != 0) {
                cpu.relax();
            }
        }
    }

    void release(long lock) {
        memory.store32(lock, 0);
    }

    public void preemptDisable() {
        long count = cpu.tp() + TaskLayout.PREEMPT_COUNT;
        memory.store32(count, memory.load32(count) + 1);
    }

    public void preemptEnable() {
        long count = cpu.tp() + TaskLayout.PREEMPT_COUNT;
        memory.store32(count, memory.load32(count) - 1);
    }
}

package ferrite.kernel.base;

import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;

/**
 * Spinlocks (LDD3 page 116): a word of RAM that is 0 when free, taken by an atomic swap. Whoever holds one does not sleep and is not
 * preempted. A lock that an interrupt handler takes too is taken with {@link #lockIrqSave} everywhere else.
 */
public final class SpinLock {

    private final KernelMemory memory;
    private final KernelCpu cpu;
    /** Remembers where atomic sections begin; null in the kernel's own hot paths, which do not sleep. */
    private final AtomicSections sections;

    public SpinLock(KernelMemory memory, KernelCpu cpu) {
        this(memory, cpu, null);
    }

    /** Locks whose users may make the mistake of sleeping with one held: the report says where it was taken. */
    public SpinLock(KernelMemory memory, KernelCpu cpu, AtomicSections sections) {
        this.memory = memory;
        this.cpu = cpu;
        this.sections = sections;
    }

    /** {@code spin_lock}. */
    public void lock(long lock) {
        disable("spin_lock", sections != null && cpu.irqsEnabled());
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
        disable("spin_lock_irqsave", flags != 0);
        acquire(lock);
        return flags;
    }

    public void unlockIrqRestore(long lock, int flags) {
        memory.store32(lock, 0);
        enable(flags != 0);
        cpu.irqRestore(flags);
    }

    /** Takes the lock without a word to the task: for the scheduler, which runs between tasks, and for short paths with interrupts off. */
    public void acquire(long lock) {
        while (memory.amoSwap32(lock, 1) != 0) {
            while (memory.load32(lock) != 0) {
                cpu.relax();
            }
        }
    }

    public void release(long lock) {
        memory.store32(lock, 0);
    }

    /** {@code preempt_disable}; nests. */
    public void preemptDisable() {
        preemptDisable("preempt_disable");
    }

    /** As {@link #preemptDisable()}, for a call that does it on the way. */
    public void preemptDisable(String how) {
        disable(how, sections != null && cpu.irqsEnabled());
    }

    /** {@code preempt_enable}. */
    public void preemptEnable() {
        enable(sections != null && cpu.irqsEnabled());
    }

    /** {@code local_irq_save}; returns what {@link #localIrqRestore} needs. */
    public int localIrqSave() {
        int flags = cpu.irqSave();
        if (sections != null && flags != 0 && memory.load32(cpu.tp() + TaskLayout.PREEMPT_COUNT) == 0) {
            sections.began("local_irq_save");
        }
        return flags;
    }

    /** {@code local_irq_restore}. */
    public void localIrqRestore(int flags) {
        if (sections != null && flags != 0 && memory.load32(cpu.tp() + TaskLayout.PREEMPT_COUNT) == 0) {
            sections.ended();
        }
        cpu.irqRestore(flags);
    }

    /** @param irqs whether interrupts are on, or were until this call */
    private void disable(String how, boolean irqs) {
        long address = cpu.tp() + TaskLayout.PREEMPT_COUNT;
        int count = memory.load32(address);
        memory.store32(address, count + 1);
        if (sections != null && count == 0 && irqs) {
            sections.began(how);
        }
    }

    /** @param irqs whether interrupts are on, or are going to be at once */
    private void enable(boolean irqs) {
        long address = cpu.tp() + TaskLayout.PREEMPT_COUNT;
        int count = memory.load32(address) - 1;
        memory.store32(address, count);
        if (sections != null && count == 0 && irqs) {
            sections.ended();
        }
    }
}

package ferrite.kernel.base;

import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;

/**
 * Spinlocks (LDD3 page 116). A lock is a word of RAM that is 0 when free; an atomic swap takes it. The holder must not
 * sleep, and is not preempted. If an interrupt handler takes a lock, all other code takes that lock with {@link
 * #lockIrqSave}.
 */
public final class SpinLock {

    static final Struct STRUCT = Struct.of("spinlock", 4);

    private static final Word LOCKED = STRUCT.u32("slock", 0);

    private final KernelMemory memory;
    private final KernelCpu cpu;
    /** Records the beginnings of atomic sections. Null for the kernel's own short sections, which do not sleep. */
    private final AtomicSections sections;

    public SpinLock(KernelMemory memory, KernelCpu cpu) {
        this(memory, cpu, null);
    }

    /** Makes locks for drivers: if a task sleeps with one held, the report names the line that took it. */
    public SpinLock(KernelMemory memory, KernelCpu cpu, AtomicSections sections) {
        this.memory = memory;
        this.cpu = cpu;
        this.sections = sections;
    }

    /** Makes a lock free, in memory that holds anything, on behalf of a call whose name reports show. */
    public void init(long lock, String call) {
        if (sections != null) {
            sections.initialised(call, lock, STRUCT.size());
        }
        LOCKED.set(memory, lock, 0);
    }

    /** {@code spin_lock}. */
    public void lock(long lock) {
        lock(lock, "spin_lock");
    }

    /** Does {@link #lock(long)} on behalf of another call, whose name reports show. */
    public void lock(long lock, String how) {
        boolean irqs = sections != null && cpu.irqsEnabled();
        disable(how, irqs);
        acquire(lock, how, irqs);
    }

    /** {@code spin_unlock}. A preemption that became due in the section happens at the next interrupt. */
    public void unlock(long lock) {
        unlock(lock, "spin_unlock");
    }

    /** Does {@link #unlock(long)} on behalf of another call, whose name reports show. */
    public void unlock(long lock, String call) {
        if (sections != null) {
            sections.released(lock, call);
        }
        LOCKED.set(memory, lock, 0);
        preemptEnable();
    }

    /** {@code spin_trylock}: returns whether the caller has the lock now. */
    public boolean tryLock(long lock) {
        return tryLock(lock, "spin_trylock");
    }

    /** Does {@link #tryLock(long)} on behalf of another call, whose name reports show. */
    public boolean tryLock(long lock, String how) {
        boolean irqs = sections != null && cpu.irqsEnabled();
        disable(how, irqs);
        boolean taken = LOCKED.amoSwap(memory, lock, 1) == 0;
        if (!taken) {
            enable(irqs);
        } else if (sections != null) {
            sections.acquired(lock, how, irqs);
        }
        return taken;
    }

    /** {@code spin_is_locked}. */
    public boolean isLocked(long lock) {
        return LOCKED.get(memory, lock) != 0;
    }

    /** {@code spin_lock_irq}: for code that knows that interrupts are on. */
    public void lockIrq(long lock) {
        lockIrq(lock, "spin_lock_irq");
    }

    /** Does {@link #lockIrq(long)} on behalf of another call, whose name reports show. */
    public void lockIrq(long lock, String how) {
        boolean irqs = cpu.irqSave() != 0;
        disable(how, irqs);
        acquire(lock, how, false);
    }

    /** {@code spin_unlock_irq}: turns interrupts on, whatever they were. */
    public void unlockIrq(long lock) {
        unlockIrq(lock, "spin_unlock_irq");
    }

    /** Does {@link #unlockIrq(long)} on behalf of another call, whose name reports show. */
    public void unlockIrq(long lock, String call) {
        if (sections != null) {
            sections.released(lock, call);
            sections.enablesIrqs(lock, call);
        }
        LOCKED.set(memory, lock, 0);
        enable(true);
        cpu.irqEnable();
    }

    /** {@code spin_lock_irqsave}; returns the flags for {@link #unlockIrqRestore}. */
    public int lockIrqSave(long lock) {
        return lockIrqSave(lock, "spin_lock_irqsave");
    }

    /** Does {@link #lockIrqSave(long)} on behalf of another call, whose name reports show. */
    public int lockIrqSave(long lock, String how) {
        int flags = cpu.irqSave();
        disable(how, flags != 0);
        acquire(lock, how, false);
        return flags;
    }

    public void unlockIrqRestore(long lock, int flags) {
        unlockIrqRestore(lock, flags, "spin_unlock_irqrestore");
    }

    /** Does {@link #unlockIrqRestore(long, int)} on behalf of another call, whose name reports show. */
    public void unlockIrqRestore(long lock, int flags, String call) {
        if (sections != null) {
            sections.released(lock, call);
            if (flags != 0) {
                sections.enablesIrqs(lock, call);
            }
        }
        LOCKED.set(memory, lock, 0);
        enable(flags != 0);
        cpu.irqRestore(flags);
    }

    /**
     * Takes the lock without counting in the task's preempt count: for the scheduler, which runs between tasks, and
     * while interrupts are off.
     */
    public void acquire(long lock) {
        while (LOCKED.amoSwap(memory, lock, 1) != 0) {
            while (LOCKED.get(memory, lock) != 0) {
                cpu.relax();
            }
        }
    }

    private void acquire(long lock, String how, boolean irqsOn) {
        if (sections != null) {
            sections.acquiring(lock, how, irqsOn);
        }
        acquire(lock);
        if (sections != null) {
            sections.acquired(lock, how, irqsOn);
        }
    }

    public void release(long lock) {
        LOCKED.set(memory, lock, 0);
    }

    /** {@code preempt_disable}; nests. */
    public void preemptDisable() {
        preemptDisable("preempt_disable");
    }

    /** Does {@link #preemptDisable()} on behalf of another call, whose name reports show. */
    public void preemptDisable(String how) {
        disable(how, sections != null && cpu.irqsEnabled());
    }

    /** {@code preempt_enable}. */
    public void preemptEnable() {
        enable(sections != null && cpu.irqsEnabled());
    }

    /** {@code local_irq_save}; returns the flags for {@link #localIrqRestore}. */
    public int localIrqSave() {
        int flags = cpu.irqSave();
        if (sections != null && flags != 0 && TaskLayout.PREEMPT_COUNT.get(memory, cpu.tp()) == 0) {
            sections.began("local_irq_save");
        }
        return flags;
    }

    /** {@code local_irq_restore}. */
    public void localIrqRestore(int flags) {
        if (sections != null && flags != 0 && TaskLayout.PREEMPT_COUNT.get(memory, cpu.tp()) == 0) {
            sections.ended();
        }
        cpu.irqRestore(flags);
    }

    /** @param irqs whether interrupts are on, or were until the caller turned them off */
    private void disable(String how, boolean irqs) {
        long address = TaskLayout.PREEMPT_COUNT.at(cpu.tp());
        int count = memory.load32(address);
        memory.store32(address, count + 1);
        if (sections != null && count == 0 && irqs) {
            sections.began(how);
        }
    }

    /** @param irqs whether interrupts are on, or the caller is about to turn them on */
    private void enable(boolean irqs) {
        long address = TaskLayout.PREEMPT_COUNT.at(cpu.tp());
        int count = memory.load32(address) - 1;
        memory.store32(address, count);
        if (sections != null && count == 0 && irqs) {
            sections.ended();
        }
    }
}

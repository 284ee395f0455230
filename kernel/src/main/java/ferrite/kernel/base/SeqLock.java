package ferrite.kernel.base;

import static ferrite.kernel.base.SeqLockLayout.LOCK;
import static ferrite.kernel.base.SeqLockLayout.SEQUENCE;

import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;

/**
 * Sequence locks (LDD3 page 127), for small data that is read often: {@value SeqLockLayout#SIZE} zeroed bytes. A
 * reader takes no lock. It reads again if a writer was there meanwhile, which it sees at the sequence.
 */
public final class SeqLock {

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final SpinLock spin;
    private final AtomicSections sections;

    /** @param spin the spinlocks that writers take */
    public SeqLock(KernelMemory memory, KernelCpu cpu, SpinLock spin, AtomicSections sections) {
        this.sections = sections;
        this.memory = memory;
        this.cpu = cpu;
        this.spin = spin;
    }

    /** {@code seqlock_init}: makes a lock free, in memory that holds anything. */
    public void init(long lock) {
        spin.init(LOCK.at(lock), "seqlock_init");
        SEQUENCE.set(memory, lock, 0);
    }

    /** {@code read_seqbegin}: returns the sequence, after a writer has ended. */
    public int readBegin(long lock) {
        sections.reads(LOCK.at(lock), "read_seqbegin", cpu.irqsEnabled(), true);
        int sequence = SEQUENCE.get(memory, lock);
        if ((sequence & 1) != 0) {
            sections.readerWaits(LOCK.at(lock), "read_seqbegin");
            while ((sequence & 1) != 0) {
                cpu.relax();
                sequence = SEQUENCE.get(memory, lock);
            }
            sections.readerGoesOn();
        }
        return sequence;
    }

    /** {@code read_seqretry}: returns whether a writer was there, so that what was read may not belong together. */
    public boolean mustRetry(long lock, int begun) {
        return SEQUENCE.get(memory, lock) != begun;
    }

    /** {@code write_seqlock}. */
    public void writeLock(long lock) {
        spin.lock(LOCK.at(lock));
        SEQUENCE.add(memory, lock, 1);
    }

    /** {@code write_tryseqlock}: returns whether the lock was free. */
    public boolean tryWriteLock(long lock) {
        boolean taken = spin.tryLock(LOCK.at(lock), "write_tryseqlock");
        if (taken) {
            SEQUENCE.add(memory, lock, 1);
        }
        return taken;
    }

    /** {@code write_sequnlock}. */
    public void writeUnlock(long lock) {
        SEQUENCE.add(memory, lock, 1);
        spin.unlock(LOCK.at(lock));
    }

    /** {@code write_seqlock_irqsave}; returns the flags for {@link #writeUnlockIrqRestore}. */
    public int writeLockIrqSave(long lock) {
        int flags = spin.lockIrqSave(LOCK.at(lock), "write_seqlock_irqsave");
        SEQUENCE.add(memory, lock, 1);
        return flags;
    }

    public void writeUnlockIrqRestore(long lock, int flags) {
        SEQUENCE.add(memory, lock, 1);
        spin.unlockIrqRestore(LOCK.at(lock), flags, "write_sequnlock_irqrestore");
    }

    /** {@code write_seqlock_irq}: for code that knows that interrupts are on. */
    public void writeLockIrq(long lock) {
        spin.lockIrq(LOCK.at(lock), "write_seqlock_irq");
        SEQUENCE.add(memory, lock, 1);
    }

    /** {@code write_sequnlock_irq}: turns interrupts on, whatever they were. */
    public void writeUnlockIrq(long lock) {
        SEQUENCE.add(memory, lock, 1);
        spin.unlockIrq(LOCK.at(lock), "write_sequnlock_irq");
    }
}

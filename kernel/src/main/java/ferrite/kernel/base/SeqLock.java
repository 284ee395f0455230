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

    /** {@code write_sequnlock}. */
    public void writeUnlock(long lock) {
        SEQUENCE.add(memory, lock, 1);
        spin.unlock(LOCK.at(lock));
    }
}

package ferrite.kernel.base;

import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;

/**
 * Spinlocks of readers and writers (LDD3 page 127): a word of RAM that counts the readers, or is {@value #WRITER}. A
 * reader does not wait for writers that wait. The rules of {@link SpinLock} hold.
 */
public final class RwLock {

    static final Struct STRUCT = Struct.of("rwlock", 4);

    /** The readers that hold it, or {@link #WRITER}. */
    private static final Word COUNT = STRUCT.s32("cnts", 0);
    private static final int WRITER = -1;

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final SpinLock spin;
    private final AtomicSections sections;

    /** @param spin the spinlocks that count the caller's atomic sections */
    public RwLock(KernelMemory memory, KernelCpu cpu, SpinLock spin, AtomicSections sections) {
        this.memory = memory;
        this.cpu = cpu;
        this.spin = spin;
        this.sections = sections;
    }

    /** {@code rwlock_init}: makes a lock free, in memory that holds anything. */
    public void init(long lock) {
        sections.initialised("rwlock_init", lock, STRUCT.size());
        COUNT.set(memory, lock, 0);
    }

    /** {@code read_lock}. */
    public void readLock(long lock) {
        readLock(lock, "read_lock");
    }

    private void readLock(long lock, String how) {
        spin.preemptDisable(how);
        sections.reads(lock, how, cpu.irqsEnabled(), false);
        acquireRead(lock, how);
    }

    /** {@code read_trylock}: returns whether the caller has the lock now, as a reader. */
    public boolean tryReadLock(long lock) {
        spin.preemptDisable("read_trylock");
        for (int readers = COUNT.get(memory, lock); readers >= 0; readers = COUNT.get(memory, lock)) {
            if (memory.compareAndSwap32(lock, readers, readers + 1) == readers) {
                sections.reads(lock, "read_trylock", cpu.irqsEnabled(), false);
                return true;
            }
        }
        spin.preemptEnable();
        return false;
    }

    /** {@code read_unlock}. */
    public void readUnlock(long lock) {
        releaseRead(lock, "read_unlock");
        spin.preemptEnable();
    }

    /** {@code read_lock_irqsave}; returns the flags for {@link #readUnlockIrqRestore}. */
    public int readLockIrqSave(long lock) {
        int flags = spin.localIrqSave();
        readLock(lock);
        return flags;
    }

    public void readUnlockIrqRestore(long lock, int flags) {
        readUnlock(lock);
        spin.localIrqRestore(flags);
    }

    /** {@code read_lock_irq}: for code that knows that interrupts are on. */
    public void readLockIrq(long lock) {
        spin.localIrqSave();
        readLock(lock, "read_lock_irq");
    }

    /** {@code read_unlock_irq}: turns interrupts on, whatever they were. */
    public void readUnlockIrq(long lock) {
        releaseRead(lock, "read_unlock_irq");
        sections.enablesIrqs(lock, "read_unlock_irq");
        spin.preemptEnable();
        spin.localIrqRestore(1);
    }

    private void acquireRead(long lock, String how) {
        boolean waits = false;
        for (int readers = COUNT.get(memory, lock); ; readers = COUNT.get(memory, lock)) {
            if (readers >= 0 && memory.compareAndSwap32(lock, readers, readers + 1) == readers) {
                break;
            }
            if (readers < 0 && !waits) {
                waits = true;
                sections.readerWaits(lock, how);
            }
            cpu.relax();
        }
        if (waits) {
            sections.readerGoesOn();
        }
    }

    private void releaseRead(long lock, String call) {
        for (int readers = COUNT.get(memory, lock); readers > 0; readers = COUNT.get(memory, lock)) {
            if (memory.compareAndSwap32(lock, readers, readers - 1) == readers) {
                return;
            }
        }
        sections.notHeld(lock, call);
    }

    /** {@code write_lock}. */
    public void writeLock(long lock) {
        writeLock(lock, "write_lock", cpu.irqsEnabled());
    }

    private void writeLock(long lock, String how, boolean irqsOn) {
        spin.preemptDisable(how);
        sections.acquiring(lock, how, irqsOn);
        while (memory.compareAndSwap32(lock, 0, WRITER) != 0) {
            cpu.relax();
        }
        sections.acquired(lock, how, irqsOn);
    }

    /** {@code write_trylock}: returns whether the caller has the lock now, as its writer. */
    public boolean tryWriteLock(long lock) {
        boolean irqs = cpu.irqsEnabled();
        spin.preemptDisable("write_trylock");
        boolean taken = memory.compareAndSwap32(lock, 0, WRITER) == 0;
        if (taken) {
            sections.acquired(lock, "write_trylock", irqs);
        } else {
            spin.preemptEnable();
        }
        return taken;
    }

    /** {@code write_unlock}. */
    public void writeUnlock(long lock) {
        writeUnlock(lock, "write_unlock");
    }

    private void writeUnlock(long lock, String call) {
        sections.released(lock, call);
        memory.compareAndSwap32(lock, WRITER, 0);
        spin.preemptEnable();
    }

    /** {@code write_lock_irqsave}; returns the flags for {@link #writeUnlockIrqRestore}. */
    public int writeLockIrqSave(long lock) {
        int flags = spin.localIrqSave();
        writeLock(lock, "write_lock_irqsave", false);
        return flags;
    }

    public void writeUnlockIrqRestore(long lock, int flags) {
        writeUnlock(lock);
        spin.localIrqRestore(flags);
    }

    /** {@code write_lock_irq}: for code that knows that interrupts are on. */
    public void writeLockIrq(long lock) {
        spin.localIrqSave();
        writeLock(lock, "write_lock_irq", false);
    }

    /** {@code write_unlock_irq}: turns interrupts on, whatever they were. */
    public void writeUnlockIrq(long lock) {
        writeUnlock(lock, "write_unlock_irq");
        sections.enablesIrqs(lock, "write_unlock_irq");
        spin.localIrqRestore(1);
    }
}

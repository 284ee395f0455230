package ferrite.kernel.sched;

import static ferrite.kernel.sched.RwSemaphoreLayout.ACTIVITY;
import static ferrite.kernel.sched.RwSemaphoreLayout.LOCK;
import static ferrite.kernel.sched.RwSemaphoreLayout.WAITERS;
import static ferrite.kernel.sched.RwSemaphoreLayout.WRITERS;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.core.Context;
import ferrite.kernel.core.KernelBase;

/**
 * Semaphores of readers and writers (LDD3 page 113): {@value RwSemaphoreLayout#SIZE} bytes of RAM. Many readers or one
 * writer hold one. A writer that waits goes before readers that come later. Task context.
 */
@Plumbing
public final class RwSemaphore {

    private static final String INSTEAD = "take the semaphore before the atomic section, or use a spinlock alone";

    private final KernelMemory memory;
    private final Context context;
    private final SpinLock locks;
    private final Sleep sleep;
    private final WaitQueue queues;

    RwSemaphore(KernelBase base, Sleep sleep, WaitQueue queues) {
        this.memory = base.memory();
        this.context = base.context();
        this.locks = base.locks();
        this.sleep = sleep;
        this.queues = queues;
    }

    /** {@code init_rwsem}, in zeroed memory. Any context. */
    public void init(long semaphore) {
        context.initialised("init_rwsem", semaphore, RwSemaphoreLayout.SIZE);
        queues.init(WAITERS.at(semaphore));
    }

    /** {@code down_read}. Task context; may sleep. */
    public void downRead(long semaphore) {
        context.mightSleep("down_read", INSTEAD);
        sleep.until(WAITERS.at(semaphore), () -> tryRead(semaphore), TaskLayout.UNINTERRUPTIBLE, Sleep.FOREVER);
    }

    /** {@code down_read_trylock}: returns whether the caller holds it as a reader. Any context. */
    public boolean tryRead(long semaphore) {
        int flags = locks.lockIrqSave(LOCK.at(semaphore));
        int readers = ACTIVITY.get(memory, semaphore);
        boolean free = readers >= 0 && WRITERS.get(memory, semaphore) == 0;
        if (free) {
            ACTIVITY.set(memory, semaphore, readers + 1);
        }
        locks.unlockIrqRestore(LOCK.at(semaphore), flags);
        return free;
    }

    /** {@code up_read}. Task context. */
    public void upRead(long semaphore) {
        int flags = locks.lockIrqSave(LOCK.at(semaphore));
        int readers = ACTIVITY.get(memory, semaphore);
        boolean held = readers > 0;
        if (held) {
            ACTIVITY.set(memory, semaphore, readers - 1);
        }
        locks.unlockIrqRestore(LOCK.at(semaphore), flags);
        if (held) {
            queues.wakeUpAll(WAITERS.at(semaphore));
        } else {
            context.notHeld(semaphore, "up_read");
        }
    }

    /** {@code down_write}. Task context; may sleep. */
    public void downWrite(long semaphore) {
        context.mightSleep("down_write", INSTEAD);
        context.mutexAcquiring(semaphore, "down_write");
        addToWriters(semaphore, 1);
        sleep.until(WAITERS.at(semaphore), () -> write(semaphore), TaskLayout.UNINTERRUPTIBLE, Sleep.FOREVER);
        addToWriters(semaphore, -1);
        context.mutexAcquired(semaphore, "down_write");
    }

    /** {@code down_write_trylock}: returns whether the caller holds it as a writer. Any context. */
    public boolean tryWrite(long semaphore) {
        boolean taken = write(semaphore);
        if (taken) {
            context.mutexAcquired(semaphore, "down_write_trylock");
        }
        return taken;
    }

    private boolean write(long semaphore) {
        int flags = locks.lockIrqSave(LOCK.at(semaphore));
        boolean free = ACTIVITY.get(memory, semaphore) == 0;
        if (free) {
            ACTIVITY.set(memory, semaphore, -1);
        }
        locks.unlockIrqRestore(LOCK.at(semaphore), flags);
        return free;
    }

    private void addToWriters(long semaphore, int change) {
        int flags = locks.lockIrqSave(LOCK.at(semaphore));
        WRITERS.set(memory, semaphore, WRITERS.get(memory, semaphore) + change);
        locks.unlockIrqRestore(LOCK.at(semaphore), flags);
    }

    /** {@code up_write}. Task context. */
    public void upWrite(long semaphore) {
        endWrite(semaphore, "up_write", 0);
    }

    /** {@code downgrade_write}: makes the writer a reader. Task context. */
    public void downgradeWrite(long semaphore) {
        endWrite(semaphore, "downgrade_write", 1);
    }

    private void endWrite(long semaphore, String call, int readers) {
        context.mutexReleased(semaphore, call);
        int flags = locks.lockIrqSave(LOCK.at(semaphore));
        if (ACTIVITY.get(memory, semaphore) < 0) {
            ACTIVITY.set(memory, semaphore, readers);
        }
        locks.unlockIrqRestore(LOCK.at(semaphore), flags);
        queues.wakeUpAll(WAITERS.at(semaphore));
    }
}

package ferrite.kernel.sched;

import static ferrite.kernel.sched.MutexLayout.HELD;
import static ferrite.kernel.sched.MutexLayout.WAITERS;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.core.Context;
import ferrite.kernel.core.KernelBase;

/**
 * Mutexes (LDD3 page 109): a word and a wait queue, {@value MutexLayout#SIZE} bytes of zeroed RAM. Task context only:
 * locking may sleep.
 */
@Plumbing
public final class Mutex {

    private static final String INSTEAD = "take the mutex first and the spinlock inside, or use a spinlock alone";

    private final KernelMemory memory;
    private final Context context;
    private final Sleep sleep;
    private final WaitQueue queues;

    Mutex(KernelBase base, Sleep sleep, WaitQueue queues) {
        this.sleep = sleep;
        this.memory = base.memory();
        this.context = base.context();
        this.queues = queues;
    }

    public void init(long mutex) {
        context.initialised("mutex_init", mutex, MutexLayout.SIZE);
        queues.init(WAITERS.at(mutex));
    }

    public void lock(long mutex) {
        context.mightSleep("mutex_lock", INSTEAD);
        context.mutexAcquiring(mutex, "mutex_lock");
        sleep.exclusively(WAITERS.at(mutex), () -> take(mutex), TaskLayout.UNINTERRUPTIBLE, Sleep.FOREVER);
        context.mutexAcquired(mutex, "mutex_lock");
    }

    /**
     * {@code mutex_lock_interruptible}: locks the mutex unless a signal comes first. May sleep.
     *
     * @return 0 if the caller holds the mutex; {@code -EINTR} if a signal came first, and it does not
     */
    public int lockInterruptible(long mutex) {
        context.mightSleep("mutex_lock_interruptible", INSTEAD);
        context.mutexAcquiring(mutex, "mutex_lock_interruptible");
        if (sleep.exclusively(WAITERS.at(mutex), () -> take(mutex), TaskLayout.INTERRUPTIBLE, Sleep.FOREVER) < 0) {
            context.mutexGivenUp(mutex, "mutex_lock_interruptible");
            return -Errno.EINTR;
        }
        context.mutexAcquired(mutex, "mutex_lock_interruptible");
        return 0;
    }

    /** {@code mutex_trylock}: returns whether the caller holds the mutex now. Task context; does not sleep. */
    public boolean tryLock(long mutex) {
        boolean taken = take(mutex);
        if (taken) {
            context.mutexAcquired(mutex, "mutex_trylock");
        }
        return taken;
    }

    /** {@code mutex_is_locked}. Any context. */
    public boolean isLocked(long mutex) {
        return HELD.get(memory, mutex) != 0;
    }

    private boolean take(long mutex) {
        return HELD.amoSwap(memory, mutex, 1) == 0;
    }

    public void unlock(long mutex) {
        context.mutexReleased(mutex, "mutex_unlock");
        HELD.amoSwap(memory, mutex, 0);
        queues.wakeUp(WAITERS.at(mutex));
    }
}

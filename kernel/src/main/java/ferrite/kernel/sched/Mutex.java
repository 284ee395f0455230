package ferrite.kernel.sched;

import static ferrite.kernel.sched.MutexLayout.HANDED;
import static ferrite.kernel.sched.MutexLayout.HANDOFF;
import static ferrite.kernel.sched.MutexLayout.HELD;
import static ferrite.kernel.sched.MutexLayout.LOCKED;
import static ferrite.kernel.sched.MutexLayout.WAITERS;

import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.core.Context;
import ferrite.kernel.core.KernelBase;
import java.util.function.BooleanSupplier;

/**
 * Mutexes (LDD3 page 109): a word and a wait queue, {@value MutexLayout#SIZE} bytes of zeroed RAM. Task context only:
 * locking may sleep.
 */
@Plumbing
public final class Mutex {

    private static final String INSTEAD = "take the mutex first and the spinlock inside, or use a spinlock alone";

    /** A wait looks twice before it sleeps. */
    private static final int TRIES_BEFORE_A_SLEEP = 2;

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final Context context;
    private final Sleep sleep;
    private final WaitQueue queues;

    Mutex(KernelBase base, Sleep sleep, WaitQueue queues) {
        this.sleep = sleep;
        this.memory = base.memory();
        this.cpu = base.cpu();
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
        sleep.exclusively(WAITERS.at(mutex), taking(mutex), TaskLayout.UNINTERRUPTIBLE, Sleep.FOREVER);
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
        if (sleep.exclusively(WAITERS.at(mutex), taking(mutex), TaskLayout.INTERRUPTIBLE, Sleep.FOREVER) < 0
                && !wasHanded(mutex)) {
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
        return memory.compareAndSwap32(HELD.at(mutex), 0, LOCKED) == 0;
    }

    /**
     * Makes the condition of a wait. A task that was overtaken after it had been woken asks for a handoff: of a
     * mutex that is held, for nobody would hand over one that has become free.
     */
    private BooleanSupplier taking(long mutex) {
        int[] tries = new int[1];
        return () -> {
            boolean taken = take(mutex) || wasHanded(mutex);
            if (!taken && ++tries[0] > TRIES_BEFORE_A_SLEEP) {
                memory.compareAndSwap32(HELD.at(mutex), LOCKED, LOCKED | HANDOFF);
            }
            return taken;
        };
    }

    private boolean wasHanded(long mutex) {
        boolean mine = HANDED.get(memory, mutex) == cpu.tp();
        if (mine) {
            HANDED.set(memory, mutex, 0);
        }
        return mine;
    }

    public void unlock(long mutex) {
        context.mutexReleased(mutex, "mutex_unlock");
        long next = (HELD.get(memory, mutex) & HANDOFF) == 0 ? 0 : queues.firstTask(WAITERS.at(mutex));
        if (next == 0) {
            HELD.amoSwap(memory, mutex, 0);
        } else {
            HELD.set(memory, mutex, LOCKED);
            HANDED.set(memory, mutex, next);
        }
        queues.wakeUp(WAITERS.at(mutex));
    }
}

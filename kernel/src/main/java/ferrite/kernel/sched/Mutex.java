package ferrite.kernel.sched;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;

/** Mutexes (LDD3 page 109): a word and a wait queue, {@value #SIZE} bytes of zeroed RAM. Task context only: taking one may sleep. */
public final class Mutex {

    public static final int SIZE = 4 + WaitQueue.SIZE;

    private static final int HELD = 0;
    private static final int WAITERS = 4;
    private static final String INSTEAD = "take the mutex first and the spinlock inside, or use a spinlock alone";

    private final KernelMemory memory;
    private final Context context;
    private final WaitQueue queues;

    public Mutex(KernelMemory memory, Context context, WaitQueue queues) {
        this.memory = memory;
        this.context = context;
        this.queues = queues;
    }

    public void init(long mutex) {
        queues.init(mutex + WAITERS);
    }

    public void lock(long mutex) {
        context.mightSleep("mutex_lock", INSTEAD);
        queues.sleepUntil(mutex + WAITERS, () -> memory.amoSwap32(mutex + HELD, 1) == 0, TaskLayout.UNINTERRUPTIBLE);
    }

    /**
     * {@code mutex_lock_interruptible}.
     *
     * @return 0 when it is held, {@code -EINTR} when a signal came first: then it is not
     */
    public int lockInterruptible(long mutex) {
        context.mightSleep("mutex_lock_interruptible", INSTEAD);
        return queues.sleepUntil(mutex + WAITERS, () -> memory.amoSwap32(mutex + HELD, 1) == 0, TaskLayout.INTERRUPTIBLE) == 0 ? 0 : -Errno.EINTR;
    }

    public void unlock(long mutex) {
        memory.amoSwap32(mutex + HELD, 0);
        queues.wakeOne(mutex + WAITERS);
    }
}

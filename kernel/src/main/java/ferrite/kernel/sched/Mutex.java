package ferrite.kernel.sched;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.Errno;

/** Mutexes (LDD3 page 109): a word and a wait queue, {@value #SIZE} bytes of zeroed RAM. Task context only: taking one may sleep. */
public final class Mutex {

    public static final int SIZE = 4 + WaitQueue.SIZE;

    private static final int HELD = 0;
    private static final int WAITERS = 4;

    private final KernelMemory memory;
    private final WaitQueue queues;

    public Mutex(KernelMemory memory, WaitQueue queues) {
        this.memory = memory;
        this.queues = queues;
    }

    public void init(long mutex) {
        queues.init(mutex + WAITERS);
    }

    public void lock(long mutex) {
        queues.waitEvent(mutex + WAITERS, () -> memory.amoSwap32(mutex + HELD, 1) == 0);
    }

    /**
     * {@code mutex_lock_interruptible}.
     *
     * @return 0 when it is held, {@code -EINTR} when a signal came first: then it is not
     */
    public int lockInterruptible(long mutex) {
        return queues.waitEventInterruptible(mutex + WAITERS, () -> memory.amoSwap32(mutex + HELD, 1) == 0) == 0 ? 0 : -Errno.EINTR;
    }

    public void unlock(long mutex) {
        memory.amoSwap32(mutex + HELD, 0);
        queues.wakeOne(mutex + WAITERS);
    }
}

package ferrite.kernel.sched;

import static ferrite.kernel.sched.SemaphoreLayout.COUNT;
import static ferrite.kernel.sched.SemaphoreLayout.LOCK;
import static ferrite.kernel.sched.SemaphoreLayout.WAITERS;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.core.Context;
import ferrite.kernel.core.KernelBase;

/**
 * Counting semaphores (LDD3 page 111): {@value SemaphoreLayout#SIZE} bytes of RAM. Any code may raise the count, also a
 * handler; a task that finds it 0 sleeps.
 */
@Plumbing
public final class Semaphore {

    private static final String INSTEAD = "use down_trylock, which does not sleep, or take the semaphore before";

    private final KernelMemory memory;
    private final Context context;
    private final SpinLock locks;
    private final Sleep sleep;
    private final WaitQueue queues;

    Semaphore(KernelBase base, Sleep sleep, WaitQueue queues) {
        this.memory = base.memory();
        this.context = base.context();
        this.locks = base.locks();
        this.sleep = sleep;
        this.queues = queues;
    }

    /** {@code sema_init}: gives a semaphore its count, in zeroed memory. Any context. */
    public void init(long semaphore, int count) {
        context.initialised("sema_init", semaphore, SemaphoreLayout.SIZE);
        queues.init(WAITERS.at(semaphore));
        COUNT.set(memory, semaphore, count);
    }

    /** {@code down}: takes one from the count; no signal ends the wait. Task context; may sleep. */
    public void down(long semaphore) {
        context.mightSleep("down", INSTEAD);
        sleep.exclusively(WAITERS.at(semaphore), () -> take(semaphore), TaskLayout.UNINTERRUPTIBLE, Sleep.FOREVER);
    }

    /** {@code down_interruptible}. Task context; may sleep. Returns 0, or {@code -EINTR} if a signal came first. */
    public int downInterruptible(long semaphore) {
        context.mightSleep("down_interruptible", INSTEAD);
        return sleep.exclusively(WAITERS.at(semaphore), () -> take(semaphore), TaskLayout.INTERRUPTIBLE,
                Sleep.FOREVER) < 0 ? -Errno.EINTR : 0;
    }

    /** {@code down_timeout}. Task context; may sleep. Returns 0, or {@code -ETIME} if the time is over. */
    public int downTimeout(long semaphore, long ticks) {
        context.mightSleep("down_timeout", INSTEAD);
        return sleep.exclusively(WAITERS.at(semaphore), () -> take(semaphore), TaskLayout.UNINTERRUPTIBLE, ticks) > 0
                ? 0 : -Errno.ETIME;
    }

    /** {@code down_trylock}: returns whether the count was 0, so that nothing was taken. Any context. */
    public boolean downTrylock(long semaphore) {
        return !take(semaphore);
    }

    /** {@code up}: adds one to the count, and wakes a task. Any context. */
    public void up(long semaphore) {
        int flags = locks.lockIrqSave(LOCK.at(semaphore));
        COUNT.set(memory, semaphore, COUNT.get(memory, semaphore) + 1);
        queues.wakeUp(WAITERS.at(semaphore));
        locks.unlockIrqRestore(LOCK.at(semaphore), flags);       // last: the task that goes on may free the record
    }

    private boolean take(long semaphore) {
        int flags = locks.lockIrqSave(LOCK.at(semaphore));
        int count = COUNT.get(memory, semaphore);
        if (count > 0) {
            COUNT.set(memory, semaphore, count - 1);
        }
        locks.unlockIrqRestore(LOCK.at(semaphore), flags);
        return count > 0;
    }
}

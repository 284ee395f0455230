package ferrite.kernel.driver;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.Errno;
import ferrite.kernel.sched.MutexLayout;

/** Spinlocks (LDD3 page 116) and mutexes (page 109). A spinlock is a zeroed word; its holder must not sleep. */
@DriverApi
public interface LockCalls {

    /** Takes a spinlock that no interrupt handler takes. Any context. */
    @CName("spin_lock")
    void spinLock(long lock);

    /** Releases a spinlock. Any context. */
    @CName("spin_unlock")
    void spinUnlock(long lock);

    /**
     * Disables interrupts on this hart and takes a spinlock. Any context.
     *
     * @return the flags for {@link #spinUnlockIrqrestore}
     */
    @CName("spin_lock_irqsave")
    int spinLockIrqsave(long lock);

    /** Releases a spinlock and restores interrupts. Any context. */
    @CName("spin_unlock_irqrestore")
    void spinUnlockIrqrestore(long lock, int flags);

    /** Disables preemption on this hart; calls nest. Any context. */
    @CName("preempt_disable")
    void preemptDisable();

    /** Ends what {@link #preemptDisable} began. Any context. */
    @CName("preempt_enable")
    void preemptEnable();

    /**
     * Disables interrupts on this hart. Any context.
     *
     * @return the flags for {@link #localIrqRestore}
     */
    @CName("local_irq_save")
    int localIrqSave();

    /** Restores interrupts on this hart. Any context. */
    @CName("local_irq_restore")
    void localIrqRestore(int flags);

    /** Initialises a mutex in {@link MutexLayout#SIZE} zeroed bytes. Any context. */
    @CName("mutex_init")
    void mutexInit(long mutex);

    /** Takes a mutex; no signal ends the wait. Task context; may sleep. */
    @CName("mutex_lock")
    void mutexLock(long mutex);

    /**
     * Takes a mutex, unless a signal ends the wait. Task context; may sleep.
     *
     * @return 0, or {@code -EINTR} ({@link Errno}) if the mutex was not taken
     */
    @CName("mutex_lock_interruptible")
    int mutexLockInterruptible(long mutex);

    /** Releases a mutex. Task context. */
    @CName("mutex_unlock")
    void mutexUnlock(long mutex);
}

package ferrite.kernel.driver;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.SeqLockLayout;
import ferrite.kernel.sched.CompletionLayout;
import ferrite.kernel.sched.MutexLayout;
import ferrite.kernel.sched.RwSemaphoreLayout;
import ferrite.kernel.sched.SemaphoreLayout;
import ferrite.kernel.work.RcuFunction;
import ferrite.kernel.work.RcuHeadLayout;

/**
 * Spinlocks (LDD3 page 116), also of readers and writers (page 127), sequence locks (page 127), mutexes and semaphores
 * (pages 109-114), and completions (page 114). A spinlock is a zeroed word; its holder must not sleep. A call that is
 * given a record in the caller's memory reads and writes it there.
 */
@DriverApi
public interface LockCalls {

    /**
     * Makes a spinlock free, in memory that holds anything (LDD3 page 117). The initialisation of a lock that is held
     * is reported. Any context.
     */
    @CName("spin_lock_init")
    void spinLockInit(long lock);

    /** Makes a lock of readers and writers free, in memory that holds anything (LDD3 page 122). Any context. */
    @CName("rwlock_init")
    void rwlockInit(long lock);

    /**
     * Makes a sequence lock free, in {@link SeqLockLayout#SIZE} bytes that hold anything (LDD3 page 128). Any context.
     */
    @CName("seqlock_init")
    void seqlockInit(long lock);

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

    /** Takes a spinlock if it is free. Returns whether the caller has it. Any context. */
    @CName("spin_trylock")
    boolean spinTrylock(long lock);

    /** Returns whether a spinlock is held. Any context. */
    @CName("spin_is_locked")
    boolean spinIsLocked(long lock);

    /** Takes a lock that a softirq takes too: disables softirqs (LDD3 page 119). Any context but handlers. */
    @CName("spin_lock_bh")
    void spinLockBh(long lock);

    /** Releases a lock, and serves the softirqs that came meanwhile. Any context but interrupt handlers. */
    @CName("spin_unlock_bh")
    void spinUnlockBh(long lock);

    /** Takes a lock as {@link #spinLockBh} if it is free. Returns whether it was. Any context but handlers. */
    @CName("spin_trylock_bh")
    boolean spinTrylockBh(long lock);

    /** Takes a read-write lock as a reader, and disables softirqs. Any context but interrupt handlers. */
    @CName("read_lock_bh")
    void readLockBh(long lock);

    /** Ends {@link #readLockBh}. Any context but interrupt handlers. */
    @CName("read_unlock_bh")
    void readUnlockBh(long lock);

    /** Takes a read-write lock as its writer, and disables softirqs. Any context but interrupt handlers. */
    @CName("write_lock_bh")
    void writeLockBh(long lock);

    /** Ends {@link #writeLockBh}. Any context but interrupt handlers. */
    @CName("write_unlock_bh")
    void writeUnlockBh(long lock);

    /** Begins to write under a seqlock, and disables softirqs. Any context but interrupt handlers. */
    @CName("write_seqlock_bh")
    void writeSeqlockBh(long lock);

    /** Ends {@link #writeSeqlockBh}. Any context but interrupt handlers. */
    @CName("write_sequnlock_bh")
    void writeSequnlockBh(long lock);

    /** Begins to read memory that {@link #synchronizeRcu} protects; nests. The caller must not sleep. Any context. */
    @CName("rcu_read_lock")
    void rcuReadLock();

    /** Ends {@link #rcuReadLock}. Any context. */
    @CName("rcu_read_unlock")
    void rcuReadUnlock();

    /** Reads a pointer that a writer replaces with {@link #rcuAssignPointer}. Any context. */
    @CName("rcu_dereference")
    long rcuDereference(long pointer);

    /** Replaces a pointer, after all stores to its target. Any context. */
    @CName("rcu_assign_pointer")
    void rcuAssignPointer(long pointer, long value);

    /** Waits until all readers of now have ended; removed records may be freed then. Task context; may sleep. */
    @CName("synchronize_rcu")
    void synchronizeRcu();

    /**
     * Calls a function when all readers of now have ended (LDD3 page 128). Any context.
     *
     * @param head     a record of {@link RcuHeadLayout#SIZE} bytes in the memory that is to be freed
     * @param function text address of an {@link RcuFunction}
     */
    @CName("call_rcu")
    void callRcu(long head, long function);

    /** Waits until all functions of {@link #callRcu} have been called. Task context; may sleep. */
    @CName("rcu_barrier")
    void rcuBarrier();

    /** Turns interrupts off on this hart (LDD3 page 274). Any context. */
    @CName("local_irq_disable")
    void localIrqDisable();

    /** Turns interrupts on, whatever they were. Any context but interrupt handlers. */
    @CName("local_irq_enable")
    void localIrqEnable();

    /** Returns whether interrupts are off on this hart. Any context. */
    @CName("irqs_disabled")
    boolean irqsDisabled();

    /** Disables interrupts on this hart, where they are known to be on, and takes a spinlock. Task context. */
    @CName("spin_lock_irq")
    void spinLockIrq(long lock);

    /** Releases a spinlock, and enables interrupts. Task context. */
    @CName("spin_unlock_irq")
    void spinUnlockIrq(long lock);

    /** Takes a lock of readers and writers, a zeroed word, as one of its readers. Any context. */
    @CName("read_lock")
    void readLock(long lock);

    /** Ends {@link #readLock}. Any context. */
    @CName("read_unlock")
    void readUnlock(long lock);

    /**
     * Disables interrupts on this hart and takes a lock as a reader. Any context.
     *
     * @return the flags for {@link #readUnlockIrqrestore}
     */
    @CName("read_lock_irqsave")
    int readLockIrqsave(long lock);

    /** Ends {@link #readLockIrqsave}. Any context. */
    @CName("read_unlock_irqrestore")
    void readUnlockIrqrestore(long lock, int flags);

    /** Takes a lock as a reader if no writer has it. Returns whether the caller has it. Any context. */
    @CName("read_trylock")
    boolean readTrylock(long lock);

    /**
     * Disables interrupts on this hart, where they are known to be on, and takes a lock as a reader (LDD3 page 122).
     * Any context but interrupt handlers.
     */
    @CName("read_lock_irq")
    void readLockIrq(long lock);

    /** Ends {@link #readLockIrq}, and enables interrupts. Any context but interrupt handlers. */
    @CName("read_unlock_irq")
    void readUnlockIrq(long lock);

    /** Takes a lock of readers and writers as its only writer. Any context. */
    @CName("write_lock")
    void writeLock(long lock);

    /** Ends {@link #writeLock}. Any context. */
    @CName("write_unlock")
    void writeUnlock(long lock);

    /**
     * Disables interrupts on this hart and takes a lock as its writer. Any context.
     *
     * @return the flags for {@link #writeUnlockIrqrestore}
     */
    @CName("write_lock_irqsave")
    int writeLockIrqsave(long lock);

    /** Ends {@link #writeLockIrqsave}. Any context. */
    @CName("write_unlock_irqrestore")
    void writeUnlockIrqrestore(long lock, int flags);

    /** Takes a lock as its writer if it is free (LDD3 page 123). Returns whether the caller has it. Any context. */
    @CName("write_trylock")
    boolean writeTrylock(long lock);

    /**
     * Disables interrupts on this hart, where they are known to be on, and takes a lock as its writer (LDD3 page 123).
     * Any context but interrupt handlers.
     */
    @CName("write_lock_irq")
    void writeLockIrq(long lock);

    /** Ends {@link #writeLockIrq}, and enables interrupts. Any context but interrupt handlers. */
    @CName("write_unlock_irq")
    void writeUnlockIrq(long lock);

    /**
     * Begins to read memory that a sequence lock protects, {@link SeqLockLayout#SIZE} zeroed bytes. Any context.
     *
     * @return the sequence for {@link #readSeqretry}
     */
    @CName("read_seqbegin")
    int readSeqbegin(long lock);

    /** Returns whether a writer was there since {@link #readSeqbegin}, so that the caller reads again. Any context. */
    @CName("read_seqretry")
    boolean readSeqretry(long lock, int begun);

    /**
     * Disables interrupts on this hart, and begins to read as {@link #readSeqbegin} (LDD3 page 128): for memory that an
     * interrupt handler reads too. Any context.
     *
     * @param flagsVa address of a word, which gets the flags for {@link #readSeqretryIrqrestore}
     */
    @CName("read_seqbegin_irqsave")
    int readSeqbeginIrqsave(long lock, long flagsVa);

    /** Does as {@link #readSeqretry}, and restores the interrupts. Any context. */
    @CName("read_seqretry_irqrestore")
    boolean readSeqretryIrqrestore(long lock, int begun, int flags);

    /** Takes a sequence lock for writing if it is free (LDD3 page 129). Any context. Returns whether it was. */
    @CName("write_tryseqlock")
    boolean writeTryseqlock(long lock);

    /** Takes a sequence lock for writing. Any context in which {@link #spinLock} would be right. */
    @CName("write_seqlock")
    void writeSeqlock(long lock);

    /** Ends {@link #writeSeqlock}. Any context. */
    @CName("write_sequnlock")
    void writeSequnlock(long lock);

    /**
     * Disables interrupts on this hart and takes a sequence lock for writing (LDD3 page 129). Any context.
     *
     * @return the flags for {@link #writeSequnlockIrqrestore}
     */
    @CName("write_seqlock_irqsave")
    int writeSeqlockIrqsave(long lock);

    /** Ends {@link #writeSeqlockIrqsave}. Any context. */
    @CName("write_sequnlock_irqrestore")
    void writeSequnlockIrqrestore(long lock, int flags);

    /**
     * Disables interrupts on this hart, where they are known to be on, and takes a sequence lock for writing (LDD3 page
     * 129). Any context but interrupt handlers.
     */
    @CName("write_seqlock_irq")
    void writeSeqlockIrq(long lock);

    /** Ends {@link #writeSeqlockIrq}, and enables interrupts. Any context but interrupt handlers. */
    @CName("write_sequnlock_irq")
    void writeSequnlockIrq(long lock);

    /** Disables preemption on this hart; calls nest. Any context. */
    @CName("preempt_disable")
    void preemptDisable();

    /** Undoes one {@link #preemptDisable}. Any context. */
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

    /** Takes a mutex if it is free. Returns whether the caller has it. Task context; does not sleep. */
    @CName("mutex_trylock")
    boolean mutexTrylock(long mutex);

    /** Returns whether a mutex is held. Any context. */
    @CName("mutex_is_locked")
    boolean mutexIsLocked(long mutex);

    /** Gives a semaphore its count, in {@link SemaphoreLayout#SIZE} zeroed bytes. Any context. */
    @CName("sema_init")
    void semaInit(long semaphore, int count);

    /** Takes one from a semaphore's count, and sleeps while it is 0; no signal ends the wait. Task context. */
    @CName("down")
    void down(long semaphore);

    /**
     * Takes one from a semaphore's count, unless a signal ends the wait. Task context; may sleep.
     *
     * @return 0, or {@code -EINTR}: nothing was taken
     */
    @CName("down_interruptible")
    int downInterruptible(long semaphore);

    /**
     * Takes one from a semaphore's count, unless a time is over. Task context; may sleep.
     *
     * @param timeout in jiffies
     * @return 0, or {@code -ETIME}: nothing was taken
     */
    @CName("down_timeout")
    int downTimeout(long semaphore, int timeout);

    /** Takes one from a semaphore's count if it is not 0. Returns 0 if it did, and 1 if not. Any context. */
    @CName("down_trylock")
    int downTrylock(long semaphore);

    /** Adds one to a semaphore's count. Any context. */
    @CName("up")
    void up(long semaphore);

    /** Initialises a semaphore of readers and writers in {@link RwSemaphoreLayout#SIZE} zeroed bytes. Any context. */
    @CName("init_rwsem")
    void initRwsem(long semaphore);

    /** Takes a semaphore as one of its readers. Task context; may sleep. */
    @CName("down_read")
    void downRead(long semaphore);

    /** Takes a semaphore as a reader if that needs no wait. Returns 1 if it did, and 0 if not. Any context. */
    @CName("down_read_trylock")
    int downReadTrylock(long semaphore);

    /** Ends {@link #downRead}. Task context. */
    @CName("up_read")
    void upRead(long semaphore);

    /** Takes a semaphore as its only writer. Task context; may sleep. */
    @CName("down_write")
    void downWrite(long semaphore);

    /** Takes a semaphore as its writer if that needs no wait. Returns 1 if it did, and 0 if not. Any context. */
    @CName("down_write_trylock")
    int downWriteTrylock(long semaphore);

    /** Ends {@link #downWrite}. Task context. */
    @CName("up_write")
    void upWrite(long semaphore);

    /** Makes the writer of a semaphore one of its readers. Task context. */
    @CName("downgrade_write")
    void downgradeWrite(long semaphore);

    /** Initialises a completion in {@link CompletionLayout#SIZE} zeroed bytes. Any context. */
    @CName("init_completion")
    void initCompletion(long completion);

    /** Forgets earlier calls of {@link #complete} and {@link #completeAll}. Any context. */
    @CName("reinit_completion")
    void reinitCompletion(long completion);

    /** Sleeps until {@link #complete} is called, if it was not already. Task context. */
    @CName("wait_for_completion")
    void waitForCompletion(long completion);

    /** Sleeps as {@link #waitForCompletion}. Task context. Returns 0, or {@code -ERESTARTSYS} after a signal. */
    @CName("wait_for_completion_interruptible")
    int waitForCompletionInterruptible(long completion);

    /** Sleeps as {@link #waitForCompletion}. Task context. Returns the jiffies left, or 0 after that time. */
    @CName("wait_for_completion_timeout")
    int waitForCompletionTimeout(long completion, int timeout);

    /**
     * Sleeps as {@link #waitForCompletion}. Task context.
     *
     * @param timeout in jiffies
     * @return the jiffies left, at least 1; 0 after that time; {@code -ERESTARTSYS} after a signal
     */
    @CName("wait_for_completion_interruptible_timeout")
    int waitForCompletionInterruptibleTimeout(long completion, int timeout);

    /** Takes a call of {@link #complete} if there was one. Returns whether there was. Any context. */
    @CName("try_wait_for_completion")
    boolean tryWaitForCompletion(long completion);

    /** Returns whether {@link #waitForCompletion} would not sleep. Any context. */
    @CName("completion_done")
    boolean completionDone(long completion);

    /** Lets one task that waits, or will wait, go on. Any context. */
    @CName("complete")
    void complete(long completion);

    /** Lets all tasks go on that wait, or will wait. Any context. */
    @CName("complete_all")
    void completeAll(long completion);

    /**
     * Lets one task go on that waits for the end of this kernel task, and ends this one: its last call, from which it
     * does not return (LDD3 page 116, {@code complete_and_exit}). The driver's module may be removed as soon as the
     * completion is taken. Task context, in a task of {@code kthread_run}.
     *
     * @param completion a completion, or 0
     * @param code       the exit code, 0 to 255, which {@code kthread_stop} returns
     * @throws ferrite.kernel.base.KernelBug in a task that {@code kthread_create} has not made
     */
    @CName("kthread_complete_and_exit")
    void kthreadCompleteAndExit(long completion, int code);
}

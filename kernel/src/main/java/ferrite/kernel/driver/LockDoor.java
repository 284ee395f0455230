package ferrite.kernel.driver;

import ferrite.hardware.report.Hex;
import ferrite.kernel.base.KernelBug;
import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.RwLock;
import ferrite.kernel.base.SeqLock;
import ferrite.kernel.base.SeqLockLayout;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.sched.CompletionLayout;
import ferrite.kernel.sched.MutexLayout;
import ferrite.kernel.sched.RwSemaphoreLayout;
import ferrite.kernel.sched.SemaphoreLayout;
import ferrite.kernel.sched.Sleep;
import ferrite.kernel.shadow.Armed;
import ferrite.kernel.work.Rcu;
import ferrite.kernel.work.RcuHeadLayout;

/** The calls for locks and atomic words. */
@Plumbing
abstract class LockDoor extends WorkDoor implements LockCalls, AtomicCalls {

    private static final int LOCK_BYTES = 4;

    private final SpinLock locks;
    private final RwLock rwLocks;
    private final SeqLock seqLocks;
    private final Rcu rcu;

    LockDoor(KernelBase base, Subsystems subsystems) {
        super(base, subsystems);
        this.locks = base.driverLocks();
        this.rwLocks = new RwLock(base.memory(), base.cpu(), locks, base.context());
        this.seqLocks = new SeqLock(base.memory(), base.cpu(), locks, base.context());
        this.rcu = subsystems.work().rcu();
    }

    private long checkedLock(long lock) {
        return checkedRecord(lock, LOCK_BYTES, 0);
    }

    private long checkedSeqLock(long lock) {
        return checkedRecord(lock, SeqLockLayout.SIZE, LOCK_BYTES);
    }

    private long checkedMutex(long mutex) {
        return checkedRecord(mutex, MutexLayout.SIZE, MutexLayout.WAITERS_OFFSET);
    }

    private long checkedSemaphore(long semaphore) {
        return checkedRecord(semaphore, SemaphoreLayout.SIZE, 0);
    }

    private long checkedRwSemaphore(long semaphore) {
        return checkedRecord(semaphore, RwSemaphoreLayout.SIZE, 0);
    }

    private long checkedCompletion(long completion) {
        return checkedRecord(completion, CompletionLayout.SIZE, 0);
    }

    // ---- locks ----

    @Override public void spinLockInit(long lock) { locks.init(used(lock, LOCK_BYTES), "spin_lock_init"); }
    @Override public void rwlockInit(long lock) { rwLocks.init(used(lock, LOCK_BYTES)); }
    @Override public void seqlockInit(long lock) { seqLocks.init(used(lock, SeqLockLayout.SIZE)); }
    @Override public void spinLock(long lock) { locks.lock(checkedLock(lock)); }
    @Override public void spinUnlock(long lock) { locks.unlock(used(lock, LOCK_BYTES)); }
    @Override public int spinLockIrqsave(long lock) { return locks.lockIrqSave(checkedLock(lock)); }
    @Override public void spinUnlockIrqrestore(long lock, int flags) {
        locks.unlockIrqRestore(used(lock, LOCK_BYTES), flags);
    }
    @Override public boolean spinTrylock(long lock) { return locks.tryLock(checkedLock(lock)); }
    @Override public boolean spinIsLocked(long lock) { return locks.isLocked(used(lock, LOCK_BYTES)); }
    @Override public void spinLockBh(long lock) {
        softirqs.disable("spin_lock_bh");
        locks.lock(checkedLock(lock), "spin_lock_bh");
    }
    @Override public void spinUnlockBh(long lock) {
        locks.unlock(used(lock, LOCK_BYTES), "spin_unlock_bh");
        softirqs.enable("spin_unlock_bh");
    }
    @Override public boolean spinTrylockBh(long lock) {
        softirqs.disable("spin_trylock_bh");
        boolean taken = locks.tryLock(checkedLock(lock), "spin_trylock_bh");
        if (!taken) {
            softirqs.enable("spin_trylock_bh");
        }
        return taken;
    }
    @Override public void spinLockIrq(long lock) { locks.lockIrq(checkedLock(lock)); }
    @Override public void spinUnlockIrq(long lock) { locks.unlockIrq(used(lock, LOCK_BYTES)); }
    @Override public void readLock(long lock) { rwLocks.readLock(checkedLock(lock)); }
    @Override public void readUnlock(long lock) { rwLocks.readUnlock(used(lock, LOCK_BYTES)); }
    @Override public int readLockIrqsave(long lock) { return rwLocks.readLockIrqSave(checkedLock(lock)); }
    @Override public void readUnlockIrqrestore(long lock, int flags) {
        rwLocks.readUnlockIrqRestore(used(lock, LOCK_BYTES), flags);
    }
    @Override public void writeLock(long lock) { rwLocks.writeLock(checkedLock(lock)); }
    @Override public void writeUnlock(long lock) { rwLocks.writeUnlock(used(lock, LOCK_BYTES)); }
    @Override public int writeLockIrqsave(long lock) { return rwLocks.writeLockIrqSave(checkedLock(lock)); }
    @Override public void writeUnlockIrqrestore(long lock, int flags) {
        rwLocks.writeUnlockIrqRestore(used(lock, LOCK_BYTES), flags);
    }
    @Override public boolean readTrylock(long lock) { return rwLocks.tryReadLock(checkedLock(lock)); }
    @Override public boolean writeTrylock(long lock) { return rwLocks.tryWriteLock(checkedLock(lock)); }
    @Override public void readLockIrq(long lock) { rwLocks.readLockIrq(checkedLock(lock)); }
    @Override public void readUnlockIrq(long lock) { rwLocks.readUnlockIrq(used(lock, LOCK_BYTES)); }
    @Override public void writeLockIrq(long lock) { rwLocks.writeLockIrq(checkedLock(lock)); }
    @Override public void writeUnlockIrq(long lock) { rwLocks.writeUnlockIrq(used(lock, LOCK_BYTES)); }
    @Override public void readLockBh(long lock) {
        softirqs.disable("read_lock_bh");
        readLock(lock);
    }
    @Override public void readUnlockBh(long lock) {
        readUnlock(lock);
        softirqs.enable("read_unlock_bh");
    }
    @Override public void writeLockBh(long lock) {
        softirqs.disable("write_lock_bh");
        writeLock(lock);
    }
    @Override public void writeUnlockBh(long lock) {
        writeUnlock(lock);
        softirqs.enable("write_unlock_bh");
    }
    @Override public int readSeqbegin(long lock) { return seqLocks.readBegin(used(lock, SeqLockLayout.SIZE)); }
    @Override public boolean readSeqretry(long lock, int begun) { return seqLocks.mustRetry(lock, begun); }
    @Override public int readSeqbeginIrqsave(long lock, long flagsVa) {
        memory.store32(flagsVa, localIrqSave());
        return readSeqbegin(lock);
    }
    @Override public boolean readSeqretryIrqrestore(long lock, int begun, int flags) {
        boolean again = readSeqretry(lock, begun);
        localIrqRestore(flags);
        return again;
    }
    @Override public boolean writeTryseqlock(long lock) { return seqLocks.tryWriteLock(checkedSeqLock(lock)); }
    @Override public void writeSeqlock(long lock) { seqLocks.writeLock(checkedSeqLock(lock)); }
    @Override public void writeSequnlock(long lock) { seqLocks.writeUnlock(used(lock, SeqLockLayout.SIZE)); }
    @Override public int writeSeqlockIrqsave(long lock) { return seqLocks.writeLockIrqSave(checkedSeqLock(lock)); }
    @Override public void writeSequnlockIrqrestore(long lock, int flags) {
        seqLocks.writeUnlockIrqRestore(used(lock, SeqLockLayout.SIZE), flags);
    }
    @Override public void writeSeqlockIrq(long lock) { seqLocks.writeLockIrq(checkedSeqLock(lock)); }
    @Override public void writeSequnlockIrq(long lock) { seqLocks.writeUnlockIrq(used(lock, SeqLockLayout.SIZE)); }
    @Override public void writeSeqlockBh(long lock) {
        softirqs.disable("write_seqlock_bh");
        writeSeqlock(lock);
    }
    @Override public void writeSequnlockBh(long lock) {
        writeSequnlock(lock);
        softirqs.enable("write_sequnlock_bh");
    }
    @Override public void preemptDisable() { locks.preemptDisable(); }
    @Override public void preemptEnable() { locks.preemptEnable(); }
    @Override public void rcuReadLock() { locks.preemptDisable("rcu_read_lock"); }
    @Override public void rcuReadUnlock() {
        if ((base.context().preemptCount() & TaskLayout.PREEMPT_MASK) == 0) {
            base.context().notHeld("rcu_read_unlock", "rcu_read_lock was not called");
            return;
        }
        locks.preemptEnable();
        rcu.readerEnded();
    }
    @Override public long rcuDereference(long pointer) { return memory.loadAddress(pointer); }
    @Override public void rcuAssignPointer(long pointer, long value) {
        base.cpu().fence();
        memory.storeAddress(pointer, value);
    }
    @Override public void synchronizeRcu() { rcu.synchronize(); }
    @Override public void callRcu(long head, long function) {
        used(head, RcuHeadLayout.SIZE);
        if (base.states().armed().isSet(head)) {
            throw new KernelBug("call_rcu of the record at " + Hex.grouped(head)
                    + ", which waits for its grace period already; call it once");
        }
        base.states().armed().set(Armed.Kind.RCU, head);
        rcu.call(head, function);
    }
    @Override public void rcuBarrier() { rcu.barrier(); }
    @Override public void localIrqDisable() { locks.localIrqSave(); }
    @Override public void localIrqEnable() { locks.localIrqRestore(1); }
    @Override public boolean irqsDisabled() { return !base.cpu().irqsEnabled(); }
    @Override public int localIrqSave() { return locks.localIrqSave(); }
    @Override public void localIrqRestore(int flags) { locks.localIrqRestore(flags); }
    @Override public void mutexInit(long mutex) { tasks.mutexes().init(used(mutex, MutexLayout.SIZE)); }
    @Override public void mutexLock(long mutex) { tasks.mutexes().lock(checkedMutex(mutex)); }
    @Override public int mutexLockInterruptible(long mutex) {
        return tasks.mutexes().lockInterruptible(checkedMutex(mutex));
    }
    @Override public void mutexUnlock(long mutex) { tasks.mutexes().unlock(checkedMutex(mutex)); }

    @Override public boolean mutexTrylock(long mutex) { return tasks.mutexes().tryLock(checkedMutex(mutex)); }
    @Override public boolean mutexIsLocked(long mutex) {
        return tasks.mutexes().isLocked(used(mutex, MutexLayout.SIZE));
    }
    @Override public void semaInit(long semaphore, int count) {
        tasks.semaphores().init(used(semaphore, SemaphoreLayout.SIZE), count);
    }
    @Override public void down(long semaphore) { tasks.semaphores().down(checkedSemaphore(semaphore)); }
    @Override public int downInterruptible(long semaphore) {
        return tasks.semaphores().downInterruptible(checkedSemaphore(semaphore));
    }
    @Override public int downTimeout(long semaphore, int timeout) {
        return tasks.semaphores().downTimeout(checkedSemaphore(semaphore), sleep.ticks(timeout));
    }
    @Override public int downTrylock(long semaphore) {
        return tasks.semaphores().downTrylock(checkedSemaphore(semaphore)) ? 1 : 0;
    }
    @Override public void up(long semaphore) { tasks.semaphores().up(checkedSemaphore(semaphore)); }
    @Override public void initRwsem(long semaphore) {
        tasks.rwSemaphores().init(used(semaphore, RwSemaphoreLayout.SIZE));
    }
    @Override public void downRead(long semaphore) { tasks.rwSemaphores().downRead(checkedRwSemaphore(semaphore)); }
    @Override public int downReadTrylock(long semaphore) {
        return tasks.rwSemaphores().tryRead(checkedRwSemaphore(semaphore)) ? 1 : 0;
    }
    @Override public void upRead(long semaphore) { tasks.rwSemaphores().upRead(checkedRwSemaphore(semaphore)); }
    @Override public void downWrite(long semaphore) { tasks.rwSemaphores().downWrite(checkedRwSemaphore(semaphore)); }
    @Override public int downWriteTrylock(long semaphore) {
        return tasks.rwSemaphores().tryWrite(checkedRwSemaphore(semaphore)) ? 1 : 0;
    }
    @Override public void upWrite(long semaphore) { tasks.rwSemaphores().upWrite(checkedRwSemaphore(semaphore)); }
    @Override public void downgradeWrite(long semaphore) {
        tasks.rwSemaphores().downgradeWrite(checkedRwSemaphore(semaphore));
    }
    @Override public void initCompletion(long completion) {
        tasks.completions().init(used(completion, CompletionLayout.SIZE));
    }
    @Override public void reinitCompletion(long completion) {
        tasks.completions().reinit(used(completion, CompletionLayout.SIZE));
    }
    @Override public void waitForCompletion(long completion) {
        tasks.completions().await("wait_for_completion", checkedCompletion(completion), TaskLayout.UNINTERRUPTIBLE,
                Sleep.FOREVER);
    }
    @Override public int waitForCompletionInterruptible(long completion) {
        return (int) Math.min(0, tasks.completions().await("wait_for_completion_interruptible",
                checkedCompletion(completion), TaskLayout.INTERRUPTIBLE, Sleep.FOREVER));
    }
    @Override public int waitForCompletionTimeout(long completion, int timeout) {
        return sleep.jiffies(tasks.completions().await("wait_for_completion_timeout", checkedCompletion(completion),
                TaskLayout.UNINTERRUPTIBLE, sleep.ticks(timeout)));
    }
    @Override public int waitForCompletionInterruptibleTimeout(long completion, int timeout) {
        long left = tasks.completions().await("wait_for_completion_interruptible_timeout",
                checkedCompletion(completion), TaskLayout.INTERRUPTIBLE, sleep.ticks(timeout));
        return left < 0 ? (int) left : sleep.jiffies(left);
    }
    @Override public boolean tryWaitForCompletion(long completion) {
        return tasks.completions().tryWait(checkedCompletion(completion));
    }
    @Override public boolean completionDone(long completion) {
        return tasks.completions().isDone(used(completion, CompletionLayout.SIZE));
    }
    @Override public void complete(long completion) { tasks.completions().complete(checkedCompletion(completion)); }
    @Override public void completeAll(long completion) {
        tasks.completions().completeAll(checkedCompletion(completion));
    }

    @Override public void kthreadCompleteAndExit(long completion, int code) {
        base.context().mightSleep("kthread_complete_and_exit", "end the task after the atomic section has ended");
        tasks.tasks().requireKthread("kthread_complete_and_exit");
        if (completion != 0) {
            complete(completion);
        }
        throw tasks.tasks().exitNow(code);
    }

    // ---- atomic words and bits ----

    @Override public int atomicRead(long word) { return memory.load32(word); }
    @Override public void atomicSet(long word, int value) { memory.store32(word, value); }
    @Override public void atomicAdd(int value, long word) { memory.amoAdd32(word, value); }
    @Override public void atomicSub(int value, long word) { memory.amoAdd32(word, -value); }
    @Override public void atomicInc(long word) { memory.amoAdd32(word, 1); }
    @Override public void atomicDec(long word) { memory.amoAdd32(word, -1); }
    @Override public int atomicAddReturn(int value, long word) { return memory.amoAdd32(word, value) + value; }
    @Override public int atomicSubReturn(int value, long word) { return memory.amoAdd32(word, -value) - value; }
    @Override public int atomicIncReturn(long word) { return memory.amoAdd32(word, 1) + 1; }
    @Override public int atomicDecReturn(long word) { return memory.amoAdd32(word, -1) - 1; }
    @Override public boolean atomicSubAndTest(int value, long word) { return memory.amoAdd32(word, -value) == value; }
    @Override public boolean atomicDecAndTest(long word) { return memory.amoAdd32(word, -1) == 1; }
    @Override public boolean atomicIncAndTest(long word) { return memory.amoAdd32(word, 1) == -1; }
    @Override public boolean atomicAddNegative(int value, long word) {
        return memory.amoAdd32(word, value) + value < 0;
    }
    @Override public int atomicXchg(long word, int value) { return memory.amoSwap32(word, value); }
    @Override public int atomicCmpxchg(long word, int old, int value) {
        return memory.compareAndSwap32(word, old, value);
    }
    @Override public boolean atomicAddUnless(long word, int value, int unless) {
        int old = memory.load32(word);
        while (old != unless && memory.compareAndSwap32(word, old, old + value) != old) {
            old = memory.load32(word);
        }
        return old != unless;
    }
    @Override public void setBit(int bit, long words) { memory.amoOr32(word(bit, words), 1 << bit); }
    @Override public void clearBit(int bit, long words) { memory.amoAnd32(word(bit, words), ~(1 << bit)); }
    @Override public void changeBit(int bit, long words) { memory.amoXor32(word(bit, words), 1 << bit); }
    @Override public boolean testBit(int bit, long words) { return isSet(memory.load32(word(bit, words)), bit); }
    @Override public boolean testAndSetBit(int bit, long words) {
        return isSet(memory.amoOr32(word(bit, words), 1 << bit), bit);
    }
    @Override public boolean testAndClearBit(int bit, long words) {
        return isSet(memory.amoAnd32(word(bit, words), ~(1 << bit)), bit);
    }
    @Override public boolean testAndChangeBit(int bit, long words) {
        return isSet(memory.amoXor32(word(bit, words), 1 << bit), bit);
    }
    @Override public void mb() {
        base.cpu().fence();
        base.states().barriers().passed(base.cpu().hartId());
    }
    @Override public void rmb() { base.cpu().fence(); }
    @Override public void readBarrierDepends() { }     // as on all machines but Alpha
    @Override public void smpReadBarrierDepends() { }
    @Override public void wmb() { mb(); }
    @Override public void smpMb() { base.cpu().fence(); }
    @Override public void smpRmb() { base.cpu().fence(); }
    @Override public void smpWmb() { base.cpu().fence(); }
    @Override public void smpStoreMb(long word, int value) {
        memory.store32(word, value);
        base.cpu().fence();
    }
    @Override public void barrier() { }
    @Override public void dmaRmb() { base.cpu().fence(); }
    @Override public void dmaWmb() { base.cpu().fence(); }

    private static long word(int bit, long words) {
        return words + 4L * (bit / Integer.SIZE);
    }

    private static boolean isSet(int word, int bit) {
        return (word >> bit & 1) != 0;
    }
}

package ferrite.kernel.driver;

import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.ResourceTracker.Kind;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.irq.Interrupts;
import ferrite.kernel.sched.MutexLayout;
import ferrite.kernel.sched.TaskSystem;
import ferrite.kernel.sched.TimerLayout;
import ferrite.kernel.sched.WaitQueue;
import ferrite.kernel.sched.WaitQueueLayout;
import java.util.function.BooleanSupplier;

/** The calls for locks, tasks, time and interrupts. */
@Plumbing
abstract class TaskDoor extends CheckedDoor implements LockCalls, TaskCalls, InterruptCalls {

    private static final int LOCK_BYTES = 4;

    private final SpinLock locks;
    private final TaskSystem tasks;
    private final WaitQueue queues;
    private final Interrupts interrupts;

    TaskDoor(KernelBase base, Subsystems subsystems) {
        super(base, subsystems);
        this.locks = base.driverLocks();
        this.tasks = subsystems.tasks();
        this.queues = tasks.waitQueues();
        this.interrupts = subsystems.interrupts();
    }

    private long checkedLock(long lock) {
        return checkedRecord(lock, LOCK_BYTES, 0);
    }

    private long checkedQueue(long queue) {
        return checkedRecord(queue, WaitQueueLayout.SIZE, 0);
    }

    private long checkedMutex(long mutex) {
        return checkedRecord(mutex, MutexLayout.SIZE, MutexLayout.SIZE - WaitQueueLayout.SIZE);
    }

    // ---- locks ----

    @Override public void spinLock(long lock) { locks.lock(checkedLock(lock)); }
    @Override public void spinUnlock(long lock) { locks.unlock(used(lock, LOCK_BYTES)); }
    @Override public int spinLockIrqsave(long lock) { return locks.lockIrqSave(checkedLock(lock)); }
    @Override public void spinUnlockIrqrestore(long lock, int flags) {
        locks.unlockIrqRestore(used(lock, LOCK_BYTES), flags);
    }
    @Override public void preemptDisable() { locks.preemptDisable(); }
    @Override public void preemptEnable() { locks.preemptEnable(); }
    @Override public int localIrqSave() { return locks.localIrqSave(); }
    @Override public void localIrqRestore(int flags) { locks.localIrqRestore(flags); }
    @Override public void mutexInit(long mutex) { tasks.mutexes().init(used(mutex, MutexLayout.SIZE)); }
    @Override public void mutexLock(long mutex) { tasks.mutexes().lock(checkedMutex(mutex)); }
    @Override public int mutexLockInterruptible(long mutex) {
        return tasks.mutexes().lockInterruptible(checkedMutex(mutex));
    }
    @Override public void mutexUnlock(long mutex) { tasks.mutexes().unlock(checkedMutex(mutex)); }

    // ---- tasks and time ----

    @Override public void mightSleep(String call, String instead) { base.context().mightSleep(call, instead); }
    @Override public boolean inAtomic() { return base.context().isAtomic(); }
    @Override public void initWaitqueueHead(long queue) { queues.init(used(queue, WaitQueueLayout.SIZE)); }
    @Override public void waitEvent(long queue, BooleanSupplier condition) {
        queues.waitEvent(checkedQueue(queue), condition);
    }
    @Override public int waitEventInterruptible(long queue, BooleanSupplier condition) {
        return queues.waitEventInterruptible(checkedQueue(queue), condition);
    }
    @Override public void wakeUp(long queue) { queues.wakeOne(checkedQueue(queue)); }
    @Override public void wakeUpAll(long queue) { queues.wakeAll(checkedQueue(queue)); }
    @Override public void prepareToWait(long queue) { queues.prepareToWait(checkedQueue(queue)); }
    @Override public void finishWait(long queue) { queues.finishWait(checkedQueue(queue)); }
    @Override public void schedule() { tasks.scheduler().schedule(); }
    @Override public void addTimer(long timer, long ticks, long function, long data) {
        tasks.timers().add(used(timer, TimerLayout.SIZE), ticks, function, data);
        base.states().timerSet(timer);
        gaveBack(Kind.TIMER, timer);
        took(Kind.TIMER, timer, 0);
    }
    @Override public boolean delTimerSync(long timer) {
        gaveBack(Kind.TIMER, timer);
        return tasks.timers().delete(used(timer, TimerLayout.SIZE));
    }
    @Override public int scheduleTimeoutInterruptible(long ticks) { return tasks.timers().sleepInterruptible(ticks); }
    @Override public void cpuRelax() { base.cpu().relax(); }
    @Override public long schedClock() { return base.cpu().time(); }
    @Override public long kthreadRun(String name, long entry, long argument) {
        long task = tasks.tasks().create(name, entry, argument);
        took(Kind.THREAD, task == 0 ? 0 : tasks.tasks().pid(task), 0);
        return task;
    }
    @Override public boolean signalPending() { return tasks.signals().isPending(); }
    @Override public int killPid(int pid, int signal) { return tasks.tasks().kill(pid, signal); }

    // ---- interrupts ----

    @Override public int requestIrq(int irq, long handler, String name, long data) {
        int result = interrupts.requestIrq(irq, handler, name, data);
        took(Kind.INTERRUPT, result == 0 ? irq : 0, 0);
        return result;
    }
    @Override public void freeIrq(int irq) {
        interrupts.freeIrq(irq);
        gaveBack(Kind.INTERRUPT, irq);
    }
    @Override public void synchronizeIrq(int irq) { interrupts.synchronizeIrq(irq); }
}

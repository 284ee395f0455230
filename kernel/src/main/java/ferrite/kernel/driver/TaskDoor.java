package ferrite.kernel.driver;

import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.ResourceTracker.Kind;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.sched.Priorities;
import ferrite.kernel.sched.Sleep;
import ferrite.kernel.sched.WaitQueue;
import ferrite.kernel.sched.WaitQueueLayout;
import java.util.function.BooleanSupplier;

/** The calls for waiting and tasks. */
@Plumbing
abstract class TaskDoor extends LockDoor implements TaskCalls {

    private final WaitQueue queues;

    TaskDoor(KernelBase base, Subsystems subsystems) {
        super(base, subsystems);
        this.queues = tasks.waitQueues();
    }

    private long checkedQueue(long queue) {
        return checkedRecord(queue, WaitQueueLayout.SIZE, 0);
    }

    @Override public void mightSleep(String call, String instead) { base.context().mightSleep(call, instead); }
    @Override public boolean inAtomic() { return base.context().isAtomic(); }
    @Override public void initWaitqueueHead(long queue) { queues.init(used(queue, WaitQueueLayout.SIZE)); }
    @Override public void waitEvent(long queue, BooleanSupplier condition) {
        sleep.waitEvent(checkedQueue(queue), condition);
    }
    @Override public int waitEventInterruptible(long queue, BooleanSupplier condition) {
        return sleep.waitEventInterruptible(checkedQueue(queue), condition);
    }
    @Override public int waitEventTimeout(long queue, BooleanSupplier condition, int timeout) {
        return sleep.jiffies(sleep.waitEvent("wait_event_timeout", checkedQueue(queue), condition,
                TaskLayout.UNINTERRUPTIBLE, sleep.ticks(timeout)));
    }
    @Override public int waitEventInterruptibleTimeout(long queue, BooleanSupplier condition, int timeout) {
        return sleep.jiffies(sleep.waitEvent("wait_event_interruptible_timeout", checkedQueue(queue), condition,
                TaskLayout.INTERRUPTIBLE, sleep.ticks(timeout)));
    }
    @Override public int waitEventInterruptibleExclusive(long queue, BooleanSupplier condition) {
        base.context().mightSleep("wait_event_interruptible_exclusive", "wait after the atomic section has ended");
        return (int) Math.min(0, sleep.exclusively(checkedQueue(queue), condition, TaskLayout.INTERRUPTIBLE,
                Sleep.FOREVER));
    }
    @Override public void wakeUp(long queue) { queues.wakeUp(checkedQueue(queue)); }
    @Override public void wakeUpNr(long queue, int exclusive) { queues.wakeUpNr(checkedQueue(queue), exclusive); }
    @Override public boolean waitqueueActive(long queue) { return queues.isActive(used(queue, WaitQueueLayout.SIZE)); }
    @Override public void wakeUpAll(long queue) { queues.wakeUpAll(checkedQueue(queue)); }
    @Override public void prepareToWait(long queue) { queues.prepareToWait(checkedQueue(queue)); }
    @Override public void prepareToWaitExclusive(long queue) {
        queues.prepareToWait(checkedQueue(queue), TaskLayout.INTERRUPTIBLE, true);
    }
    @Override public void finishWait(long queue) { queues.finishWait(checkedQueue(queue)); }
    @Override public void setCurrentState(int state) { sleep.setState(state); }
    @Override public void __setCurrentState(int state) { sleep.setState(state); }
    @Override public boolean condResched() { return tasks.scheduler().condResched(); }
    @Override public void schedule() { tasks.scheduler().schedule(); }
    @Override public void yield() {
        sleep.setState(TaskLayout.RUNNING);
        schedule();
    }
    @Override public void cpuRelax() { base.cpu().relax(); }
    @Override public long kthreadRun(String name, long entry, long argument) {
        long task = kthreadCreate(name, entry, argument);
        if (task != 0) {
            wakeUpProcess(task);
        }
        return task;
    }
    @Override public long kthreadCreate(String name, long entry, long argument) {
        base.context().mightSleep("kthread_create", "make the task before the atomic section begins");
        return tasks.tasks().createAsleep(name, entry, argument);
    }
    @Override public void kthreadBind(long task, int hart) { tasks.tasks().bind(task, hart); }
    @Override public void setUserNice(long task, int nice) { priorities("set_user_nice", task).setNice(task, nice); }
    @Override public int taskNice(long task) { return priorities("task_nice", task).nice(task); }
    @Override public void schedSetFifo(long task) { priorities("sched_set_fifo", task).setFifo(task); }
    @Override public void schedSetFifoLow(long task) { priorities("sched_set_fifo_low", task).setFifoLow(task); }
    @Override public void schedSetNormal(long task, int nice) {
        priorities("sched_set_normal", task).setNormal(task, nice);
    }
    private Priorities priorities(String call, long task) {
        tasks.tasks().requireTask(call, task);
        return tasks.scheduler().priorities();
    }
    @Override public boolean wakeUpProcess(long task) {
        tasks.tasks().requireTask("wake_up_process", task);
        if (tasks.tasks().pid(task) == 0) {
            tasks.tasks().wakeReserved(task);
            took(Kind.THREAD, tasks.tasks().pid(task), 0);
            return true;
        }
        return tasks.scheduler().wake(task);
    }
    @Override public boolean kthreadShouldStop() { return tasks.tasks().shouldStop(); }
    @Override public int kthreadStop(long task) {
        base.context().mightSleep("kthread_stop", "stop the task after the atomic section has ended");
        tasks.tasks().requireTask("kthread_stop", task);
        gaveBack(Kind.THREAD, tasks.tasks().pid(task));
        return tasks.tasks().stop(task);
    }
    @Override public long current() { return base.cpu().tp(); }
    @Override public int taskPidNr(long task) { return tasks.tasks().pid(task); }
    @Override public long getTaskComm(long buffer, long task) {
        memory.storeString(used(buffer, TASK_COMM_LEN), TaskLayout.COMM.get(memory, task), TASK_COMM_LEN);
        return buffer;
    }
    @Override public boolean signalPending() { return tasks.signals().isPending(); }
    @Override public int killPid(int pid, int signal) { return tasks.tasks().kill(pid, signal); }
}

package ferrite.kernel.sched;

import static ferrite.kernel.sched.WaitQueueLayout.LIST;
import static ferrite.kernel.sched.WaitQueueLayout.LOCK;

import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.core.Context;
import ferrite.kernel.core.KernelBase;
import java.util.function.BooleanSupplier;

/**
 * Wait queues (LDD3 pages 148-151): a lock and a list of the tasks that sleep on it, {@value WaitQueueLayout#SIZE}
 * bytes anywhere in RAM. A task is on one queue at a time.
 */
@Plumbing
public final class WaitQueue {

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final Context context;
    private final Scheduler scheduler;
    private final SpinLock locks;

    WaitQueue(KernelBase base, Scheduler scheduler) {
        this.memory = base.memory();
        this.cpu = base.cpu();
        this.context = base.context();
        this.scheduler = scheduler;
        this.locks = base.locks();
    }

    /** {@code init_waitqueue_head}, on zeroed memory. */
    public void init(long queue) {
        ListHead.init(memory, LIST.at(queue));
    }

    /**
     * {@code wait_event}: sleeps until the condition holds; signals do not end the sleep. Task context only. The
     * waiting task evaluates the condition before it sleeps and after each wake-up.
     */
    public void waitEvent(long queue, BooleanSupplier condition) {
        context.mightSleep("wait_event", "wait after the atomic section has ended");
        sleepUntil(queue, condition, TaskLayout.UNINTERRUPTIBLE);
    }

    /**
     * {@code wait_event_interruptible}: as {@link #waitEvent}, but a signal ends the sleep. Task context only.
     *
     * @return 0 if the condition holds; {@code -ERESTARTSYS} if a signal came first. The caller then releases its
     *         resources and returns the same
     */
    public int waitEventInterruptible(long queue, BooleanSupplier condition) {
        context.mightSleep("wait_event_interruptible", "wait after the atomic section has ended");
        return sleepUntil(queue, condition, TaskLayout.INTERRUPTIBLE);
    }

    /** Sleeps until the condition holds, in a given state. The caller has already called {@link Context#mightSleep}. */
    int sleepUntil(long queue, BooleanSupplier condition, int state) {
        while (!condition.getAsBoolean()) {
            boolean waits = prepareToWait(queue, state);
            if (condition.getAsBoolean()) {
                finishWait(queue);
                return 0;
            }
            if (!waits) {
                return -Errno.ERESTARTSYS;
            }
            scheduler.schedule();
            finishWait(queue);
        }
        return 0;
    }

    /** {@code prepare_to_wait} for an interruptible sleep. */
    public void prepareToWait(long queue) {
        prepareToWait(queue, TaskLayout.INTERRUPTIBLE);
    }

    /**
     * {@code prepare_to_wait}: puts the current task on the queue. No wake-up is lost from here on: the next {@code
     * schedule} returns at once after one. A task with a pending signal is not queued, because it would consume a
     * wake-up that another waiting task needs.
     *
     * @param state {@link TaskLayout#INTERRUPTIBLE} or {@link TaskLayout#UNINTERRUPTIBLE}
     * @return false if a pending signal would end the sleep; the task is not queued then
     */
    public boolean prepareToWait(long queue, int state) {
        long task = cpu.tp();
        int flags = locks.lockIrqSave(LOCK.at(queue));
        // before PENDING is read: a sender sets PENDING first, then reads the state
        TaskLayout.STATE.set(memory, task, state);
        boolean waits = state == TaskLayout.UNINTERRUPTIBLE || TaskLayout.PENDING.get(memory, task) == 0;
        if (!waits) {
            TaskLayout.STATE.set(memory, task, TaskLayout.RUNNING);
        } else if (ListHead.isEmpty(memory, TaskLayout.WAIT_NODE.at(task))) {
            ListHead.addTail(memory, TaskLayout.WAIT_NODE.at(task), LIST.at(queue));
        }
        locks.unlockIrqRestore(LOCK.at(queue), flags);
        return waits;
    }

    /** {@code finish_wait}: takes the current task off the queue, and marks it as running. */
    public void finishWait(long queue) {
        long task = cpu.tp();
        int flags = locks.lockIrqSave(LOCK.at(queue));
        TaskLayout.STATE.set(memory, task, TaskLayout.RUNNING);
        if (!ListHead.isEmpty(memory, TaskLayout.WAIT_NODE.at(task))) {
            ListHead.delete(memory, TaskLayout.WAIT_NODE.at(task));
        }
        locks.unlockIrqRestore(LOCK.at(queue), flags);
    }

    /** {@code wake_up}: wakes the task that has waited longest. Any context. */
    public void wakeOne(long queue) {
        int flags = locks.lockIrqSave(LOCK.at(queue));
        wakeFirst(queue);
        locks.unlockIrqRestore(LOCK.at(queue), flags);
    }

    /** {@code wake_up_all}. Any context. */
    public void wakeAll(long queue) {
        int flags = locks.lockIrqSave(LOCK.at(queue));
        while (!ListHead.isEmpty(memory, LIST.at(queue))) {
            wakeFirst(queue);
        }
        locks.unlockIrqRestore(LOCK.at(queue), flags);
    }

    private void wakeFirst(long queue) {
        if (!ListHead.isEmpty(memory, LIST.at(queue))) {
            long node = ListHead.first(memory, LIST.at(queue));
            ListHead.delete(memory, node);
            scheduler.wake(TaskLayout.WAIT_NODE.containerOf(node));
        }
    }
}

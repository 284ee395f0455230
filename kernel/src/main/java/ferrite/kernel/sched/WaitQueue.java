package ferrite.kernel.sched;

import static ferrite.kernel.sched.WaitEntryLayout.FLAGS;
import static ferrite.kernel.sched.WaitEntryLayout.FUNCTION;
import static ferrite.kernel.sched.WaitEntryLayout.NODE;
import static ferrite.kernel.sched.WaitEntryLayout.PRIVATE;
import static ferrite.kernel.sched.WaitQueueLayout.LIST;
import static ferrite.kernel.sched.WaitQueueLayout.LOCK;

import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.shadow.MemoryStates;

/**
 * Wait queues (LDD3 pages 148-151): a lock and a list of entries, {@value WaitQueueLayout#SIZE} bytes anywhere in RAM.
 * An entry ({@link WaitEntryLayout}) is a sleeping task's own, or has a function. A task sleeps on one queue at a time;
 * to learn of wake-ups of several, it adds entries with a function to them.
 */
@Plumbing
public final class WaitQueue {

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final Scheduler scheduler;
    private final SpinLock locks;
    private final MemoryStates states;
    private final TextTable text;

    WaitQueue(KernelBase base, Scheduler scheduler) {
        this.memory = base.memory();
        this.cpu = base.cpu();
        this.scheduler = scheduler;
        this.locks = base.locks();
        this.states = base.states();
        this.text = base.text();
    }

    /** {@code init_waitqueue_head}, on zeroed memory. */
    public void init(long queue) {
        ListHead.init(memory, LIST.at(queue));
    }

    /** {@code prepare_to_wait} for an interruptible sleep. */
    public void prepareToWait(long queue) {
        prepareToWait(queue, TaskLayout.INTERRUPTIBLE, false);
    }

    /**
     * {@code prepare_to_wait}: puts the current task on the queue. No wake-up is lost from here on: the next {@code
     * schedule} returns at once after one. A task with a pending signal is not queued, because it would consume a
     * wake-up that another waiting task needs.
     *
     * @param state     {@link TaskLayout#INTERRUPTIBLE} or {@link TaskLayout#UNINTERRUPTIBLE}
     * @param exclusive whether a wake-up that reaches this task reaches no other exclusive one
     * @return false if a pending signal would end the sleep; the task is not queued then
     */
    public boolean prepareToWait(long queue, int state, boolean exclusive) {
        long task = cpu.tp();
        int flags = locks.lockIrqSave(LOCK.at(queue));
        // before PENDING is read: a sender sets PENDING first, then reads the state
        TaskLayout.STATE.set(memory, task, state);
        boolean waits = state == TaskLayout.UNINTERRUPTIBLE || !Signals.isPending(memory, task);
        if (!waits) {
            TaskLayout.STATE.set(memory, task, TaskLayout.RUNNING);
        } else if (ListHead.isEmpty(memory, nodeOf(task))) {
            FLAGS.set(memory, TaskLayout.WAIT.at(task), exclusive ? WaitEntryLayout.EXCLUSIVE : 0);
            ListHead.addTail(memory, nodeOf(task), LIST.at(queue));
            states.waitBegins(queue, task);
        }
        locks.unlockIrqRestore(LOCK.at(queue), flags);
        return waits;
    }

    /** {@code finish_wait}: takes the current task off the queue, and marks it as running. */
    public void finishWait(long queue) {
        long task = cpu.tp();
        int flags = locks.lockIrqSave(LOCK.at(queue));
        TaskLayout.STATE.set(memory, task, TaskLayout.RUNNING);
        states.waitEnded(task);
        if (!ListHead.isEmpty(memory, nodeOf(task))) {
            ListHead.delete(memory, nodeOf(task));
        }
        locks.unlockIrqRestore(LOCK.at(queue), flags);
    }

    private static long nodeOf(long task) {
        return NODE.at(TaskLayout.WAIT.at(task));
    }

    /** {@code add_wait_queue}: adds an entry with a function, which is told of each wake-up. Any context. */
    public void add(long queue, long entry) {
        int flags = locks.lockIrqSave(LOCK.at(queue));
        ListHead.addTail(memory, NODE.at(entry), LIST.at(queue));
        locks.unlockIrqRestore(LOCK.at(queue), flags);
    }

    /** {@code remove_wait_queue}. The entry's function does not run any more when this returns. Any context. */
    public void remove(long queue, long entry) {
        int flags = locks.lockIrqSave(LOCK.at(queue));
        ListHead.delete(memory, NODE.at(entry));
        locks.unlockIrqRestore(LOCK.at(queue), flags);
    }

    /**
     * {@code wake_up}: wakes all tasks but exclusive ones, and of those the one that has waited longest. Any context.
     */
    public void wakeUp(long queue) {
        wakeUpNr(queue, 1);
    }

    /** {@code wake_up_nr}: wakes all tasks but exclusive ones, and so many of those. Any context. */
    public void wakeUpNr(long queue, int exclusive) {
        wakeUpNr(queue, exclusive, TaskLayout.SLEEPING);
    }

    /**
     * {@code wake_up_interruptible_nr} and its kin: wakes as {@link #wakeUpNr(long, int)} does, but only tasks that
     * sleep in one of these states. The others stay on the queue. Any context.
     */
    public void wakeUpNr(long queue, int exclusive, int states) {
        int flags = locks.lockIrqSave(LOCK.at(queue));
        int left = exclusive;
        long node = ListHead.first(memory, LIST.at(queue));
        while (node != 0 && node != LIST.at(queue)) {
            long next = ListHead.next(memory, node);
            long entry = NODE.containerOf(node);
            boolean isExclusive = (FLAGS.get(memory, entry) & WaitEntryLayout.EXCLUSIVE) != 0;
            if ((!isExclusive || left > 0) && mayWake(entry, states)) {
                wake(entry);
                left -= isExclusive ? 1 : 0;
            }
            node = next;
        }
        locks.unlockIrqRestore(LOCK.at(queue), flags);
    }

    /** Returns whether a wake-up reaches an entry: the task sleeps in one of the states, or not any more. */
    private boolean mayWake(long entry, int states) {
        return states == TaskLayout.SLEEPING || FUNCTION.get(memory, entry) != 0
                || (TaskLayout.STATE.get(memory, PRIVATE.get(memory, entry)) & TaskLayout.SLEEPING & ~states) == 0;
    }

    private void wake(long entry) {
        long function = FUNCTION.get(memory, entry);
        if (function == 0) {
            ListHead.delete(memory, NODE.at(entry));
            scheduler.wake(PRIVATE.get(memory, entry));
        } else {
            text.at(function, WakeFunction.class).wake(entry);
        }
    }

    /** Returns the task that the next {@link #wakeUp} wakes first; 0 if none waits. Any context. */
    long firstTask(long queue) {
        int flags = locks.lockIrqSave(LOCK.at(queue));
        long node = ListHead.first(memory, LIST.at(queue));
        long task = node == 0 || node == LIST.at(queue) ? 0 : PRIVATE.get(memory, NODE.containerOf(node));
        locks.unlockIrqRestore(LOCK.at(queue), flags);
        return task;
    }

    /** {@code wake_up_all}. Any context. */
    public void wakeUpAll(long queue) {
        wakeUpNr(queue, Integer.MAX_VALUE);
    }

    /** {@code waitqueue_active}: returns whether a task waits. Any context. */
    public boolean isActive(long queue) {
        long first = ListHead.first(memory, LIST.at(queue));
        return first != 0 && first != LIST.at(queue);
    }
}

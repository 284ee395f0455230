package ferrite.kernel.sched;

import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.ListHead;
import java.util.function.BooleanSupplier;

/**
 * Wait queues (LDD3 pages 148-151): a lock and a list of the tasks that sleep on it, {@value #SIZE} bytes anywhere in RAM.
 * A task is on one queue at a time.
 */
public final class WaitQueue {

    public static final int SIZE = 12;

    private static final int LOCK = 0;
    private static final int LIST = 4;

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final Scheduler scheduler;
    private final SpinLock locks;

    public WaitQueue(KernelMemory memory, KernelCpu cpu, Scheduler scheduler) {
        this.memory = memory;
        this.cpu = cpu;
        this.scheduler = scheduler;
        this.locks = new SpinLock(memory, cpu);
    }

    /** {@code init_waitqueue_head}, on zeroed memory. */
    public void init(long queue) {
        ListHead.init(memory, queue + LIST);
    }

    /**
     * {@code wait_event}: sleeps until the condition holds. Task context only. The condition is evaluated by the waiting task, before it sleeps and whenever it
     * is woken.
     */
    public void waitEvent(long queue, BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            prepareToWait(queue);
            if (condition.getAsBoolean()) {
                finishWait(queue);
                return;
            }
            scheduler.schedule();
            finishWait(queue);
        }
    }

    /** {@code prepare_to_wait}: from now on a wake-up is not lost; the next {@code schedule} sleeps unless there was one. */
    public void prepareToWait(long queue) {
        long task = cpu.tp();
        int flags = locks.lockIrqSave(queue + LOCK);
        if (ListHead.isEmpty(memory, task + TaskLayout.WAIT_NODE)) {
            ListHead.addTail(memory, task + TaskLayout.WAIT_NODE, queue + LIST);
        }
        memory.store32(task + TaskLayout.STATE, TaskLayout.SLEEPING);
        locks.unlockIrqRestore(queue + LOCK, flags);
    }

    /** {@code finish_wait}: the current task does not sleep after all, or no more. */
    public void finishWait(long queue) {
        long task = cpu.tp();
        int flags = locks.lockIrqSave(queue + LOCK);
        memory.store32(task + TaskLayout.STATE, TaskLayout.RUNNING);
        if (!ListHead.isEmpty(memory, task + TaskLayout.WAIT_NODE)) {
            ListHead.delete(memory, task + TaskLayout.WAIT_NODE);
        }
        locks.unlockIrqRestore(queue + LOCK, flags);
    }

    /** {@code wake_up}: wakes the task that has waited longest. Any context. */
    public void wakeOne(long queue) {
        int flags = locks.lockIrqSave(queue + LOCK);
        wakeFirst(queue);
        locks.unlockIrqRestore(queue + LOCK, flags);
    }

    /** {@code wake_up_all}. Any context. */
    public void wakeAll(long queue) {
        int flags = locks.lockIrqSave(queue + LOCK);
        while (!ListHead.isEmpty(memory, queue + LIST)) {
            wakeFirst(queue);
        }
        locks.unlockIrqRestore(queue + LOCK, flags);
    }

    private void wakeFirst(long queue) {
        if (!ListHead.isEmpty(memory, queue + LIST)) {
            long node = ListHead.first(memory, queue + LIST);
            ListHead.delete(memory, node);
            scheduler.wake(node - TaskLayout.WAIT_NODE);
        }
    }
}

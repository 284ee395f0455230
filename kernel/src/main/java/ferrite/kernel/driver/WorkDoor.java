package ferrite.kernel.driver;

import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.ResourceTracker.Kind;
import ferrite.kernel.check.Rule;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.mm.Kmalloc;
import ferrite.kernel.sched.HrTimerLayout;
import ferrite.kernel.shadow.Armed;
import ferrite.kernel.work.DelayedWorkLayout;
import ferrite.kernel.work.WorkFlags;
import ferrite.kernel.work.WorkLayout;
import ferrite.kernel.work.WorkQueueLayout;
import ferrite.kernel.work.WorkQueues;
import java.util.function.BooleanSupplier;

/** The calls for work queues. */
@Plumbing
abstract class WorkDoor extends InterruptDoor implements WorkCalls {

    private final WorkQueues queues;
    private final Kmalloc kmalloc;

    WorkDoor(KernelBase base, Subsystems subsystems) {
        super(base, subsystems);
        this.queues = subsystems.work();
        this.kmalloc = subsystems.memory().kmalloc();
    }

    private long checkedWork(long work) {
        requireWritten(work, WorkLayout.SIZE, 0);
        return used(work, WorkLayout.SIZE);
    }

    private long checkedDelayed(long work) {
        requireWritten(work, WorkLayout.SIZE, 0);
        return used(work, DelayedWorkLayout.SIZE);
    }

    private long checkedQueue(long queue) {
        return used(queue, WorkQueueLayout.SIZE);
    }

    private long armed(Armed.Kind kind, long work) {
        if (!queues.isPending(work)) {
            base.states().armed().set(kind, work);
        }
        return work;
    }

    /** Reports delayed items that would be put on a queue that is gone. */
    private void requireNoDelayed(long queue) {
        base.states().armed().all(Armed.Kind.DELAYED_WORK).forEach((work, site) -> {
            if (queues.isDelayedFor(work, queue)) {
                base.violations().of(Rule.USE_AFTER_FREE, "destroy_workqueue while a delayed item of the queue is set")
                        .line("work", "queue_delayed_work at " + site)
                        .line("why", "the item is put on the queue when its time is over, and the queue is gone then")
                        .line("instead", "call cancel_delayed_work_sync for each item first").address("work", work)
                        .report();
            }
        });
    }

    /** Makes a call that waits for the function of an item, or for those of a queue. */
    private boolean awaiting(long record, String call, BooleanSupplier wait) {
        base.context().awaitsFunction(record, call, false);
        boolean result = wait.getAsBoolean();
        base.context().functionAwaited();
        return result;
    }

    @Override public void initWork(long work, long function) {
        queues.initWork(used(work, WorkLayout.SIZE), function);
    }
    @Override public void initDelayedWork(long work, long function) {
        queues.initWork(used(work, DelayedWorkLayout.SIZE), function);
        memory.fill(work + WorkLayout.SIZE, 0, HrTimerLayout.SIZE);
    }
    @Override public boolean scheduleWork(long work) { return queueWork(queues.systemQueue(), work); }
    @Override public boolean scheduleWorkOn(int hart, long work) {
        return queueWorkOn(hart, queues.systemQueue(), work);
    }
    @Override public boolean scheduleDelayedWork(long work, int delay) {
        return queueDelayedWork(queues.systemQueue(), work, delay);
    }
    @Override public boolean queueWork(long queue, long work) {
        return queues.queue(checkedQueue(queue), armed(Armed.Kind.WORK, checkedWork(work)));
    }
    @Override public boolean queueWorkOn(int hart, long queue, long work) {
        return queues.queueOn(hart, checkedQueue(queue), armed(Armed.Kind.WORK, checkedWork(work)));
    }
    @Override public boolean queueDelayedWork(long queue, long work, int delay) {
        return queues.queueDelayed(-1, checkedQueue(queue), armed(Armed.Kind.DELAYED_WORK, checkedDelayed(work)),
                delay);
    }
    @Override public boolean modDelayedWork(long queue, long work, int delay) {
        return queues.modifyDelayed(checkedQueue(queue), armed(Armed.Kind.DELAYED_WORK, checkedDelayed(work)), delay);
    }
    @Override public boolean cancelWorkSync(long work) {
        checkedWork(work);
        return awaiting(work, "cancel_work_sync", () -> queues.cancelSync("cancel_work_sync", work, false));
    }
    @Override public boolean cancelDelayedWork(long work) { return queues.cancelDelayed(checkedDelayed(work)); }
    @Override public boolean cancelDelayedWorkSync(long work) {
        checkedDelayed(work);
        return awaiting(work, "cancel_delayed_work_sync",
                () -> queues.cancelSync("cancel_delayed_work_sync", work, true));
    }
    @Override public boolean flushWork(long work) {
        checkedWork(work);
        return awaiting(work, "flush_work", () -> queues.flush("flush_work", work));
    }
    @Override public boolean flushDelayedWork(long work) {
        checkedDelayed(work);
        return awaiting(work, "flush_delayed_work", () -> queues.flushDelayed(work));
    }
    @Override public void flushScheduledWork() {
        long queue = queues.systemQueue();
        awaiting(queue, "flush_scheduled_work", () -> queues.flushQueue("flush_scheduled_work", queue));
    }
    @Override public void flushWorkqueue(long queue) {
        awaiting(checkedQueue(queue), "flush_workqueue", () -> queues.flushQueue("flush_workqueue", queue));
    }
    @Override public void drainWorkqueue(long queue) {
        awaiting(checkedQueue(queue), "drain_workqueue", () -> queues.drain("drain_workqueue", queue));
    }
    @Override public boolean workPending(long work) { return queues.isPending(used(work, WorkLayout.SIZE)); }
    @Override public boolean workBusy(long work) { return queues.isBusy(used(work, WorkLayout.SIZE)); }
    @Override public long allocWorkqueue(String name, int flags, int maxActive) {
        long queue = kmalloc.kzalloc(WorkQueueLayout.SIZE, Gfp.GFP_KERNEL);
        if (queue != 0) {
            queues.init(queue, name, flags, maxActive);
        }
        return took(Kind.WORK_QUEUE, queue, 0);
    }
    @Override public long allocOrderedWorkqueue(String name, int flags) {
        return allocWorkqueue(name, flags | WorkFlags.WQ_UNBOUND, 1);
    }
    @Override public long createWorkqueue(String name) {
        return allocWorkqueue(name, WorkFlags.WQ_MEM_RECLAIM, 1);
    }
    @Override public long createSinglethreadWorkqueue(String name) {
        return allocOrderedWorkqueue(name, WorkFlags.WQ_MEM_RECLAIM);
    }
    @Override public void destroyWorkqueue(long queue) {
        requireNoDelayed(queue);
        if (!awaiting(checkedQueue(queue), "destroy_workqueue", () -> queues.drain("destroy_workqueue", queue))) {
            return;                                    // an item would destroy its own queue, which was reported
        }
        kmalloc.kfree(queue);
        gaveBack(Kind.WORK_QUEUE, queue);
    }
    @Override public long systemWq() { return queues.systemQueue(); }
    @Override public long systemUnboundWq() { return queues.systemUnboundQueue(); }
}

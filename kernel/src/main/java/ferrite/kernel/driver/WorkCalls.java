package ferrite.kernel.driver;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.work.DelayedWorkLayout;
import ferrite.kernel.work.WorkFlags;
import ferrite.kernel.work.WorkFunction;
import ferrite.kernel.work.WorkLayout;

/** Work queues (LDD3 pages 205-208): functions that a task of the kernel calls later, and that may sleep. */
@DriverApi
public interface WorkCalls {

    /**
     * Gives a work item, {@link WorkLayout#SIZE} bytes, its function. Any context.
     *
     * @param function text address of a {@link WorkFunction}
     */
    @CName("INIT_WORK")
    void initWork(long work, long function);

    /** Gives a delayed work item, {@link DelayedWorkLayout#SIZE} bytes, its function. Any context. */
    @CName("INIT_DELAYED_WORK")
    void initDelayedWork(long work, long function);

    /** Queues an item on the kernel's own queue. Any context. Returns false if it is queued already. */
    @CName("schedule_work")
    boolean scheduleWork(long work);

    /** Queues an item as {@link #scheduleWork}, for a worker of one hart. Any context. */
    @CName("schedule_work_on")
    boolean scheduleWorkOn(int hart, long work);

    /** Queues a delayed item on the kernel's own queue after a delay in jiffies. Any context. */
    @CName("schedule_delayed_work")
    boolean scheduleDelayedWork(long work, int delay);

    /** Queues an item. Any context. Returns false if it is queued already. */
    @CName("queue_work")
    boolean queueWork(long queue, long work);

    /** Queues an item for a worker of one hart, unless the queue is unbound. Any context. */
    @CName("queue_work_on")
    boolean queueWorkOn(int hart, long queue, long work);

    /** Queues a delayed item after a delay in jiffies. Any context. Returns false if it is queued already. */
    @CName("queue_delayed_work")
    boolean queueDelayedWork(long queue, long work, int delay);

    /** Queues a delayed item, with a new delay in jiffies if it is queued. Any context. Returns whether it was. */
    @CName("mod_delayed_work")
    boolean modDelayedWork(long queue, long work, int delay);

    /**
     * Takes an item back, and waits until it does not run. Meanwhile it cannot queue itself again. Task context; may
     * sleep.
     *
     * @return whether it was queued
     */
    @CName("cancel_work_sync")
    boolean cancelWorkSync(long work);

    /** Takes a delayed item back, and does not wait if it runs. Any context. Returns whether it was queued. */
    @CName("cancel_delayed_work")
    boolean cancelDelayedWork(long work);

    /** Takes a delayed item back, as {@link #cancelWorkSync}. Task context; may sleep. */
    @CName("cancel_delayed_work_sync")
    boolean cancelDelayedWorkSync(long work);

    /** Waits until an item, if it is queued or runs, has run. Task context; may sleep. Returns whether it waited. */
    @CName("flush_work")
    boolean flushWork(long work);

    /** Waits as {@link #flushWork}, and not for the delay. Task context; may sleep. */
    @CName("flush_delayed_work")
    boolean flushDelayedWork(long work);

    /** Waits until all items that are on the kernel's own queue now have run. Task context; may sleep. */
    @CName("flush_scheduled_work")
    void flushScheduledWork();

    /** Waits until all items that are on a queue now have run. Task context; may sleep. */
    @CName("flush_workqueue")
    void flushWorkqueue(long queue);

    /** Waits until a queue is empty, although its items queue others. Task context; may sleep. */
    @CName("drain_workqueue")
    void drainWorkqueue(long queue);

    /** Returns whether an item is queued. Any context. */
    @CName("work_pending")
    boolean workPending(long work);

    /** Returns whether an item is queued or runs. Any context. */
    @CName("work_busy")
    boolean workBusy(long work);

    /**
     * Makes a queue. Task context; may sleep.
     *
     * @param flags     of {@link WorkFlags}
     * @param maxActive items that are worked on at once, on each hart or, unbound, in all; 0 for the default
     * @return the queue, or 0
     */
    @CName("alloc_workqueue")
    long allocWorkqueue(String name, int flags, int maxActive);

    /** Makes a queue that runs its items one at a time, in their order. Task context; may sleep. Returns it, or 0. */
    @CName("alloc_ordered_workqueue")
    long allocOrderedWorkqueue(String name, int flags);

    /** Makes a queue with one item at a time on each hart (LDD3 page 205). Task context; may sleep. */
    @CName("create_workqueue")
    long createWorkqueue(String name);

    /** Makes a queue as {@link #allocOrderedWorkqueue} (LDD3 page 205). Task context; may sleep. */
    @CName("create_singlethread_workqueue")
    long createSinglethreadWorkqueue(String name);

    /** Waits until a queue is empty, and frees it. Delayed items must be cancelled first. Task context; may sleep. */
    @CName("destroy_workqueue")
    void destroyWorkqueue(long queue);

    /** Returns the kernel's own queue. Any context. */
    @CName("system_wq")
    long systemWq();

    /** Returns the kernel's own unbound queue. Any context. */
    @CName("system_unbound_wq")
    long systemUnboundWq();
}

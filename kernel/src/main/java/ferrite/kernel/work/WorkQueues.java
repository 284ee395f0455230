package ferrite.kernel.work;

import static ferrite.kernel.work.WorkLayout.CANCELING;
import static ferrite.kernel.work.WorkLayout.DATA;
import static ferrite.kernel.work.WorkLayout.FUNCTION;
import static ferrite.kernel.work.WorkLayout.NODE;
import static ferrite.kernel.work.WorkLayout.PENDING;
import static ferrite.kernel.work.WorkLayout.POOL;
import static ferrite.kernel.work.WorkLayout.SEQUENCE;

import ferrite.hardware.report.Hex;
import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.check.Rule;
import ferrite.kernel.core.Context;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.sched.HrTimer;
import ferrite.kernel.sched.HrTimerFunction;
import ferrite.kernel.sched.TaskSystem;
import ferrite.kernel.shadow.MemoryStates;

/**
 * Work queues (LDD3 pages 205-208): an item is a function that a worker, a task of the kernel, calls once for each time
 * that the item is queued. It may sleep; then another worker goes on with the next item. An item is not called on two
 * harts at once.
 */
@Plumbing
public final class WorkQueues {

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final Context context;
    private final TaskSystem tasks;
    private final HrTimer timers;
    private final MemoryStates states;
    private final WorkPool pools;
    private final Workers workers;
    private final Rcu rcu;
    private final long root;
    private final long delayed;

    public WorkQueues(KernelBase base, TaskSystem tasks) {
        this.memory = base.memory();
        this.cpu = base.cpu();
        this.context = base.context();
        this.tasks = tasks;
        this.timers = tasks.hrTimers();
        this.states = base.states();
        this.pools = new WorkPool(base, tasks);
        this.workers = new Workers(base, tasks, pools);
        this.root = base.root();
        this.rcu = new Rcu(base, tasks, this);
        this.delayed = base.text().newModule().add("delayed_work_timer_fn", (HrTimerFunction) this::timeIsOver);
    }

    /** Makes the pools and the kernel's own queues. Memory can be allocated. */
    public void boot() {
        tasks.waitQueues().init(RootLayout.WORK_DONE.at(root));
        workers.boot();
        rcu.boot();
        init(systemQueue(), "events", 0, 0);
        init(systemUnboundQueue(), "events_unbound", WorkFlags.WQ_UNBOUND, 0);
    }

    public Rcu rcu() {
        return rcu;
    }

    /** {@code system_wq}: the queue of {@code schedule_work}. */
    public long systemQueue() {
        return RootLayout.SYSTEM_WQ.at(root);
    }

    /** {@code system_unbound_wq}. */
    public long systemUnboundQueue() {
        return RootLayout.SYSTEM_UNBOUND_WQ.at(root);
    }

    /**
     * Makes a queue in zeroed memory, for {@code alloc_workqueue}. Any context.
     *
     * @param maxActive items of the queue that are worked on at once, on each hart or, unbound, in all; 0 for the
     *                  default
     */
    public void init(long queue, String name, int flags, int maxActive) {
        WorkQueueLayout.NAME.set(memory, queue, workers.intern(name));
        WorkQueueLayout.FLAGS.set(memory, queue, flags);
        WorkQueueLayout.MAX_ACTIVE.set(memory, queue,
                maxActive <= 0 ? WorkFlags.WQ_DFL_ACTIVE : Math.min(maxActive, WorkFlags.WQ_MAX_ACTIVE));
        for (int pool = 0; pool < WorkPool.POOLS; pool++) {
            ListHead.init(memory, WorkQueueLayout.INACTIVE.at(queue, pool));
        }
    }

    /** {@code INIT_WORK}. Any context. */
    public void initWork(long work, long function) {
        ListHead.init(memory, NODE.at(work));
        DATA.set(memory, work, 0);
        POOL.set(memory, work, 0);
        FUNCTION.set(memory, work, function);
    }

    // ---- queueing ----

    /** {@code queue_work}: queues an item on this hart. Any context. Returns false if it is queued already. */
    public boolean queue(long queue, long work) {
        return queueOn(-1, queue, work);
    }

    /** {@code queue_work_on}: as {@link #queue}, on a hart; -1 is this one. */
    public boolean queueOn(int hart, long queue, long work) {
        int flags = cpu.irqSave();                     // the owner must not be interrupted by code that waits for it
        boolean mine = (DATA.amoOr(memory, work, PENDING) & PENDING) == 0;
        if (mine) {
            insert(queue, work, hart);
        }
        cpu.irqRestore(flags);
        return mine;
    }

    /**
     * Gives a pool an item that the caller owns. An item that runs goes to the same pool, so as not to run twice.
     * Interrupts are off.
     */
    private void insert(long queue, long work, int hart) {
        int pool = (WorkQueueLayout.FLAGS.get(memory, queue) & WorkFlags.WQ_UNBOUND) != 0 ? WorkPool.UNBOUND
                : hart < 0 ? cpu.hartId() : hart;
        int last = POOL.get(memory, work) - 1;
        if (last >= 0 && last != pool) {
            int flags = pools.lock(last);
            long worker = pools.workerOf(last, work);
            boolean runs = worker != 0 && TaskLayout.CURRENT_QUEUE.get(memory, worker) == queue;
            if (runs) {
                insertLocked(queue, work, last);
            }
            pools.unlock(last, flags);
            if (runs) {
                return;
            }
        }
        int flags = pools.lock(pool);
        insertLocked(queue, work, pool);
        pools.unlock(pool, flags);
    }

    private void insertLocked(long queue, long work, int pool) {
        WorkLayout.QUEUE.set(memory, work, queue);
        POOL.set(memory, work, pool + 1);
        SEQUENCE.set(memory, work, RootLayout.WORK_SEQUENCE.amoAdd(memory, root, 1) + 1);
        workers.add(queue, work, pool);
        pools.wakeOne(pool, 0);
    }

    /** {@code queue_delayed_work}: queues an item after a delay in jiffies. Returns false if it is queued already. */
    public boolean queueDelayed(int hart, long queue, long item, int delay) {
        int flags = cpu.irqSave();
        boolean mine = (DATA.amoOr(memory, item, PENDING) & PENDING) == 0;
        if (mine) {
            begin(hart, queue, item, delay);
        }
        cpu.irqRestore(flags);
        return mine;
    }

    private void begin(int hart, long queue, long item, int delay) {
        if (delay == 0) {
            insert(queue, item, hart);
            return;
        }
        DelayedWorkLayout.QUEUE.set(memory, item, queue);
        DelayedWorkLayout.HART.set(memory, item, hart);
        timers.setUp(DelayedWorkLayout.TIMER.at(item), delayed);
        timers.start(DelayedWorkLayout.TIMER.at(item), tasks.sleep().begin(tasks.sleep().now() + delay));
    }

    /** {@code mod_delayed_work}: as {@link #queueDelayed}, with a new delay if it is queued. Returns whether it was. */
    public boolean modifyDelayed(long queue, long item, int delay) {
        int flags = cpu.irqSave();
        Taken taken = takeBack(item, true);
        if (taken != Taken.IS_CANCELLED) {
            begin(-1, queue, item, delay);
        }
        cpu.irqRestore(flags);
        return taken != Taken.WAS_FREE;
    }

    private boolean timeIsOver(long timer) {
        long item = DelayedWorkLayout.TIMER.containerOf(timer);
        insert(DelayedWorkLayout.QUEUE.get(memory, item), item, DelayedWorkLayout.HART.get(memory, item));
        return false;
    }

    // ---- cancelling ----

    /** How a caller became the owner of an item, or why it did not. */
    private enum Taken { WAS_FREE, WAS_QUEUED, IS_CANCELLED }

    /** {@code cancel_delayed_work}: takes an item back, and does not wait for it. Returns whether it was queued. */
    public boolean cancelDelayed(long item) {
        int flags = cpu.irqSave();
        Taken taken = takeBack(item, true);
        if (taken != Taken.IS_CANCELLED) {
            DATA.amoAnd(memory, item, ~PENDING);
            states.armed().ended(item);
        }
        cpu.irqRestore(flags);
        return taken == Taken.WAS_QUEUED;
    }

    /**
     * {@code cancel_work_sync} and {@code cancel_delayed_work_sync}: takes an item back, and waits until it does not
     * run. Meanwhile it cannot queue itself again. Task context; may sleep. Returns whether it was queued.
     */
    public boolean cancelSync(String call, long work, boolean isDelayed) {
        context.mightSleep(call, "cancel the work after the atomic section has ended");
        Taken taken = beginCancelling(work, isDelayed);
        while (taken == Taken.IS_CANCELLED) {
            workers.await(() -> (DATA.get(memory, work) & CANCELING) == 0);
            taken = beginCancelling(work, isDelayed);
        }
        int pool = POOL.get(memory, work) - 1;
        if (pool >= 0 && !isOwn(call, work)) {
            workers.await(() -> !isRunning(pool, work));
        }
        DATA.amoAnd(memory, work, ~(PENDING | CANCELING));
        states.armed().ended(work);
        tasks.waitQueues().wakeUpAll(RootLayout.WORK_DONE.at(root));
        return taken == Taken.WAS_QUEUED;
    }

    private Taken beginCancelling(long work, boolean isDelayed) {
        int flags = cpu.irqSave();
        Taken taken = takeBack(work, isDelayed);
        if (taken != Taken.IS_CANCELLED) {
            DATA.amoOr(memory, work, CANCELING);
        }
        cpu.irqRestore(flags);
        return taken;
    }

    /** Makes the caller the owner of an item, unless another task cancels it. Interrupts are off. */
    private Taken takeBack(long work, boolean isDelayed) {
        for (;;) {
            if (isDelayed && timers.tryToCancel(DelayedWorkLayout.TIMER.at(work)) == 1) {
                return Taken.WAS_QUEUED;
            }
            int data = DATA.amoOr(memory, work, PENDING);
            if ((data & PENDING) == 0) {
                return Taken.WAS_FREE;
            }
            if ((data & CANCELING) != 0) {
                return Taken.IS_CANCELLED;
            }
            int pool = POOL.get(memory, work) - 1;
            if (pool >= 0) {
                int flags = pools.lock(pool);
                boolean listed = POOL.get(memory, work) - 1 == pool && !ListHead.isEmpty(memory, NODE.at(work));
                if (listed) {
                    workers.remove(work, pool);
                }
                pools.unlock(pool, flags);
                if (listed) {
                    return Taken.WAS_QUEUED;
                }
            }
            cpu.relax();                               // another hart is about to queue it
        }
    }

    private boolean isRunning(int pool, long work) {
        int flags = pools.lock(pool);
        boolean runs = pools.workerOf(pool, work) != 0;
        pools.unlock(pool, flags);
        return runs;
    }

    /** Returns whether the caller is an item's own function, which would wait for itself, and reports that. */
    private boolean isOwn(String call, long work) {
        boolean own = TaskLayout.WORKER_POOL.get(memory, cpu.tp()) != 0
                && TaskLayout.CURRENT_WORK.get(memory, cpu.tp()) == work
                && TaskLayout.CURRENT_FUNCTION.get(memory, cpu.tp()) == FUNCTION.get(memory, work);
        if (own) {
            reportOwn(call, work);
        }
        return own;
    }

    private void reportOwn(String call, long work) {
        states.violations().of(Rule.LOCK_RECURSION, call + " of the work item at " + Hex.grouped(work)
                + " in the item's own function").line("why", "it waits for the function to end, which waits for it: "
                        + "Linux would sleep here for ever")
                .line("instead", "let the function return; it may queue its item again, or not")
                .address("work", work).report();
    }

    // ---- flushing ----

    /**
     * {@code flush_work}: waits until an item, if it is queued or runs, has run. Task context; may sleep. Returns false
     * if it was neither.
     */
    public boolean flush(String call, long work) {
        context.mightSleep(call, "flush the work after the atomic section has ended");
        int pool = POOL.get(memory, work) - 1;
        if (pool < 0 || isOwn(call, work)) {
            return false;
        }
        int flags = pools.lock(pool);
        boolean listed = POOL.get(memory, work) - 1 == pool && !ListHead.isEmpty(memory, NODE.at(work));
        long worker = pools.workerOf(pool, work);
        int sequence = listed ? SEQUENCE.get(memory, work)
                : worker == 0 ? 0 : TaskLayout.WORK_SEQUENCE.get(memory, worker);
        long queue = listed ? WorkLayout.QUEUE.get(memory, work) : 0;
        pools.unlock(pool, flags);
        if (!listed && worker == 0) {
            return false;
        }
        workers.await(() -> !workers.hasItem(pool, queue, sequence, sequence));
        return true;
    }

    /** {@code flush_delayed_work}: as {@link #flush}, without waiting for the delay. */
    public boolean flushDelayed(long item) {
        context.mightSleep("flush_delayed_work", "flush the work after the atomic section has ended");
        int flags = cpu.irqSave();
        if (timers.tryToCancel(DelayedWorkLayout.TIMER.at(item)) == 1) {
            insert(DelayedWorkLayout.QUEUE.get(memory, item), item, DelayedWorkLayout.HART.get(memory, item));
        }
        cpu.irqRestore(flags);
        return flush("flush_delayed_work", item);
    }

    /**
     * {@code flush_workqueue}: waits until all items that are in a queue now have run. Task context; may sleep. Returns
     * false if the caller is an item of the queue.
     */
    public boolean flushQueue(String call, long queue) {
        context.mightSleep(call, "flush the queue after the atomic section has ended");
        if (TaskLayout.WORKER_POOL.get(memory, cpu.tp()) != 0
                && TaskLayout.CURRENT_QUEUE.get(memory, cpu.tp()) == queue) {
            reportOwn(call + " of its own queue, and so", TaskLayout.CURRENT_WORK.get(memory, cpu.tp()));
            return false;
        }
        int last = RootLayout.WORK_SEQUENCE.get(memory, root);
        workers.await(() -> !workers.hasItem(queue, last));
        return true;
    }

    /** {@code drain_workqueue}: flushes a queue until it is empty. Task context; may sleep. As {@link #flushQueue}. */
    public boolean drain(String call, long queue) {
        boolean flushed = flushQueue(call, queue);
        while (flushed && workers.hasItem(queue, RootLayout.WORK_SEQUENCE.get(memory, root))) {
            flushed = flushQueue(call, queue);
        }
        return flushed;
    }

    /** Returns whether a delayed item waits for its time, to be put on a queue then. Only looks. */
    public boolean isDelayedFor(long item, long queue) {
        return DelayedWorkLayout.QUEUE.get(states.violations().peek(), item) == queue
                && timers.isSet(states.violations().peek(), DelayedWorkLayout.TIMER.at(item));
    }

    /** {@code work_pending}: returns whether an item is queued. Any context. */
    public boolean isPending(long work) {
        return (DATA.get(memory, work) & PENDING) != 0;
    }

    /** {@code work_busy}: returns whether an item is queued or runs. Any context. */
    public boolean isBusy(long work) {
        int pool = POOL.get(memory, work) - 1;
        return isPending(work) || pool >= 0 && isRunning(pool, work);
    }
}

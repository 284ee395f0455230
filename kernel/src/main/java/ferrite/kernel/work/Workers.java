package ferrite.kernel.work;

import static ferrite.kernel.base.TaskLayout.CURRENT_QUEUE;
import static ferrite.kernel.base.TaskLayout.CURRENT_WORK;
import static ferrite.kernel.base.TaskLayout.WORKER_IDLE;
import static ferrite.kernel.base.TaskLayout.WORKER_NODE;
import static ferrite.kernel.base.TaskLayout.WORKER_POOL;
import static ferrite.kernel.base.TaskLayout.WORK_SEQUENCE;
import static ferrite.kernel.work.WorkLayout.DATA;
import static ferrite.kernel.work.WorkLayout.INACTIVE;
import static ferrite.kernel.work.WorkLayout.NODE;
import static ferrite.kernel.work.WorkLayout.PENDING;
import static ferrite.kernel.work.WorkLayout.SEQUENCE;

import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.base.WorkPoolLayout;
import ferrite.kernel.core.Context;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.log.StringTable;
import ferrite.kernel.sched.Sleep;
import ferrite.kernel.sched.TaskEntry;
import ferrite.kernel.sched.TaskSystem;
import ferrite.kernel.shadow.MemoryStates;
import java.util.function.BooleanSupplier;

/** The workers' tasks, and the lists from which they take items. */
@Plumbing
final class Workers {

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final Context context;
    private final TextTable text;
    private final StringTable strings;
    private final MemoryStates states;
    private final TaskSystem tasks;
    private final WorkPool pools;
    private final int harts;
    private final long done;
    private final long entry;

    Workers(KernelBase base, TaskSystem tasks, WorkPool pools) {
        this.memory = base.memory();
        this.cpu = base.cpu();
        this.context = base.context();
        this.text = base.text();
        this.strings = base.strings();
        this.states = base.states();
        this.tasks = tasks;
        this.pools = pools;
        this.harts = base.harts();
        this.done = RootLayout.WORK_DONE.at(base.root());
        this.entry = base.text().newModule().add("worker_thread", (TaskEntry) this::run);
        tasks.scheduler().onWorkerSleep(this::sleeps);
        tasks.tasks().onWorkerExit(this::died);
    }

    void boot() {
        pools.boot(entry);
    }

    long intern(String name) {
        return strings.intern(name);
    }

    // ---- lists: the pool is locked ----

    /** Adds an item to a pool's list, or to those that wait until fewer items of the queue are active. */
    void add(long queue, long work, int pool) {
        int active = WorkQueueLayout.ACTIVE.get(memory, queue, pool);
        if (active < WorkQueueLayout.MAX_ACTIVE.get(memory, queue)) {
            WorkQueueLayout.ACTIVE.set(memory, queue, pool, active + 1);
            ListHead.addTail(memory, NODE.at(work), WorkPoolLayout.WORKLIST.at(pools.at(pool)));
        } else {
            DATA.amoOr(memory, work, INACTIVE);
            ListHead.addTail(memory, NODE.at(work), WorkQueueLayout.INACTIVE.at(queue, pool));
        }
    }

    /** Takes an item off its list, for a caller that cancels it. */
    void remove(long work, int pool) {
        ListHead.delete(memory, NODE.at(work));
        if ((DATA.amoAnd(memory, work, ~INACTIVE) & INACTIVE) == 0) {
            oneLess(WorkLayout.QUEUE.get(memory, work), pool);
        }
    }

    /** Counts an item of a queue that is not active any more, and activates the next one. */
    private void oneLess(long queue, int pool) {
        long next = ListHead.first(memory, WorkQueueLayout.INACTIVE.at(queue, pool));
        if (next == WorkQueueLayout.INACTIVE.at(queue, pool)) {
            WorkQueueLayout.ACTIVE.set(memory, queue, pool, WorkQueueLayout.ACTIVE.get(memory, queue, pool) - 1);
            return;
        }
        DATA.amoAnd(memory, NODE.containerOf(next), ~INACTIVE);
        ListHead.delete(memory, next);
        ListHead.addTail(memory, next, WorkPoolLayout.WORKLIST.at(pools.at(pool)));
        pools.wakeOne(pool, 0);
    }

    /** Finds the first item that does not run; 0 if there is none. */
    private long firstReady(int pool) {
        long list = WorkPoolLayout.WORKLIST.at(pools.at(pool));
        for (long node = ListHead.first(memory, list); node != list; node = ListHead.next(memory, node)) {
            if (pools.workerOf(pool, NODE.containerOf(node)) == 0) {
                return NODE.containerOf(node);
            }
        }
        return 0;
    }

    // ---- looking for items ----

    /** Returns whether an item of a queue that was queued until a moment is still queued or runs. */
    boolean hasItem(long queue, int last) {
        for (int pool = 0; pool < harts; pool++) {
            if (hasItem(pool, queue, Integer.MIN_VALUE, last)) {
                return true;
            }
        }
        return hasItem(WorkPool.UNBOUND, queue, Integer.MIN_VALUE, last);
    }

    /**
     * Returns whether an item is still queued in a pool, or runs.
     *
     * @param queue its queue, or 0 if it is not in a list
     * @param from  the first number of its queueing, or {@code MIN_VALUE} for any item of the queue
     * @param to    the last one
     */
    boolean hasItem(int pool, long queue, int from, int to) {
        int flags = pools.lock(pool);
        boolean found = false;
        for (long worker = pools.first(pool); worker != 0 && !found; worker = pools.next(pool, worker)) {
            found = CURRENT_WORK.get(memory, worker) != 0
                    && (from != Integer.MIN_VALUE || CURRENT_QUEUE.get(memory, worker) == queue)
                    && isBetween(WORK_SEQUENCE.get(memory, worker), from, to);
        }
        found = found || isListed(WorkPoolLayout.WORKLIST.at(pools.at(pool)), queue, from, to)
                || queue != 0 && isListed(WorkQueueLayout.INACTIVE.at(queue, pool), queue, from, to);
        pools.unlock(pool, flags);
        return found;
    }

    private boolean isListed(long list, long queue, int from, int to) {
        for (long node = ListHead.first(memory, list); node != list; node = ListHead.next(memory, node)) {
            long work = NODE.containerOf(node);
            if ((queue == 0 || WorkLayout.QUEUE.get(memory, work) == queue)
                    && isBetween(SEQUENCE.get(memory, work), from, to)) {
                return true;
            }
        }
        return false;
    }

    /** Compares numbers that overflow. */
    private static boolean isBetween(int sequence, int from, int to) {
        return to - sequence >= 0 && (from == Integer.MIN_VALUE || sequence - from >= 0);
    }

    /** Waits until a condition holds that changes when a worker has finished an item. Task context; may sleep. */
    void await(BooleanSupplier condition) {
        tasks.sleep().until(done, condition, TaskLayout.UNINTERRUPTIBLE, Sleep.FOREVER);
    }

    // ---- a worker ----

    private int run(long number) {
        int pool = (int) number;
        long worker = cpu.tp();
        int flags = pools.lock(pool);
        long work = firstReady(pool);
        if (work == 0) {
            WORKER_IDLE.set(memory, worker, 1);
            TaskLayout.STATE.set(memory, worker, TaskLayout.INTERRUPTIBLE);
            pools.unlock(pool, flags);
            return TaskEntry.AGAIN;
        }
        ListHead.delete(memory, NODE.at(work));
        CURRENT_QUEUE.set(memory, worker, WorkLayout.QUEUE.get(memory, work));
        WORK_SEQUENCE.set(memory, worker, SEQUENCE.get(memory, work));
        long function = WorkLayout.FUNCTION.get(memory, work);
        TaskLayout.CURRENT_FUNCTION.set(memory, worker, function);
        CURRENT_WORK.set(memory, worker, work);
        states.armed().ended(work);
        DATA.amoAnd(memory, work, ~PENDING);           // from here on it may be queued again
        boolean alone = !pools.hasIdle(pool);
        if (pool == WorkPool.UNBOUND) {
            pools.wakeOne(pool, 0);
        }
        pools.unlock(pool, flags);
        if (alone) {
            pools.grow(pool, entry);                   // so that another one goes on when this one sleeps
        }
        call(function, work);
        flags = pools.lock(pool);
        finish(worker, pool);
        pools.unlock(pool, flags);
        tasks.waitQueues().wakeUpAll(done);
        return TaskEntry.AGAIN;
    }

    private void call(long function, long work) {
        Context.Entered entered = context.enter();
        long queue = CURRENT_QUEUE.get(memory, cpu.tp());
        context.functionBegins(queue, "an item of the work queue", function);
        context.functionBegins(work, "the work item's function", function);
        text.at(function, WorkFunction.class).run(work);
        context.functionEnded(work);
        context.functionEnded(queue);
        context.leave(() -> "the work item's function " + text.name(function), entered);
    }

    /** Notes that a worker has finished its item. The pool is locked. */
    private void finish(long worker, int pool) {
        CURRENT_WORK.set(memory, worker, 0);
        oneLess(CURRENT_QUEUE.get(memory, worker), pool);
    }

    /** Lets another worker go on, because one is about to sleep in its item. */
    private void sleeps(long worker) {
        if (CURRENT_WORK.get(memory, worker) != 0) {
            int pool = WORKER_POOL.get(memory, worker) - 1;
            int flags = pools.lock(pool);
            pools.wakeOne(pool, worker);
            pools.unlock(pool, flags);
        }
    }

    /** Replaces a worker that its item has ended. Task context; may sleep. */
    private void died(long worker) {
        int pool = WORKER_POOL.get(memory, worker) - 1;
        pools.grow(pool, entry);
        int flags = pools.lock(pool);
        long work = CURRENT_WORK.get(memory, worker);
        ListHead.delete(memory, WORKER_NODE.at(worker));
        if (work != 0) {
            finish(worker, pool);
        }
        pools.wakeOne(pool, worker);
        pools.unlock(pool, flags);
        context.functionEnded(work);
        context.functionEnded(CURRENT_QUEUE.get(memory, worker));
        tasks.waitQueues().wakeUpAll(done);
    }
}

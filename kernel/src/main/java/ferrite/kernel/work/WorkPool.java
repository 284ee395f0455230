package ferrite.kernel.work;

import static ferrite.kernel.base.WorkPoolLayout.LOCK;
import static ferrite.kernel.base.WorkPoolLayout.NR_WORKERS;
import static ferrite.kernel.base.WorkPoolLayout.WORKERS;
import static ferrite.kernel.base.WorkPoolLayout.WORKLIST;

import ferrite.hardware.Machine;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.PerCpuLayout;
import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.sched.TaskSystem;

/**
 * The pools of workers: one for each hart, and one for all harts together. A pool lets one
 * worker of a hart run at a time: another one begins when that one sleeps. Two workers are reserved for each pool, so
 * that an unused pool costs nothing, and more are made when all of them sleep.
 */
@Plumbing
final class WorkPool {

    /** The pool of all harts. */
    static final int UNBOUND = Machine.MAX_HARTS;
    static final int POOLS = Machine.MAX_HARTS + 1;
    private static final int RESERVED = 2;

    private final KernelMemory memory;
    private final TaskSystem tasks;
    private final SpinLock locks;
    private final int harts;
    private final long root;

    WorkPool(KernelBase base, TaskSystem tasks) {
        this.memory = base.memory();
        this.tasks = tasks;
        this.locks = base.locks();
        this.harts = base.harts();
        this.root = base.root();
    }

    /** Makes the lists, and reserves the first workers. Boot. */
    void boot(long entry) {
        for (int hart = 0; hart < harts; hart++) {
            init(hart, entry);
        }
        init(UNBOUND, entry);
    }

    private void init(int pool, long entry) {
        ListHead.init(memory, WORKLIST.at(at(pool)));
        ListHead.init(memory, WORKERS.at(at(pool)));
        for (int i = 0; i < RESERVED; i++) {
            addWorker(pool, tasks.tasks().reserve(name(pool), entry, pool, harts(pool)));
        }
    }

    /** Makes another worker, which idles. May sleep. Does nothing if there is no memory. */
    void grow(int pool, long entry) {
        long worker = tasks.tasks().createAsleep(name(pool), entry, pool, harts(pool));
        if (worker != 0) {
            int flags = lock(pool);
            addWorker(pool, worker);
            unlock(pool, flags);
        }
    }

    private void addWorker(int pool, long worker) {
        TaskLayout.WORKER_POOL.set(memory, worker, pool + 1);
        TaskLayout.WORKER_IDLE.set(memory, worker, 1);
        ListHead.addTail(memory, TaskLayout.WORKER_NODE.at(worker), WORKERS.at(at(pool)));
        NR_WORKERS.add(memory, at(pool), 1);
    }

    /** Returns Linux's name of a pool's next worker. */
    private String name(int pool) {
        return "kworker/" + (pool == UNBOUND ? "u" + harts : pool) + ":" + NR_WORKERS.get(memory, at(pool));
    }

    private int harts(int pool) {
        return pool == UNBOUND ? -1 >>> Integer.SIZE - harts : 1 << pool;
    }

    /** Returns the address of a pool's record. */
    long at(int pool) {
        return pool == UNBOUND ? RootLayout.UNBOUND_POOL.at(root)
                : PerCpuLayout.POOL.at(tasks.scheduler().record(pool));
    }

    /** Locks a pool, with interrupts off. Returns the flags for {@link #unlock}. */
    int lock(int pool) {
        return locks.lockIrqSave(LOCK.at(at(pool)));
    }

    void unlock(int pool, int flags) {
        locks.unlockIrqRestore(LOCK.at(at(pool)), flags);
    }

    /**
     * Finds the worker that runs an item; 0 if there is none. Another item may have the address of one that has freed
     * itself and still runs, so the function is compared too. The pool is locked.
     */
    long workerOf(int pool, long work) {
        for (long worker = first(pool); worker != 0; worker = next(pool, worker)) {
            if (TaskLayout.CURRENT_WORK.get(memory, worker) == work && TaskLayout.CURRENT_FUNCTION.get(memory, worker)
                    == WorkLayout.FUNCTION.get(memory, work)) {
                return worker;
            }
        }
        return 0;
    }

    /** Returns the first worker of a pool, or 0. The pool is locked. */
    long first(int pool) {
        return worker(pool, ListHead.first(memory, WORKERS.at(at(pool))));
    }

    /** Returns the worker after another, or 0. The pool is locked. */
    long next(int pool, long worker) {
        return worker(pool, ListHead.next(memory, TaskLayout.WORKER_NODE.at(worker)));
    }

    private long worker(int pool, long node) {
        return node == WORKERS.at(at(pool)) ? 0 : TaskLayout.WORKER_NODE.containerOf(node);
    }

    /** Returns whether a pool has an idle worker. The pool is locked. */
    boolean hasIdle(int pool) {
        for (long worker = first(pool); worker != 0; worker = next(pool, worker)) {
            if (TaskLayout.WORKER_IDLE.get(memory, worker) != 0) {
                return true;
            }
        }
        return false;
    }

    /**
     * Wakes an idle worker if there is an item and, in a hart's pool, no worker that runs one. The pool is locked.
     *
     * @param asleep a worker that is about to sleep, or 0
     */
    void wakeOne(int pool, long asleep) {
        if (ListHead.isEmpty(memory, WORKLIST.at(at(pool)))) {
            return;
        }
        long idle = 0;
        for (long worker = first(pool); worker != 0; worker = next(pool, worker)) {
            boolean works = TaskLayout.WORKER_IDLE.get(memory, worker) == 0;
            if (works && pool != UNBOUND && worker != asleep
                    && TaskLayout.STATE.get(memory, worker) == TaskLayout.RUNNING) {
                return;
            }
            idle = idle == 0 && !works ? worker : idle;
        }
        if (idle != 0) {
            TaskLayout.WORKER_IDLE.set(memory, idle, 0);
            tasks.tasks().wakeReserved(idle);
        }
    }
}

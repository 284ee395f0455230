package ferrite.kernel.sched;

import static ferrite.kernel.base.PerCpuLayout.CURRENT;
import static ferrite.kernel.base.PerCpuLayout.DEAD_TASK;
import static ferrite.kernel.base.PerCpuLayout.HRTIMERS;
import static ferrite.kernel.base.PerCpuLayout.IDLE;
import static ferrite.kernel.base.PerCpuLayout.IPI_COUNT;
import static ferrite.kernel.base.PerCpuLayout.NEED_RESCHED;
import static ferrite.kernel.base.PerCpuLayout.RQ_COUNT;
import static ferrite.kernel.base.PerCpuLayout.RQ_LIST;
import static ferrite.kernel.base.PerCpuLayout.RQ_LOCK;
import static ferrite.kernel.base.PerCpuLayout.SWITCHES;
import static ferrite.kernel.base.PerCpuLayout.TICK_DUE;
import static ferrite.kernel.base.PerCpuLayout.TIMERS;

import ferrite.hardware.hart.Csrs;
import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.hardware.turn.Strand;
import ferrite.hardware.turn.Turn;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.PerCpuLayout;
import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.base.ThreadLayout;
import ferrite.kernel.base.TimerBaseLayout;
import ferrite.kernel.core.Context;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.core.TaskEvent;
import ferrite.kernel.core.Tracepoint;
import ferrite.kernel.shadow.MemoryStates;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.LongConsumer;

/**
 * Run queues, one for each hart, first in first out among tasks of a priority (see {@link Priorities}). A timer tick
 * preempts a task whose time slice is over while other tasks wait.
 *
 * <p>A switch holds the run queue's lock from before it reads the current task's state until the next task runs. With
 * the lock of a task's hart held, the task is therefore the hart's current one, in its queue, or neither, and stays so.
 */
@Plumbing
public final class Scheduler {

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final Context context;
    private final Turn turn;
    private final SpinLock locks;
    private final MemoryStates states;
    private final long perCpu;
    private final int harts;
    private final Ipi ipi;
    private final WaitQueue queues;
    private final long exitWait;
    private final long root;
    private final Tracepoint<TaskEvent> events;
    /** The tasks' Java stacks, by the task's address. */
    private final Map<Long, Strand> strands = new HashMap<>();
    /** The tasks that an interrupt has preempted: its handler's frames are on their Java stacks. */
    private final Set<Long> preempted = new HashSet<>();
    private final HungTasks hungTasks;
    private final LoadAverage loadAverage;
    private final IrqTime irqTime;
    private final SoftLockups lockups;
    private final Priorities priorities;
    private LongConsumer workerSleep;
    private LongConsumer otherAddressSpace;
    private LongConsumer deaths;

    /** @param ipi makes another hart reschedule */
    Scheduler(KernelBase base, Turn turn, Ipi ipi) {
        this.memory = base.memory();
        this.cpu = base.cpu();
        this.context = base.context();
        this.turn = turn;
        this.locks = base.locks();
        this.states = base.states();
        this.perCpu = base.perCpu();
        this.harts = base.harts();
        this.ipi = ipi;
        this.queues = new WaitQueue(base, this);
        this.root = base.root();
        this.exitWait = RootLayout.EXIT_WAIT.at(base.root());
        this.events = base.events().tasks();
        this.hungTasks = new HungTasks(base, this);
        this.loadAverage = new LoadAverage(base, this);
        this.irqTime = new IrqTime(base, this);
        this.lockups = new SoftLockups(base);
        this.priorities = new Priorities(base, this);
    }

    /** Sets the function that is called once a dead task is off its hart. While the kernel is put together. */
    void onDeath(LongConsumer call) {
        deaths = call;
    }

    /** Sets the function that is called before a worker's task sleeps. While the kernel is put together. */
    public void onWorkerSleep(LongConsumer call) {
        workerSleep = call;
    }

    /**
     * Sets the function that gives a hart the address space of its next task, or the kernel's (0). While the kernel is
     * put together.
     */
    public void onOtherAddressSpace(LongConsumer call) {
        otherAddressSpace = call;
    }

    public LoadAverage loadAverage() {
        return loadAverage;
    }

    public IrqTime irqTime() {
        return irqTime;
    }

    /** Returns the use of a hart's time. Only looks. */
    public CpuTimes times(ReadableMemory view, int hart, long now) {
        return CpuTimes.of(view, this, hart, now);
    }

    /** Returns the ticks that a task has run. Only looks. */
    public long runtime(ReadableMemory view, long task, long now) {
        return CpuTimes.runtime(view, this, task, now);
    }

    public Priorities priorities() {
        return priorities;
    }

    HungTasks hungTasks() {
        return hungTasks;
    }

    WaitQueue waitQueues() {
        return queues;
    }

    /** The wait queue of parents that wait for a child to exit. */
    long exitWait() {
        return exitWait;
    }

    public long record(int hart) {
        return perCpu + (long) hart * PerCpuLayout.SIZE;
    }

    void init() {
        for (int hart = 0; hart < harts; hart++) {
            ListHead.init(memory, RQ_LIST.at(record(hart)));
            initTimers(TIMERS.at(record(hart)));
            initTimers(HRTIMERS.at(record(hart)));
            ListHead.init(memory, PerCpuLayout.TASKLETS_HI.at(record(hart)));
            ListHead.init(memory, PerCpuLayout.TASKLETS.at(record(hart)));
            TICK_DUE.set(memory, record(hart), -1);
        }
    }

    private void initTimers(long queue) {
        ListHead.init(memory, TimerBaseLayout.LIST.at(queue));
        TimerBaseLayout.NEXT.set(memory, queue, -1);
    }

    void setStrand(long task, Strand strand) {
        strands.put(task, strand);
    }

    /** Returns a task's Java stack, or null. Only looks. */
    public Strand strandOf(long task) {
        return strands.get(task);
    }

    // ---- switching ----

    /**
     * {@code schedule}: switches to the next runnable task, or to the idle task if the current one sleeps and no other
     * is runnable. Returns when the current task runs again. Task context, with no spinlock held.
     */
    public void schedule() {
        context.mightSleep("schedule", "end the atomic section before calling schedule");
        long task = cpu.tp();
        if (TaskLayout.WORKER_POOL.get(memory, task) != 0
                && TaskLayout.STATE.get(memory, task) != TaskLayout.RUNNING) {
            workerSleep.accept(task);
        }
        schedule(false);
    }

    /** {@code cond_resched}: calls {@link #schedule} if the current task's time is over. Returns whether it was. */
    public boolean condResched() {
        context.mightSleep("cond_resched", "call cond_resched between atomic sections");
        boolean due = NEED_RESCHED.get(memory, record(cpu.hartId())) != 0;
        if (due) {
            schedule();
        }
        return due;
    }

    /**
     * @param forced whether an interrupt forces the switch: then the current task stays runnable, even if its state
     *               already says that it sleeps
     */
    private void schedule(boolean forced) {
        int flags = cpu.irqSave();
        long record = record(cpu.hartId());
        locks.acquire(RQ_LOCK.at(record));
        boolean due = NEED_RESCHED.amoSwap(memory, record, 0) != 0;
        long previous = cpu.tp();
        if (!forced && TaskLayout.STATE.get(memory, previous) == TaskLayout.INTERRUPTIBLE
                && Signals.isPending(memory, previous)) {
            TaskLayout.STATE.set(memory, previous, TaskLayout.RUNNING);    // a signal that came before ends the sleep
        }
        boolean wantsToRun = forced || TaskLayout.STATE.get(memory, previous) == TaskLayout.RUNNING;
        if (wantsToRun && previous != IDLE.get(memory, record)) {
            enqueue(record, previous, due);
        }
        long next = pickNext(record);
        if (next != previous) {
            giveHart(record, previous, next);
            if (forced) {
                preempted.add(previous);
            }
            turn.strands().switchTo(strands.get(next));
            if (forced) {
                preempted.remove(previous);
            }
        }
        finishSwitch();
        cpu.irqRestore(flags);
    }

    /** Switches away from a task that dies, as its last call. The task's Java frames end when this returns. */
    void scheduleDead() {
        cpu.irqDisable();
        long record = record(cpu.hartId());
        locks.acquire(RQ_LOCK.at(record));
        long previous = cpu.tp();
        TaskLayout.STATE.set(memory, previous, TaskLayout.DEAD);
        DEAD_TASK.set(memory, record, previous);
        long next = pickNext(record);
        giveHart(record, previous, next);
        strands.remove(previous);
        turn.strands().endWith(strands.get(next));
    }

    /** Completes a switch. Every task calls it first when it gets a hart, with interrupts off. */
    void finishSwitch() {
        long record = record(cpu.hartId());
        long dead = DEAD_TASK.get(memory, record);
        DEAD_TASK.set(memory, record, 0);
        locks.release(RQ_LOCK.at(record));
        if (dead != 0) {
            deaths.accept(dead);
            queues.wakeUpAll(exitWait);
        }
    }

    private long pickNext(long record) {
        long list = RQ_LIST.at(record);
        long node = ListHead.first(memory, list);
        if (node == list) {
            return IDLE.get(memory, record);
        }
        ListHead.delete(memory, node);
        addToCount(record, -1);
        return TaskLayout.RUN_NODE.containerOf(node);
    }

    private void giveHart(long record, long previous, long next) {
        long now = cpu.time();
        lockups.switches(cpu.hartId(), now);
        hungTasks.look(now);
        loadAverage.fold();
        long inIrqs = CpuTimes.unseen(memory, record);
        PerCpuLayout.IRQ_SEEN.add(memory, record, inIrqs);
        long ran = now - TaskLayout.SINCE.get(memory, previous) - inIrqs;
        TaskLayout.RUNTIME.add(memory, previous, ran);
        TaskLayout.SINCE.set(memory, next, now);
        CURRENT.set(memory, record, next);
        rcuQuiescent();
        states.barriers().passed(cpu.hartId());        // the lock of the queue has ordered all stores to memory
        if (events.isOn()) {
            events.tell(new TaskEvent(false, next, previous));
        }
        SWITCHES.add(memory, record, 1);
        long mm = TaskLayout.MM.get(memory, next);
        if (mm != 0 || TaskLayout.MM.get(memory, previous) != 0) {
            otherAddressSpace.accept(mm);
        }
        ThreadLayout.SP.set(memory, TaskLayout.THREAD.at(previous), cpu.sp());
        cpu.setSp(ThreadLayout.SP.get(memory, TaskLayout.THREAD.at(next)));
        cpu.setTp(next);
        setTick(next == IDLE.get(memory, record) ? -1 : now + priorities.slice(next));
    }

    private void setTick(long at) {
        TICK_DUE.set(memory, record(cpu.hartId()), at);
        programTimer();
    }

    /**
     * Programs this hart's next timer interrupt: the end of the time slice, or the first timer that is earlier.
     * Interrupts are off.
     */
    void programTimer() {
        long record = record(cpu.hartId());
        long at = earlier(TICK_DUE.get(memory, record), earlier(TimerBaseLayout.NEXT.get(memory, TIMERS.at(record)),
                TimerBaseLayout.NEXT.get(memory, HRTIMERS.at(record))));
        cpu.csrWrite(Csrs.STIMECMPH, -1);              // so that no intermediate value is in the past
        cpu.csrWrite(Csrs.STIMECMP, (int) at);
        cpu.csrWrite(Csrs.STIMECMPH, (int) (at >>> 32));
    }

    private static long earlier(long one, long other) {
        return Long.compareUnsigned(one, other) < 0 ? one : other;
    }

    /**
     * Handles a timer interrupt: if the time slice is over and other tasks wait, the current task must be preempted.
     */
    void tick() {
        long record = record(cpu.hartId());
        long now = cpu.time();
        hungTasks.look(now);
        lockups.look(cpu.hartId(), cpu.tp(), now);
        if (Long.compareUnsigned(now, TICK_DUE.get(memory, record)) < 0) {
            programTimer();
            return;
        }
        if (RQ_COUNT.get(memory, record) > 0) {
            NEED_RESCHED.set(memory, record, 1);
        }
        setTick(now + priorities.slice(cpu.tp()));
    }

    /** Counts a software interrupt from another hart, which has already stored its request in this hart's record. */
    public void rescheduleInterrupt() {
        long record = record(cpu.hartId());
        IPI_COUNT.add(memory, record, 1);
    }

    /** Notes that this hart has no reader of RCU, if a grace period waits for that. */
    public void rcuQuiescent() {
        int mine = 1 << cpu.hartId();
        if ((RootLayout.RCU_NEEDED.get(memory, root) & mine) != 0) {
            RootLayout.RCU_NEEDED.amoAnd(memory, root, ~mine);
        }
    }

    /**
     * Preempts the current task if that is due. Called at the end of an interrupt that arrived with preemption enabled.
     */
    public void preemptIfDue() {
        long record = record(cpu.hartId());
        boolean due = NEED_RESCHED.get(memory, record) != 0;
        rcuQuiescent();
        if (due && cpu.tp() != IDLE.get(memory, record)) {
            schedule(true);
        }
    }

    /**
     * As {@link #preemptIfDue}, for a task that gives its hart away itself: returns whether another task is due.
     * Interrupts are off.
     */
    public boolean isRescheduleDue() {
        rcuQuiescent();
        return NEED_RESCHED.get(memory, record(cpu.hartId())) != 0;
    }

    // ---- waking ----

    /** {@code wake_up_process}: makes a sleeping task runnable. Any context. Returns whether it was asleep. */
    public boolean wake(long task) {
        return wake(task, TaskLayout.SLEEPING);
    }

    /** {@code wake_up_state}: as {@link #wake}, if the task sleeps in one of these states. */
    boolean wake(long task, int states) {
        int flags = cpu.irqSave();
        boolean slept = wakeWithIrqsOff(task, states);
        cpu.irqRestore(flags);
        return slept;
    }

    private boolean wakeWithIrqsOff(long task, int states) {
        int hart = lockHartOf(task);
        long record = record(hart);
        if ((TaskLayout.STATE.get(memory, task) & states) == 0) {
            locks.release(RQ_LOCK.at(record));
            return false;
        }
        loadAverage.fold();
        TaskLayout.STATE.set(memory, task, TaskLayout.RUNNING);
        if (events.isOn()) {
            events.tell(new TaskEvent(true, task, 0));
        }
        boolean stillThere = CURRENT.get(memory, record) == task
                || !ListHead.isEmpty(memory, TaskLayout.RUN_NODE.at(task));
        locks.release(RQ_LOCK.at(record));
        if (!stillThere) {
            placeOnQueue(task, chooseHart(task, hart));
        }
        return true;
    }

    /** Locks the run queue of a task's hart. It retries if the task moves to another hart meanwhile. */
    private int lockHartOf(long task) {
        for (;;) {
            int hart = TaskLayout.HART.get(memory, task);
            locks.acquire(RQ_LOCK.at(record(hart)));
            if (TaskLayout.HART.get(memory, task) == hart) {
                return hart;
            }
            locks.release(RQ_LOCK.at(record(hart)));
        }
    }

    /** Puts a task that is on no run queue on a hart's queue. Interrupts are off. */
    void placeOnQueue(long task, int hart) {
        long record = record(hart);
        locks.acquire(RQ_LOCK.at(record));
        TaskLayout.HART.set(memory, task, hart);
        boolean fifo = enqueue(record, task, false);
        boolean due = isIdle(record) || fifo && priorities.isDue(record);
        if (due) {
            NEED_RESCHED.set(memory, record, 1);
        }
        locks.release(RQ_LOCK.at(record));
        if (due) {
            kick(hart);
        }
    }

    /** Changes the priority of a task, and its place on its run queue. Any context. */
    void requeue(long task, Runnable change) {
        int flags = cpu.irqSave();
        int hart = lockHartOf(task);
        long record = record(hart);
        boolean queued = !ListHead.isEmpty(memory, TaskLayout.RUN_NODE.at(task));
        if (queued) {
            ListHead.delete(memory, TaskLayout.RUN_NODE.at(task));
        }
        change.run();
        if (queued) {
            priorities.insert(RQ_LIST.at(record), task, false);
        }
        boolean due = priorities.isDue(record);
        if (due) {
            NEED_RESCHED.set(memory, record, 1);
        }
        locks.release(RQ_LOCK.at(record));
        if (due) {
            kick(hart);
        }
        cpu.irqRestore(flags);
    }

    /** Lets a hart reschedule soon: this one when its interrupts are on again, if it runs no handler or idle task. */
    private void kick(int hart) {
        if (hart != cpu.hartId() || !context.inHardirq() && !isIdle(record(hart))) {
            ipi.send(hart);
        }
    }

    /**
     * Chooses among the harts that a task may run on: its last hart if that is idle, else another idle one, else one
     * that it may preempt, else its last hart.
     */
    int chooseHart(long task, int last) {
        int allowed = TaskLayout.ALLOWED.get(memory, task);
        boolean lastAllowed = (allowed >> last & 1) != 0;
        if (lastAllowed && hasNothingToDo(last)) {
            return last;
        }
        for (int hart = 0; hart < harts; hart++) {
            if ((allowed >> hart & 1) != 0 && hasNothingToDo(hart)) {
                return hart;
            }
        }
        return priorities.chooseBusy(task, allowed, lastAllowed ? last : Integer.numberOfTrailingZeros(allowed));
    }

    int harts() {
        return harts;
    }

    private boolean hasNothingToDo(int hart) {
        return isIdle(record(hart)) && RQ_COUNT.get(memory, record(hart)) == 0;
    }

    /** Returns whether a hart runs its idle task. A hart that is not online yet has no current task. */
    private boolean isIdle(long record) {
        long current = CURRENT.get(memory, record);
        return current != 0 && current == IDLE.get(memory, record);
    }

    /** Puts a task on a run queue, as {@link Priorities#insert} does. */
    private boolean enqueue(long record, long task, boolean first) {
        addToCount(record, 1);
        return priorities.insert(RQ_LIST.at(record), task, first);
    }

    private void addToCount(long record, int change) {
        RQ_COUNT.add(memory, record, change);
    }

    /** Tells whether an interrupt's handler has preempted a task, which has not run since. Only looks. */
    boolean isPreempted(long task) {
        return preempted.contains(task);
    }

    // ---- idling ----

    /** First half of the idle loop: waits for an interrupt. */
    void idleWait() {
        cpu.irqDisable();
        if (NEED_RESCHED.get(memory, record(cpu.hartId())) == 0) {
            cpu.wfi();
        }
    }

    /**
     * Second half of the idle loop: takes pending interrupts, and switches to a runnable task. A kernel that attaches
     * begins here.
     */
    void idleResume() {
        cpu.irqEnable();
        if (NEED_RESCHED.get(memory, record(cpu.hartId())) != 0) {
            schedule();
        }
    }

    /** Returns a hart's current task. Only looks. */
    public long current(ReadableMemory view, int hart) {
        return CURRENT.get(view, record(hart));
    }
}

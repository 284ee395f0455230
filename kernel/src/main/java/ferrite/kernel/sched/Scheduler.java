package ferrite.kernel.sched;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.hart.Csrs;
import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.hardware.turn.Strand;
import ferrite.hardware.turn.Turn;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.PerCpuLayout;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.core.Context;
import ferrite.kernel.core.KernelBase;
import java.util.HashMap;
import java.util.Map;

/**
 * Run queues, one for each hart, first in first out. A timer tick preempts a task whose time slice is over while other
 * tasks wait.
 *
 * <p>A switch holds the run queue's lock from before it reads the current task's state until the next task runs. With
 * the lock of a task's hart held, the task is therefore the hart's current one, in its queue, or neither, and stays so.
 */
public final class Scheduler {

    /** How long a task may run while others wait for its hart: 4 ms. */
    private static final long TIME_SLICE_TICKS = 4L * 1000 * Clock.TICKS_PER_MICROSECOND;

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final Context context;
    private final Turn turn;
    private final SpinLock locks;
    private final long perCpu;
    private final int harts;
    private final Ipi ipi;
    private final WaitQueue queues;
    private final long exitWait;
    /** The tasks' Java stacks, by the task's address. */
    private final Map<Long, Strand> strands = new HashMap<>();

    /** @param ipi makes another hart reschedule */
    Scheduler(KernelBase base, Turn turn, Ipi ipi) {
        this.memory = base.memory();
        this.cpu = base.cpu();
        this.context = base.context();
        this.turn = turn;
        this.locks = base.locks();
        this.perCpu = base.perCpu();
        this.harts = base.harts();
        this.ipi = ipi;
        this.queues = new WaitQueue(base, this);
        this.exitWait = base.root() + RootLayout.EXIT_WAIT;
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
            ListHead.init(memory, record(hart) + PerCpuLayout.RQ_LIST);
            ListHead.init(memory, record(hart) + PerCpuLayout.TIMER_LIST);
            memory.store64(record(hart) + PerCpuLayout.TICK_DUE, -1);
            memory.store64(record(hart) + PerCpuLayout.TIMER_DUE, -1);
        }
    }

    void setStrand(long task, Strand strand) {
        strands.put(task, strand);
    }

    // ---- switching ----

    /**
     * {@code schedule}: switches to the next runnable task, or to the idle task if the current one sleeps and no other
     * is runnable. Returns when the current task runs again. Task context, with no spinlock held.
     */
    public void schedule() {
        context.mightSleep("schedule", "end the atomic section before calling schedule");
        schedule(false);
    }

    /**
     * @param preempted whether an interrupt forces the switch: then the current task stays runnable, even if its state
     *                  already says that it sleeps
     */
    private void schedule(boolean preempted) {
        int flags = cpu.irqSave();
        long record = record(cpu.hartId());
        locks.acquire(record + PerCpuLayout.RQ_LOCK);
        memory.store32(record + PerCpuLayout.NEED_RESCHED, 0);
        long previous = cpu.tp();
        boolean wantsToRun = preempted || memory.load32(previous + TaskLayout.STATE) == TaskLayout.RUNNING;
        if (wantsToRun && previous != memory.loadAddress(record + PerCpuLayout.IDLE)) {
            enqueue(record, previous);
        }
        long next = pickNext(record);
        if (next != previous) {
            giveHart(record, previous, next);
            turn.switchTo(strands.get(next));
        }
        finishSwitch();
        cpu.irqRestore(flags);
    }

    /** Switches away from a task that dies, as its last call. The task's Java frames end when this returns. */
    void scheduleDead() {
        cpu.irqDisable();
        long record = record(cpu.hartId());
        locks.acquire(record + PerCpuLayout.RQ_LOCK);
        long previous = cpu.tp();
        memory.store32(previous + TaskLayout.STATE, TaskLayout.DEAD);
        memory.storeAddress(record + PerCpuLayout.DEAD_TASK, previous);
        long next = pickNext(record);
        giveHart(record, previous, next);
        strands.remove(previous);
        turn.endWith(strands.get(next));
    }

    /** Completes a switch. Every task calls it first when it gets a hart, with interrupts off. */
    void finishSwitch() {
        long record = record(cpu.hartId());
        long dead = memory.loadAddress(record + PerCpuLayout.DEAD_TASK);
        memory.storeAddress(record + PerCpuLayout.DEAD_TASK, 0);
        locks.release(record + PerCpuLayout.RQ_LOCK);
        if (dead != 0) {
            memory.store32(dead + TaskLayout.STATE, TaskLayout.ZOMBIE);
            queues.wakeAll(exitWait);
        }
    }

    private long pickNext(long record) {
        long list = record + PerCpuLayout.RQ_LIST;
        long node = ListHead.first(memory, list);
        if (node == list) {
            return memory.loadAddress(record + PerCpuLayout.IDLE);
        }
        ListHead.delete(memory, node);
        addToCount(record, -1);
        return node - TaskLayout.RUN_NODE;
    }

    private void giveHart(long record, long previous, long next) {
        long now = cpu.time();
        long ran = now - memory.load64(previous + TaskLayout.SINCE);
        memory.store64(previous + TaskLayout.RUNTIME, memory.load64(previous + TaskLayout.RUNTIME) + ran);
        memory.store64(next + TaskLayout.SINCE, now);
        memory.storeAddress(record + PerCpuLayout.CURRENT, next);
        memory.store32(record + PerCpuLayout.SWITCHES, memory.load32(record + PerCpuLayout.SWITCHES) + 1);
        cpu.setTp(next);
        setTick(next == memory.loadAddress(record + PerCpuLayout.IDLE) ? -1 : now + TIME_SLICE_TICKS);
    }

    private void setTick(long at) {
        memory.store64(record(cpu.hartId()) + PerCpuLayout.TICK_DUE, at);
        programTimer();
    }

    /**
     * Programs this hart's next timer interrupt: the end of the time slice, or the first timer if that is earlier.
     * Interrupts are off.
     */
    void programTimer() {
        long record = record(cpu.hartId());
        long tick = memory.load64(record + PerCpuLayout.TICK_DUE);
        long timer = memory.load64(record + PerCpuLayout.TIMER_DUE);
        long at = Long.compareUnsigned(timer, tick) < 0 ? timer : tick;
        cpu.csrWrite(Csrs.STIMECMPH, -1);              // so that no intermediate value is in the past
        cpu.csrWrite(Csrs.STIMECMP, (int) at);
        cpu.csrWrite(Csrs.STIMECMPH, (int) (at >>> 32));
    }

    /**
     * Handles a timer interrupt: if the time slice is over and other tasks wait, the current task must be preempted.
     */
    void tick() {
        long record = record(cpu.hartId());
        long now = cpu.time();
        if (Long.compareUnsigned(now, memory.load64(record + PerCpuLayout.TICK_DUE)) < 0) {
            programTimer();
            return;
        }
        if (memory.load32(record + PerCpuLayout.RQ_COUNT) > 0) {
            memory.store32(record + PerCpuLayout.NEED_RESCHED, 1);
        }
        setTick(now + TIME_SLICE_TICKS);
    }

    /** Counts a software interrupt from another hart, which has already stored its request in this hart's record. */
    public void rescheduleInterrupt() {
        long record = record(cpu.hartId());
        memory.store32(record + PerCpuLayout.IPI_COUNT, memory.load32(record + PerCpuLayout.IPI_COUNT) + 1);
    }

    /**
     * Preempts the current task if that is due. Called at the end of an interrupt that arrived with preemption enabled.
     */
    public void preemptIfDue() {
        long record = record(cpu.hartId());
        boolean due = memory.load32(record + PerCpuLayout.NEED_RESCHED) != 0;
        if (due && cpu.tp() != memory.loadAddress(record + PerCpuLayout.IDLE)) {
            schedule(true);
        }
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
        if ((memory.load32(task + TaskLayout.STATE) & states) == 0) {
            locks.release(record + PerCpuLayout.RQ_LOCK);
            return false;
        }
        memory.store32(task + TaskLayout.STATE, TaskLayout.RUNNING);
        boolean stillThere = memory.loadAddress(record + PerCpuLayout.CURRENT) == task || !ListHead.isEmpty(memory, task + TaskLayout.RUN_NODE);
        locks.release(record + PerCpuLayout.RQ_LOCK);
        if (!stillThere) {
            placeOnQueue(task, chooseHart(task, hart));
        }
        return true;
    }

    /** Locks the run queue of a task's hart. It retries if the task moves to another hart meanwhile. */
    private int lockHartOf(long task) {
        for (;;) {
            int hart = memory.load32(task + TaskLayout.HART);
            locks.acquire(record(hart) + PerCpuLayout.RQ_LOCK);
            if (memory.load32(task + TaskLayout.HART) == hart) {
                return hart;
            }
            locks.release(record(hart) + PerCpuLayout.RQ_LOCK);
        }
    }

    /** Puts a task that is on no run queue on a hart's queue. Interrupts are off. */
    void placeOnQueue(long task, int hart) {
        long record = record(hart);
        locks.acquire(record + PerCpuLayout.RQ_LOCK);
        memory.store32(task + TaskLayout.HART, hart);
        enqueue(record, task);
        boolean idle = isIdle(record);
        if (idle) {
            memory.store32(record + PerCpuLayout.NEED_RESCHED, 1);
        }
        locks.release(record + PerCpuLayout.RQ_LOCK);
        if (idle && hart != cpu.hartId()) {
            ipi.send(hart);
        }
    }

    /**
     * Chooses among the harts that a task may run on: its last hart if that is idle, else another idle one, else its
     * last hart.
     */
    int chooseHart(long task, int last) {
        int allowed = memory.load32(task + TaskLayout.ALLOWED);
        boolean lastAllowed = (allowed >> last & 1) != 0;
        if (lastAllowed && hasNothingToDo(last)) {
            return last;
        }
        for (int hart = 0; hart < harts; hart++) {
            if ((allowed >> hart & 1) != 0 && hasNothingToDo(hart)) {
                return hart;
            }
        }
        return lastAllowed ? last : Integer.numberOfTrailingZeros(allowed);
    }

    int harts() {
        return harts;
    }

    private boolean hasNothingToDo(int hart) {
        return isIdle(record(hart)) && memory.load32(record(hart) + PerCpuLayout.RQ_COUNT) == 0;
    }

    /** Returns whether a hart runs its idle task. A hart that is not online yet has no current task. */
    private boolean isIdle(long record) {
        long current = memory.loadAddress(record + PerCpuLayout.CURRENT);
        return current != 0 && current == memory.loadAddress(record + PerCpuLayout.IDLE);
    }

    private void enqueue(long record, long task) {
        ListHead.addTail(memory, task + TaskLayout.RUN_NODE, record + PerCpuLayout.RQ_LIST);
        addToCount(record, 1);
    }

    private void addToCount(long record, int change) {
        memory.store32(record + PerCpuLayout.RQ_COUNT, memory.load32(record + PerCpuLayout.RQ_COUNT) + change);
    }

    // ---- idling ----

    /** First half of the idle loop: waits for an interrupt. */
    void idleWait() {
        cpu.irqDisable();
        if (memory.load32(record(cpu.hartId()) + PerCpuLayout.NEED_RESCHED) == 0) {
            cpu.wfi();
        }
    }

    /**
     * Second half of the idle loop: takes pending interrupts, and switches to a runnable task. A kernel that attaches
     * begins here.
     */
    void idleResume() {
        cpu.irqEnable();
        if (memory.load32(record(cpu.hartId()) + PerCpuLayout.NEED_RESCHED) != 0) {
            schedule();
        }
    }

    /** Returns a hart's current task. Only looks. */
    public long current(ReadableMemory view, int hart) {
        return view.loadAddress(record(hart) + PerCpuLayout.CURRENT);
    }
}

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
 * Run queues, one a hart, first in first out; a tick takes the hart from a task that has had it long enough while others wait.
 *
 * <p>A run queue's lock is held from before the current task's state is looked at until the next task is running; so who holds the lock of a
 * task's hart knows whether the task is on that hart, in its queue, or neither.
 */
public final class Scheduler {

    /** How long a task keeps a hart that others want: 4 ms. */
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
    /** The Java stacks of tasks, by the address of the task. */
    private final Map<Long, Strand> strands = new HashMap<>();

    /** @param ipi makes another hart look at its queue */
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

    /** The queue of parents that wait for the death of a child. */
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

    // ---- giving the hart away ----

    /**
     * {@code schedule}: lets another task have this hart, if there is one or if the current one sleeps. Returns when the current task has a hart again. May
     * only be called with no spinlock held.
     */
    public void schedule() {
        context.mightSleep("schedule", "end the atomic section before giving the hart away");
        schedule(false);
    }

    /** @param preempted whether the current task has not asked for this: then it runs again, even if it is about to sleep and has said so */
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

    /** The last call of a task that dies; its Java frames end when it returns. */
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

    /** What every task does first when it gets a hart; interrupts are off. */
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

    /** Has this hart interrupted when its current task has had its time, or its first timer is due. Interrupts are off. */
    void programTimer() {
        long record = record(cpu.hartId());
        long tick = memory.load64(record + PerCpuLayout.TICK_DUE);
        long timer = memory.load64(record + PerCpuLayout.TIMER_DUE);
        long at = Long.compareUnsigned(timer, tick) < 0 ? timer : tick;
        cpu.csrWrite(Csrs.STIMECMPH, -1);              // so that no value on the way is in the past
        cpu.csrWrite(Csrs.STIMECMP, (int) at);
        cpu.csrWrite(Csrs.STIMECMPH, (int) (at >>> 32));
    }

    /** The timer interrupt: the current task may have had its time. */
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

    /** The interrupt that another hart sent: what it wanted is in this hart's record already. */
    public void rescheduleInterrupt() {
        long record = record(cpu.hartId());
        memory.store32(record + PerCpuLayout.IPI_COUNT, memory.load32(record + PerCpuLayout.IPI_COUNT) + 1);
    }

    /** At the end of an interrupt that found interrupts and preemption enabled: another task may have to run first. */
    public void preemptIfDue() {
        long record = record(cpu.hartId());
        boolean due = memory.load32(record + PerCpuLayout.NEED_RESCHED) != 0;
        if (due && cpu.tp() != memory.loadAddress(record + PerCpuLayout.IDLE)) {
            schedule(true);
        }
    }

    // ---- waking ----

    /** {@code wake_up_process}: makes a sleeping task run. Any context. Returns whether it slept. */
    public boolean wake(long task) {
        return wake(task, TaskLayout.SLEEPING);
    }

    /** {@code wake_up_state}: as {@link #wake}, if it sleeps in one of these states. */
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

    /** Locks the run queue of the hart that a task belongs to; it may move while we look. */
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

    /** Puts a task that is nowhere on a hart's queue. Interrupts are off. */
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

    /** The hart it ran on if that is idle, else another idle one, else the one it ran on; only those it may run on. */
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

    /** A hart that is not up yet has no current task. */
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

    /** First half of the idle loop: sleeps until something is pending. */
    void idleWait() {
        cpu.irqDisable();
        if (memory.load32(record(cpu.hartId()) + PerCpuLayout.NEED_RESCHED) == 0) {
            cpu.wfi();
        }
    }

    /** Second half: takes what is pending, and gives the hart to who needs it. A kernel that attaches begins here. */
    void idleResume() {
        cpu.irqEnable();
        if (memory.load32(record(cpu.hartId()) + PerCpuLayout.NEED_RESCHED) != 0) {
            schedule();
        }
    }

    /** A hart's current task, for those who look. */
    public long current(ReadableMemory view, int hart) {
        return view.loadAddress(record(hart) + PerCpuLayout.CURRENT);
    }
}

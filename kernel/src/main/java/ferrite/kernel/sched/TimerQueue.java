package ferrite.kernel.sched;

import static ferrite.kernel.base.TimerBaseLayout.LIST;
import static ferrite.kernel.base.TimerBaseLayout.LOCK;
import static ferrite.kernel.base.TimerBaseLayout.NEXT;
import static ferrite.kernel.base.TimerBaseLayout.RUNNING;
import static ferrite.kernel.sched.TimerLayout.DUE;
import static ferrite.kernel.sched.TimerLayout.HART;
import static ferrite.kernel.sched.TimerLayout.NODE;

import ferrite.hardware.report.Hex;
import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.TimerBaseLayout;
import ferrite.kernel.check.Rule;
import ferrite.kernel.check.Violations;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.shadow.MemoryStates;

/**
 * Timers of one kind: a list for each hart, ordered by their times. A timer belongs to the hart that set it, and its
 * function runs there.
 */
@Plumbing
final class TimerQueue {

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final Scheduler scheduler;
    private final SpinLock locks;
    private final MemoryStates states;
    private final Violations violations;
    private final Embedded kind;

    /** @param kind the field of a hart's record with its timers, see {@link TimerBaseLayout} */
    TimerQueue(KernelBase base, Scheduler scheduler, Embedded kind) {
        this.memory = base.memory();
        this.cpu = base.cpu();
        this.scheduler = scheduler;
        this.locks = base.locks();
        this.states = base.states();
        this.violations = base.violations();
        this.kind = kind;
    }

    private long base(int hart) {
        return kind.at(scheduler.record(hart));
    }

    // ---- setting ----

    /**
     * Sets a timer, whether or not it is set. A timer whose function is running stays with that hart, so that {@link
     * #delete} finds it. Any context. Returns whether it was set.
     */
    boolean set(long timer, long due) {
        int flags = cpu.irqSave();
        long here = base(cpu.hartId());
        boolean wasSet = false;
        long queue = lockQueueOf(timer);
        while (queue != here && RUNNING.get(memory, queue) != timer) {
            wasSet |= remove(timer);
            HART.set(memory, timer, cpu.hartId());
            locks.unlock(LOCK.at(queue));
            queue = lockQueueOf(timer);
        }
        wasSet |= remove(timer);
        DUE.set(memory, timer, due);
        ListHead.addTail(memory, NODE.at(timer), firstAfter(LIST.at(queue), due));
        locks.unlock(LOCK.at(queue));
        if (queue == here && Long.compareUnsigned(due, NEXT.get(memory, queue)) < 0) {
            NEXT.set(memory, queue, due);
            scheduler.programTimer();
        }
        cpu.irqRestore(flags);
        return wasSet;
    }

    /** Locks the queue of the hart that a timer is or was with. Interrupts are off. */
    private long lockQueueOf(long timer) {
        for (;;) {
            int hart = HART.get(memory, timer);
            locks.lock(LOCK.at(base(hart)));
            if (HART.get(memory, timer) == hart) {
                return base(hart);
            }
            locks.unlock(LOCK.at(base(hart)));
        }
    }

    /**
     * Finds the node before which a timer is inserted. Timers of the same time are called in the order in which they
     * were set.
     */
    private long firstAfter(long list, long due) {
        long node = ListHead.first(memory, list);
        while (node != list && Long.compareUnsigned(DUE.get(memory, NODE.containerOf(node)), due) <= 0) {
            node = ListHead.next(memory, node);
        }
        return node;
    }

    /** Takes a timer off its list, which is locked. Returns whether it was on one. */
    private boolean remove(long timer) {
        states.armed().ended(timer);
        boolean wasSet = isPending(timer);
        if (wasSet) {
            ListHead.delete(memory, NODE.at(timer));
        }
        return wasSet;
    }

    /** Returns whether a timer is set. Any context. */
    boolean isPending(long timer) {
        return ListHead.first(memory, NODE.at(timer)) != 0 && !ListHead.isEmpty(memory, NODE.at(timer));
    }

    /** Cancels a timer, and does not wait for its function. Any context. Returns whether the timer was set. */
    boolean cancel(long timer) {
        int flags = cpu.irqSave();
        long queue = lockQueueOf(timer);
        boolean wasSet = remove(timer);
        locks.unlock(LOCK.at(queue));
        cpu.irqRestore(flags);
        return wasSet;
    }

    /** Returns whether a timer's function is running. Any context. */
    boolean isRunning(long timer) {
        int flags = cpu.irqSave();
        long queue = lockQueueOf(timer);
        boolean running = RUNNING.get(memory, queue) == timer;
        locks.unlock(LOCK.at(queue));
        cpu.irqRestore(flags);
        return running;
    }

    /**
     * Cancels a timer. When this returns, its function is not running on any hart. The caller must not hold a lock that
     * the function waits for.
     *
     * @param call Linux's name of the call
     * @return whether the timer was still set
     */
    boolean delete(String call, long timer) {
        for (;;) {
            int flags = cpu.irqSave();
            long queue = lockQueueOf(timer);
            boolean running = RUNNING.get(memory, queue) == timer;
            // a function of this hart cannot go on before its caller returns
            boolean ownFunction = running && queue == base(cpu.hartId());
            boolean done = !running || ownFunction;
            boolean wasSet = done && remove(timer);
            locks.unlock(LOCK.at(queue));
            cpu.irqRestore(flags);
            if (ownFunction) {
                waitsForItself(call, timer);
            }
            if (done) {
                return wasSet;
            }
            cpu.relax();
        }
    }

    private void waitsForItself(String call, long timer) {
        violations.of(Rule.LOCK_RECURSION, call + " of the timer at " + Hex.grouped(timer)
                + " in the timer's own function").line("why", "it waits for the function to end, which waits for it: "
                        + "Linux would spin here for ever")
                .line("instead", "leave the timer alone: it is not set any more when its function runs")
                .address("timer", timer).report();
    }

    // ---- serving ----

    /** Returns whether the first timer of this hart is due, and asks for no further interrupt then. */
    boolean isDue() {
        long queue = base(cpu.hartId());
        boolean due = Long.compareUnsigned(NEXT.get(memory, queue), cpu.time()) <= 0;
        if (due) {
            NEXT.set(memory, queue, -1);
        }
        return due;
    }

    /**
     * Takes the first timer of this hart off its queue if it is due. Its function is running until {@link #ended}. If
     * none is due, asks for an interrupt at the time of the first.
     */
    long takeDue() {
        return takeDue(-1);
    }

    /** Takes a timer as {@link #takeDue()}, if it was due at a time already. */
    long takeDue(long until) {
        int flags = cpu.irqSave();
        long queue = base(cpu.hartId());
        locks.lock(LOCK.at(queue));
        long node = ListHead.first(memory, LIST.at(queue));
        long at = node == LIST.at(queue) ? -1 : DUE.get(memory, NODE.containerOf(node));
        boolean due = Long.compareUnsigned(at, cpu.time()) <= 0 && Long.compareUnsigned(at, until) <= 0;
        if (due) {
            ListHead.delete(memory, node);
            RUNNING.set(memory, queue, NODE.containerOf(node));
            states.armed().ended(NODE.containerOf(node));
        } else {
            NEXT.set(memory, queue, at);
        }
        locks.unlock(LOCK.at(queue));
        if (!due) {
            scheduler.programTimer();
        }
        cpu.irqRestore(flags);
        return due ? NODE.containerOf(node) : 0;
    }

    /** Notes that the function of the timer that was taken last has ended. */
    void ended() {
        RUNNING.set(memory, base(cpu.hartId()), 0);
    }
}

package ferrite.kernel.sched;

import static ferrite.kernel.sched.TaskletLayout.COUNT;
import static ferrite.kernel.sched.TaskletLayout.DATA;
import static ferrite.kernel.sched.TaskletLayout.FUNCTION;
import static ferrite.kernel.sched.TaskletLayout.NODE;
import static ferrite.kernel.sched.TaskletLayout.PARKED;
import static ferrite.kernel.sched.TaskletLayout.PARKED_HI;
import static ferrite.kernel.sched.TaskletLayout.RUN;
import static ferrite.kernel.sched.TaskletLayout.SCHED;
import static ferrite.kernel.sched.TaskletLayout.STATE;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.report.Hex;
import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.KernelBug;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.PerCpuLayout;
import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.check.Rule;
import ferrite.kernel.core.Callbacks;
import ferrite.kernel.core.Context;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.shadow.MemoryStates;

/**
 * Tasklets (LDD3 pages 204 and 275): functions that a softirq calls once for each time that they are scheduled, on the
 * hart that scheduled them. A tasklet runs on one hart at a time; different ones run at once. It is
 * {@value TaskletLayout#SIZE} bytes of RAM.
 */
@Plumbing
public final class Tasklet {

    /** How long a tasklet may go on being scheduled when it is killed: Linux would wait for ever. */
    private static final long MAX_KILL_TICKS = 100_000L * Clock.TICKS_PER_MICROSECOND;

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final Context context;
    private final TextTable text;
    private final Callbacks callbacks;
    private final Scheduler scheduler;
    private final Softirq softirqs;
    private final MemoryStates states;

    Tasklet(KernelBase base, Scheduler scheduler, Softirq softirqs) {
        this.memory = base.memory();
        this.cpu = base.cpu();
        this.context = base.context();
        this.text = base.text();
        this.callbacks = new Callbacks(base);
        this.scheduler = scheduler;
        this.softirqs = softirqs;
        this.states = base.states();
        softirqs.open(Softirq.HI, () -> serve(PerCpuLayout.TASKLETS_HI, Softirq.HI));
        softirqs.open(Softirq.TASKLET, () -> serve(PerCpuLayout.TASKLETS, Softirq.TASKLET));
    }

    /** {@code tasklet_init}: gives a tasklet its function, a text address of a {@link TimerFunction}. Any context. */
    public void init(long tasklet, long function, long data) {
        ListHead.init(memory, NODE.at(tasklet));
        STATE.set(memory, tasklet, 0);
        COUNT.set(memory, tasklet, 0);
        FUNCTION.set(memory, tasklet, function);
        DATA.set(memory, tasklet, data);
    }

    /** {@code tasklet_schedule}: lets the tasklet run soon; once, however often this is called before. Any context. */
    public void schedule(long tasklet) {
        schedule(tasklet, PerCpuLayout.TASKLETS, Softirq.TASKLET);
    }

    /** {@code tasklet_hi_schedule}: lets the tasklet run before timers and other tasklets. Any context. */
    public void scheduleHi(long tasklet) {
        schedule(tasklet, PerCpuLayout.TASKLETS_HI, Softirq.HI);
    }

    private void schedule(long tasklet, Embedded list, int softirq) {
        if ((STATE.amoOr(memory, tasklet, SCHED) & SCHED) == 0) {
            enqueue(tasklet, list, softirq);
        }
    }

    private void enqueue(long tasklet, Embedded list, int softirq) {
        int flags = cpu.irqSave();
        ListHead.addTail(memory, NODE.at(tasklet), list.at(scheduler.record(cpu.hartId())));
        softirqs.raise(softirq);
        cpu.irqRestore(flags);
    }

    /** {@code tasklet_disable}: the tasklet does not run until {@link #enable}; waits until it does not. Nests. */
    public void disable(long tasklet) {
        disableNosync(tasklet);
        while (!isOwn("tasklet_disable", tasklet) && (STATE.get(memory, tasklet) & RUN) != 0) {
            cpu.relax();
        }
    }

    /** Returns whether the caller is a tasklet's own function, which would wait for itself, and reports that. */
    private boolean isOwn(String call, long tasklet) {
        boolean own = context.inInterrupt()
                && PerCpuLayout.CURRENT_TASKLET.get(memory, scheduler.record(cpu.hartId())) == tasklet;
        if (own) {
            states.violations().of(Rule.LOCK_RECURSION, call + " of the tasklet at " + Hex.grouped(tasklet)
                    + " in the tasklet's own function")
                    .line("why", "it waits for the function to end, which waits for it: Linux would spin here for ever")
                    .line("instead", "call tasklet_disable_nosync, or kill it in a task").address("tasklet", tasklet)
                    .report();
        }
        return own;
    }

    /** {@code tasklet_disable_nosync}: as {@link #disable}, without the wait. Any context. */
    public void disableNosync(long tasklet) {
        COUNT.amoAdd(memory, tasklet, 1);
    }

    /** {@code tasklet_enable}: lets a disabled tasklet run again. Any context. */
    public void enable(long tasklet) {
        int before = COUNT.amoAdd(memory, tasklet, -1);
        if (before <= 0) {
            COUNT.amoAdd(memory, tasklet, 1);
            throw new KernelBug("tasklet_enable of the tasklet at " + Hex.grouped(tasklet)
                    + ", which is not disabled; call it once for each tasklet_disable");
        }
        if (before == 1) {
            unpark(tasklet);
        }
    }

    /**
     * {@code tasklet_kill}: waits until a tasklet is neither scheduled nor running. Task context; may sleep. The
     * code that schedules it must have been stopped before.
     */
    public void kill(long tasklet) {
        context.mightSleep("tasklet_kill", "kill the tasklet when the device is removed, outside atomic sections");
        long end = cpu.time() + MAX_KILL_TICKS;
        while ((STATE.amoOr(memory, tasklet, SCHED) & SCHED) != 0) {
            if (isOwn("tasklet_kill", tasklet)) {
                return;
            }
            if (cpu.time() > end) {
                boolean disabled = COUNT.get(memory, tasklet) != 0;
                throw new KernelBug("tasklet_kill of the tasklet at " + Hex.grouped(tasklet) + ", which has been "
                        + (disabled ? "scheduled and disabled for 100 ms: it would wait for ever; call tasklet_enable "
                        + "first" : "scheduled again and again for 100 ms; stop what schedules it first"));
            }
            scheduler.schedule();
        }
        while ((STATE.get(memory, tasklet) & RUN) != 0) {
            cpu.relax();
        }
        STATE.amoAnd(memory, tasklet, ~SCHED);
        states.armed().ended(tasklet);
    }

    /** Puts a tasklet that was found disabled back on a list: this hart's. */
    private void unpark(long tasklet) {
        int was = STATE.amoAnd(memory, tasklet, ~(PARKED | PARKED_HI));
        if ((was & PARKED_HI) != 0) {
            enqueue(tasklet, PerCpuLayout.TASKLETS_HI, Softirq.HI);
        } else if ((was & PARKED) != 0) {
            enqueue(tasklet, PerCpuLayout.TASKLETS, Softirq.TASKLET);
        }
    }

    /** Calls the tasklets of this hart that are scheduled now. Tasklets that they schedule wait for the next round. */
    private void serve(Embedded kind, int softirq) {
        long list = kind.at(scheduler.record(cpu.hartId()));
        cpu.irqDisable();
        long last = ListHead.last(memory, list);
        cpu.irqEnable();
        boolean more = last != list;
        while (more) {
            cpu.irqDisable();
            long node = ListHead.first(memory, list);
            ListHead.delete(memory, node);
            cpu.irqEnable();
            more = node != last;
            run(NODE.containerOf(node), kind, softirq);
        }
    }

    private void run(long tasklet, Embedded kind, int softirq) {
        if ((STATE.amoOr(memory, tasklet, RUN) & RUN) != 0) {
            enqueue(tasklet, kind, softirq);           // it runs on another hart
            return;
        }
        if (COUNT.get(memory, tasklet) != 0) {
            STATE.amoAnd(memory, tasklet, ~RUN);
            STATE.amoOr(memory, tasklet, softirq == Softirq.HI ? PARKED_HI : PARKED);
            if (COUNT.get(memory, tasklet) == 0) {
                unpark(tasklet);                       // it was enabled meanwhile
            }
            return;
        }
        STATE.amoAnd(memory, tasklet, ~SCHED);         // from here on it may be scheduled again
        states.armed().ended(tasklet);
        long function = FUNCTION.get(memory, tasklet);
        long record = scheduler.record(cpu.hartId());
        softirqs.begins(function);
        PerCpuLayout.CURRENT_TASKLET.set(memory, record, tasklet);
        callbacks.call("the tasklet's function", function,
                () -> text.at(function, TimerFunction.class).expired(DATA.get(memory, tasklet)));
        PerCpuLayout.CURRENT_TASKLET.set(memory, record, 0);
        softirqs.begins(0);
        STATE.amoAnd(memory, tasklet, ~RUN);
    }
}

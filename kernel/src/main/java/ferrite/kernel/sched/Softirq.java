package ferrite.kernel.sched;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.PerCpuLayout;
import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.core.Context;
import ferrite.kernel.core.KernelBase;
import java.util.List;

/**
 * Softirqs (LDD3 pages 197 and 205): work that an interrupt leaves for its end, when interrupts are on again. It runs
 * on the hart that raised it, on the stack of the interrupted task, before that task goes on. It does not sleep, and no
 * other softirq runs on the hart meanwhile. If it comes again and again, the task {@code ksoftirqd} serves it, so that
 * other tasks run too.
 */
@Plumbing
public final class Softirq {

    /** Linux's numbers: a smaller one is served first. */
    public static final int HI = 0;
    public static final int TIMER = 1;
    public static final int NET_TX = 2;
    public static final int NET_RX = 3;
    public static final int TASKLET = 6;
    public static final int COUNT = 10;
    /** Linux's names, by number. */
    public static final List<String> NAMES = List.of("HI", "TIMER", "NET_TX", "NET_RX", "BLOCK", "IRQ_POLL",
            "TASKLET", "SCHED", "HRTIMER", "RCU");

    /** Linux's limits for the end of an interrupt: rounds, and 2 ms. */
    private static final int MAX_SOFTIRQ_RESTART = 10;
    private static final long MAX_SOFTIRQ_TICKS = 2000L * Clock.TICKS_PER_MICROSECOND;

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final Context context;
    private final Scheduler scheduler;
    private final Tasks tasks;
    private final TaskStacks stacks;
    private final Runnable[] actions = new Runnable[COUNT];
    private final int harts;
    private final long entry;

    Softirq(KernelBase base, Scheduler scheduler, Tasks tasks, TaskStacks stacks) {
        this.memory = base.memory();
        this.cpu = base.cpu();
        this.context = base.context();
        this.scheduler = scheduler;
        this.tasks = tasks;
        this.stacks = stacks;
        this.harts = base.harts();
        this.entry = base.text().newModule().add("run_ksoftirqd", (TaskEntry) this::runThread);
    }

    /** Reserves the tasks. Memory can be allocated. */
    void boot() {
        for (int hart = 0; hart < harts; hart++) {
            PerCpuLayout.KSOFTIRQD.set(memory, scheduler.record(hart),
                    tasks.reserve("ksoftirqd/" + hart, entry, hart, 1 << hart));
        }
    }

    /** {@code open_softirq}: sets the function that serves a softirq. While the kernel is put together. */
    public void open(int softirq, Runnable action) {
        actions[softirq] = action;
    }

    /** {@code raise_softirq}: makes this hart serve a softirq soon. Any context. */
    public void raise(int softirq) {
        int flags = cpu.irqSave();
        long record = record();
        PerCpuLayout.SOFTIRQ_PENDING.set(memory, record, pending(record) | 1 << softirq);
        if (!context.inInterrupt()) {
            wakeThread(record);                        // no interrupt is about to end
        }
        cpu.irqRestore(flags);
    }

    /** Notes the function that a softirq calls, for reports; 0 after it. */
    public void begins(long function) {
        PerCpuLayout.CURRENT_SOFTIRQ.set(memory, record(), function);
    }

    // ---- serving ----

    /** Serves the softirqs that were raised, at the end of an interrupt. Interrupts are off. */
    public void afterInterrupt() {
        if (pending(record()) != 0 && !context.inInterrupt()) {
            serve();
        }
    }

    /** Serves softirqs on this hart, with interrupts on. They are off before and after. */
    private void serve() {
        scheduler.irqTime().boundary();
        long sp = stacks.enterIrq();
        addToPreemptCount(TaskLayout.SERVING_SOFTIRQ);
        long record = record();
        long end = cpu.time() + MAX_SOFTIRQ_TICKS;
        int rounds = MAX_SOFTIRQ_RESTART;
        int pending = pending(record);
        while (pending != 0 && rounds > 0 && Long.compareUnsigned(cpu.time(), end) < 0) {
            PerCpuLayout.SOFTIRQ_PENDING.set(memory, record, 0);
            cpu.irqEnable();
            for (int left = pending; left != 0; left &= left - 1) {
                PerCpuLayout.SOFTIRQ_COUNTS.add(memory, record, Integer.numberOfTrailingZeros(left), 1);
                actions[Integer.numberOfTrailingZeros(left)].run();
            }
            cpu.irqDisable();
            rounds--;
            pending = pending(record);
        }
        if (pending != 0) {
            wakeThread(record);
        }
        stacks.leaveIrq(sp);
        scheduler.irqTime().boundary();
        addToPreemptCount(-TaskLayout.SERVING_SOFTIRQ);
    }

    // ---- local_bh_disable ----

    /** {@code local_bh_disable}: no softirq runs on this hart until {@link #enable}; nests. Any context but hardirq. */
    public void disable(String how) {
        boolean first = context.preemptCount() == 0 && cpu.irqsEnabled();
        addToPreemptCount(TaskLayout.SOFTIRQ_DISABLED);
        if (first) {
            context.began(how);
        }
    }

    /** {@code local_bh_enable}: serves the softirqs that were raised meanwhile. Interrupts must be on. */
    public void enable(String call) {
        if ((context.preemptCount() & TaskLayout.SOFTIRQ_MASK) == 0) {
            context.notHeld(call, "softirqs are not disabled");
            return;
        }
        if (!cpu.irqsEnabled()) {
            context.wrongEnable(call);
        }
        boolean last = (context.preemptCount() & TaskLayout.IN_INTERRUPT) == TaskLayout.SOFTIRQ_DISABLED;
        if (last && pending(record()) != 0) {
            int flags = cpu.irqSave();
            addToPreemptCount(-TaskLayout.SOFTIRQ_DISABLED);
            serve();
            cpu.irqRestore(flags);
        } else {
            addToPreemptCount(-TaskLayout.SOFTIRQ_DISABLED);
        }
        if (context.preemptCount() == 0 && cpu.irqsEnabled()) {
            context.ended();
        }
    }

    private void addToPreemptCount(int change) {
        long count = TaskLayout.PREEMPT_COUNT.at(cpu.tp());
        memory.store32(count, memory.load32(count) + change);
    }

    private long record() {
        return scheduler.record(cpu.hartId());
    }

    private int pending(long record) {
        return PerCpuLayout.SOFTIRQ_PENDING.get(memory, record);
    }

    // ---- ksoftirqd ----

    private void wakeThread(long record) {
        tasks.wakeReserved(PerCpuLayout.KSOFTIRQD.get(memory, record));
    }

    private int runThread(long hart) {
        TaskLayout.STATE.set(memory, cpu.tp(), TaskLayout.INTERRUPTIBLE);   // first, so that no wake-up is lost
        int flags = cpu.irqSave();
        if (pending(record()) != 0) {
            TaskLayout.STATE.set(memory, cpu.tp(), TaskLayout.RUNNING);
            serve();
        }
        cpu.irqRestore(flags);
        return TaskEntry.AGAIN;
    }
}

package ferrite.kernel.sched;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.PerCpuLayout;
import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.core.KernelBase;

/**
 * The load averages of 1, 5 and 15 minutes, with Linux's numbers (kernel/sched/loadavg.c). Linux counts the active
 * tasks every five seconds. Here the next switch or wake-up after that time does, for all periods that have passed:
 * since the last one, the harts have run the same tasks as now.
 */
@Plumbing
public final class LoadAverage {

    /** Bits behind the point, and 1.0. */
    private static final int FSHIFT = 11;
    private static final long FIXED_1 = 1 << FSHIFT;
    private static final long PERIOD_TICKS = 5L * Clock.TICKS_PER_SECOND;
    /** The share of each average that five seconds leave: Linux's {@code EXP_1}, {@code EXP_5}, {@code EXP_15}. */
    private static final long[] DECAY = {1884, 2014, 2037};

    private final KernelBase base;
    private final KernelMemory memory;
    private final Scheduler scheduler;
    private final long root;

    LoadAverage(KernelBase base, Scheduler scheduler) {
        this.base = base;
        this.memory = base.memory();
        this.scheduler = scheduler;
        this.root = base.root();
    }

    /**
     * Brings the averages up to date, if five seconds have passed. A switch or wake-up calls it before it changes the
     * active tasks. It takes no time of the machine while it has nothing to do.
     */
    void fold() {
        long now = base.violations().now();
        long known = RootLayout.LOAD_KNOWN.get(base.peek(), root);
        long periods = (now - known) / PERIOD_TICKS;
        if (periods > 0) {
            long[] loads = loads(base.peek(), now);
            RootLayout.LOAD_KNOWN.set(memory, root, known + periods * PERIOD_TICKS);
            for (int i = 0; i < loads.length; i++) {
                RootLayout.AVENRUN.set(memory, root, i, loads[i]);
            }
        }
    }

    /** Returns the averages in hundredths, at a time. Only looks. */
    public long[] hundredths(ReadableMemory view, long now) {
        long[] loads = loads(view, now);
        for (int i = 0; i < loads.length; i++) {
            loads[i] = (loads[i] + FIXED_1 / 200) * 100 >> FSHIFT;
        }
        return loads;
    }

    private long[] loads(ReadableMemory view, long now) {
        long periods = (now - RootLayout.LOAD_KNOWN.get(view, root)) / PERIOD_TICKS;
        long active = periods > 0 ? active(view) * FIXED_1 : 0;
        long[] loads = new long[DECAY.length];
        for (int i = 0; i < loads.length; i++) {
            loads[i] = after(RootLayout.AVENRUN.get(view, root, i), DECAY[i], active, periods);
        }
        return loads;
    }

    /** Linux's {@code calc_load_n}: an average after some periods with a number of active tasks. */
    private static long after(long load, long decay, long active, long periods) {
        if (periods <= 0) {
            return load;
        }
        long left = power(decay, periods);
        long sum = load * left + active * (FIXED_1 - left);
        return active >= load ? (sum + FIXED_1 - 1) / FIXED_1 : sum / FIXED_1;
    }

    /** Linux's {@code fixed_power_int}. */
    private static long power(long number, long exponent) {
        long result = FIXED_1;
        long square = number;
        for (long left = exponent; left != 0; left >>= 1) {
            if ((left & 1) != 0) {
                result = result * square + (1L << FSHIFT - 1) >> FSHIFT;
            }
            square = square * square + (1L << FSHIFT - 1) >> FSHIFT;
        }
        return result;
    }

    /** Counts the tasks that run, wait for their hart, or sleep where no signal reaches them. */
    private long active(ReadableMemory view) {
        long active = 0;
        for (int hart = 0; hart < scheduler.harts(); hart++) {
            long record = scheduler.record(hart);
            if (PerCpuLayout.CURRENT.get(view, record) != PerCpuLayout.IDLE.get(view, record)) {
                active += 1 + PerCpuLayout.RQ_COUNT.get(view, record);
            }
        }
        for (long node : ListHead.nodes(view, RootLayout.TASK_LIST.at(root), Tasks.MAX_TASKS)) {
            long task = TaskLayout.TASKS.containerOf(node);
            active += TaskLayout.STATE.get(view, task) == TaskLayout.UNINTERRUPTIBLE && !isCurrent(view, task) ? 1 : 0;
        }
        return active;
    }

    private boolean isCurrent(ReadableMemory view, long task) {
        return PerCpuLayout.CURRENT.get(view, scheduler.record(TaskLayout.HART.get(view, task))) == task;
    }
}

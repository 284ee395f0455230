package ferrite.kernel.sched;

import static ferrite.kernel.base.TaskLayout.NICE;
import static ferrite.kernel.base.TaskLayout.POLICY;
import static ferrite.kernel.base.TaskLayout.RT_PRIORITY;
import static ferrite.kernel.base.TaskLayout.RUN_NODE;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.PerCpuLayout;
import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.core.KernelBase;

/**
 * Priorities of tasks. A task of SCHED_FIFO runs before all with a lower priority, and keeps its hart until it sleeps
 * or one with a higher priority wakes. The others, of SCHED_NORMAL, take turns; the time of a turn follows from the
 * nice value by Linux's weights, so that each gets a share and none starves. A task that is preempted loses the rest of
 * its turn.
 *
 * <pre>
 *  run queue:  FIFO, highest priority first | NORMAL, in the order of their turns
 * </pre>
 */
@Plumbing
public final class Priorities {

    public static final int MIN_NICE = -20;
    public static final int MAX_NICE = 19;
    /** Half of {@code MAX_RT_PRIO}, the priority of all drivers' tasks of SCHED_FIFO, and the lowest. */
    private static final int FIFO = 50;
    private static final int FIFO_LOW = 1;
    /** The turn of a task with nice 0: 4 ms. */
    private static final long TIME_SLICE_TICKS = 4L * 1000 * Clock.TICKS_PER_MICROSECOND;
    private static final int NICE_0_WEIGHT = 1024;
    /** Linux's {@code sched_prio_to_weight}: a step of nice is 10 percent of a hart between two tasks. */
    private static final int[] WEIGHTS = {88761, 71755, 56483, 46273, 36291, 29154, 23254, 18705, 14949, 11916, 9548,
        7620, 6100, 4904, 3906, 3121, 2501, 1991, 1586, 1277, 1024, 820, 655, 526, 423, 335, 272, 215, 172, 137, 110,
        87, 70, 56, 45, 36, 29, 23, 18, 15};

    private final KernelMemory memory;
    private final Scheduler scheduler;

    Priorities(KernelBase base, Scheduler scheduler) {
        this.memory = base.memory();
        this.scheduler = scheduler;
    }

    // ---- calls ----

    /**
     * {@code set_user_nice}. As in Linux, a value out of range changes nothing, and that of a FIFO task takes effect
     * when it is a normal one. Any context.
     */
    public void setNice(long task, int nice) {
        if (nice >= MIN_NICE && nice <= MAX_NICE) {
            NICE.set(memory, task, nice);
        }
    }

    /** {@code task_nice}. Any context. */
    public int nice(long task) {
        return NICE.get(memory, task);
    }

    /** {@code sched_set_fifo}. Any context. */
    public void setFifo(long task) {
        change(task, TaskLayout.SCHED_FIFO, FIFO);
    }

    /** {@code sched_set_fifo_low}: below all other FIFO tasks. Any context. */
    public void setFifoLow(long task) {
        change(task, TaskLayout.SCHED_FIFO, FIFO_LOW);
    }

    /** {@code sched_set_normal}. Any context. */
    public void setNormal(long task, int nice) {
        setNice(task, nice);
        change(task, TaskLayout.SCHED_NORMAL, 0);
    }

    private void change(long task, int policy, int priority) {
        scheduler.requeue(task, () -> {
            POLICY.set(memory, task, policy);
            RT_PRIORITY.set(memory, task, priority);
        });
    }

    /** Returns a task's priority as {@code /proc/PID/stat} shows it: 20 and nice, or -1 and less for FIFO. */
    public static int shown(ReadableMemory view, long task) {
        int priority = RT_PRIORITY.get(view, task);
        return priority == 0 ? 20 + NICE.get(view, task) : -1 - priority;
    }

    // ---- the scheduler's questions ----

    /** Returns the ticks after which a task's turn ends while others wait. */
    long slice(long task) {
        int nice = NICE.get(memory, task);
        return nice == 0 ? TIME_SLICE_TICKS : TIME_SLICE_TICKS * WEIGHTS[nice - MIN_NICE] / NICE_0_WEIGHT;
    }

    /**
     * Puts a task on a run queue. Returns whether it has SCHED_FIFO.
     *
     * @param first whether a FIFO task goes before those with its priority: one that was preempted does
     */
    boolean insert(long list, long task, boolean first) {
        int priority = RT_PRIORITY.get(memory, task);
        long before = list;
        if (priority != 0) {
            before = ListHead.first(memory, list);
            while (before != list && goesAfter(before, priority, first)) {
                before = ListHead.next(memory, before);
            }
        }
        ListHead.addTail(memory, RUN_NODE.at(task), before);
        return priority != 0;
    }

    private boolean goesAfter(long node, int priority, boolean first) {
        int other = RT_PRIORITY.get(memory, RUN_NODE.containerOf(node));
        return first ? other > priority : other >= priority;
    }

    /** Returns whether the first task on a hart's run queue has a higher priority than the hart's current one. */
    boolean isDue(long record) {
        long node = ListHead.first(memory, PerCpuLayout.RQ_LIST.at(record));
        long current = PerCpuLayout.CURRENT.get(memory, record);
        return node != PerCpuLayout.RQ_LIST.at(record) && current != 0
                && RT_PRIORITY.get(memory, RUN_NODE.containerOf(node)) > RT_PRIORITY.get(memory, current);
    }

    /** Chooses among busy harts: for a FIFO task the one whose task has the lowest priority, else the last one. */
    int chooseBusy(long task, int allowed, int last) {
        int mine = RT_PRIORITY.get(memory, task);
        int best = last;
        for (int hart = 0; mine != 0 && hart < scheduler.harts(); hart++) {
            if ((allowed >> hart & 1) != 0 && priorityOn(hart) < Math.min(mine, priorityOn(best))) {
                best = hart;
            }
        }
        return best;
    }

    private int priorityOn(int hart) {
        long current = PerCpuLayout.CURRENT.get(memory, scheduler.record(hart));
        return current == 0 ? Integer.MAX_VALUE : RT_PRIORITY.get(memory, current);
    }
}

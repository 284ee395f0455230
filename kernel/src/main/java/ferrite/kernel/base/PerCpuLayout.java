package ferrite.kernel.base;

/** A hart's own record, in cache lines of its own. */
public final class PerCpuLayout {

    public static final int SIZE = 512;
    public static final int SOURCES = 32;

    public static final Struct STRUCT = Struct.of("per_cpu", SIZE);

    /** Protects the run queue, and the state of every task that belongs to this hart. */
    public static final Embedded RQ_LOCK = STRUCT.spinlock("rq_lock", 0);
    public static final Embedded RQ_LIST = STRUCT.list("rq_list", 4);
    public static final Word RQ_COUNT = STRUCT.u32("nr_running", 12);
    public static final Pointer CURRENT = STRUCT.pointer("curr", 16, "struct task_struct");
    public static final Pointer IDLE = STRUCT.pointer("idle", 20, "struct task_struct");
    public static final Word NEED_RESCHED = STRUCT.u32("need_resched", 24);
    /** The task that has just died on this hart, until the next task has started there. */
    public static final Pointer DEAD_TASK = STRUCT.pointer("dead_task", 28, "struct task_struct");
    public static final ULong TIMER_COUNT = STRUCT.ulong("timer_count", 32);
    public static final ULong IPI_COUNT = STRUCT.ulong("ipi_count", 36);
    public static final Word SWITCHES = STRUCT.u32("nr_switches", 40);
    /** The softirqs that are raised and not served yet, a bit each. Only this hart changes it, with interrupts off. */
    public static final Word SOFTIRQ_PENDING = STRUCT.u32("__softirq_pending", 44);
    /** The task that serves softirqs when there are too many for interrupts. */
    public static final Pointer KSOFTIRQD = STRUCT.pointer("ksoftirqd", 48, "struct task_struct");
    /** The function of a timer or tasklet that a softirq has called, or 0. */
    public static final Pointer CURRENT_SOFTIRQ = STRUCT.function("current_softirq", 52);
    /** The time at which the current task's time slice ends. */
    public static final U64 TICK_DUE = STRUCT.u64("tick_due", 56);
    /** Interrupts handled, by PLIC source. */
    public static final ULong IRQ_COUNTS = STRUCT.ulong("irqs", 64, SOURCES);
    /** The interrupt that is being handled, or 0, and its handler. */
    public static final Word CURRENT_IRQ = STRUCT.u32("current_irq", 192);
    public static final Pointer CURRENT_HANDLER = STRUCT.function("current_handler", 196);
    /** The function that another hart wants this one to run, or 0, see {@code CrossCall}; and its argument. */
    public static final Pointer CALL = STRUCT.function("call", 200);
    public static final Pointer CALL_ARGUMENT = STRUCT.pointer("call_argument", 204, "void");
    /** Nesting of atomic mappings of high memory, see {@code Kmap}. */
    public static final Word KMAP_DEPTH = STRUCT.u32("kmap_depth", 208);
    /** The timers of this hart: those that softirqs serve, and those that the timer interrupt serves itself. */
    public static final Embedded TIMERS = STRUCT.embedded("timer_base", 256, TimerBaseLayout.STRUCT);
    public static final Embedded HRTIMERS = STRUCT.embedded("hrtimer_base", 280, TimerBaseLayout.STRUCT);
    /** The tasklets that are scheduled on this hart, those with the higher priority first. */
    public static final Embedded TASKLETS_HI = STRUCT.list("tasklet_hi_vec", 304);
    public static final Embedded TASKLETS = STRUCT.list("tasklet_vec", 312);
    /** The tasklet that runs its function, or 0. */
    public static final Pointer CURRENT_TASKLET = STRUCT.pointer("current_tasklet", 416, "struct tasklet_struct");
    /** The pool of workers that run on this hart. */
    public static final Embedded POOL = STRUCT.embedded("worker_pool", 320, WorkPoolLayout.STRUCT);
    /** Ticks that the hart has spent in interrupts and in softirqs, until {@link #IRQ_BOUNDARY}. */
    public static final U64 IRQ_TIME = STRUCT.u64("hardirq_time", 344);
    public static final U64 SOFTIRQ_TIME = STRUCT.u64("softirq_time", 352);
    /** The time at which an interrupt or softirq began or ended last. */
    public static final U64 IRQ_BOUNDARY = STRUCT.u64("irq_start_time", 360);
    /** The ticks in interrupts and softirqs at the last switch, which no task is charged for. */
    public static final U64 IRQ_SEEN = STRUCT.u64("irq_seen", 368);
    /** Softirqs served, by number. */
    public static final ULong SOFTIRQ_COUNTS = STRUCT.ulong("softirqs", 376, 10);
    /** The packets that this hart is to receive. */
    public static final Embedded SOFTNET = STRUCT.embedded("softnet_data", 424, "softnet_data", 32);
    /** The stack of handlers and softirqs, and of the idle task. */
    public static final Pointer IRQ_STACK = STRUCT.pointer("irq_stack_ptr", 508, "void");

    private PerCpuLayout() { }
}

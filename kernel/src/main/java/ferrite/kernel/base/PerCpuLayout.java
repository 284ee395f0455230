package ferrite.kernel.base;

/** A hart's own record, in cache lines of its own. */
public final class PerCpuLayout {

    public static final int SIZE = 256;
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
    /** Protects the timers of this hart. */
    public static final Embedded TIMER_LOCK = STRUCT.spinlock("timer_lock", 44);
    /** The timers of this hart, in the order in which they expire. */
    public static final Embedded TIMER_LIST = STRUCT.list("timers", 48);
    /** The time at which the current task's time slice ends. */
    public static final U64 TICK_DUE = STRUCT.u64("tick_due", 56);
    /** Interrupts handled, by PLIC source. */
    public static final ULong IRQ_COUNTS = STRUCT.ulong("irqs", 64, SOURCES);
    /** The timer that has expired and runs its function, or 0. */
    public static final Pointer RUNNING_TIMER = STRUCT.pointer("running_timer", 192, "struct timer_list");
    /** The time at which the first timer expires, or earlier. Only this hart reads and writes it. */
    public static final U64 TIMER_DUE = STRUCT.u64("next_expiry", 200);
    /** The interrupt that is being handled, or 0, and its handler. */
    public static final Word CURRENT_IRQ = STRUCT.u32("current_irq", 208);
    public static final Pointer CURRENT_HANDLER = STRUCT.function("current_handler", 212);
    /** The function that another hart wants this one to run, or 0, see {@code CrossCall}; and its argument. */
    public static final Pointer CALL = STRUCT.function("call", 216);
    public static final Pointer CALL_ARGUMENT = STRUCT.pointer("call_argument", 220, "void");
    /** Nesting of atomic mappings of high memory, see {@code Kmap}. */
    public static final Word KMAP_DEPTH = STRUCT.u32("kmap_depth", 224);

    private PerCpuLayout() { }
}

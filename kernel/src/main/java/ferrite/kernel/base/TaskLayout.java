package ferrite.kernel.base;

/** {@code struct task_struct}. A hart's {@code tp} holds the address of the task that it runs. */
public final class TaskLayout {

    public static final int SIZE = 256;
    public static final int COMM_BYTES = 16;
    public static final int MAX_FILES = 8;

    public static final Struct STRUCT = Struct.of("task_struct", SIZE);

    public static final Word PID = STRUCT.u32("pid", 0);
    /** See {@link #RUNNING} and the others below. */
    public static final Word STATE = STRUCT.u32("__state", 4);
    /** Linux's {@code preempt_count}, see {@code Context}. */
    public static final Word PREEMPT_COUNT = STRUCT.u32("preempt_count", 8);
    public static final Word HART = STRUCT.u32("cpu", 12);
    /** The harts that may run the task, a bit each. */
    public static final Word ALLOWED = STRUCT.u32("cpus_mask", 16);
    /** See {@link #AT_RESTART} and the others below. */
    public static final Word FLAGS = STRUCT.u32("flags", 20);
    /** The function that the task runs, again and again, and its argument. */
    public static final Pointer ENTRY = STRUCT.function("entry", 24);
    public static final Pointer ARGUMENT = STRUCT.pointer("argument", 28, "void");
    public static final Word EXIT_CODE = STRUCT.s32("exit_code", 32);
    public static final Pointer PARENT = STRUCT.pointer("parent", 36, "struct task_struct");
    /** In the list of all tasks. */
    public static final Embedded TASKS = STRUCT.list("tasks", 40);
    /** On a run queue. */
    public static final Embedded RUN_NODE = STRUCT.list("run_node", 48);
    /** Ticks that the task has run, and the time at which it last got a hart. */
    public static final U64 RUNTIME = STRUCT.u64("sum_exec_runtime", 64);
    public static final U64 SINCE = STRUCT.u64("exec_start", 72);
    public static final Text COMM = STRUCT.text("comm", 80, COMM_BYTES);
    /** The name as an interned string, for records that outlive the task. */
    public static final Pointer NAME = STRUCT.pointer("name", 96, "char");
    /** Open files by number. */
    public static final Pointer FILES = STRUCT.pointer("files", 100, "struct file", MAX_FILES);
    /** Signals that were sent and not taken yet: signal N is bit N - 1. */
    public static final Word PENDING = STRUCT.u32("pending", FILES.end());
    /** The timer that ends a sleep. */
    public static final Embedded TIMER = STRUCT.embedded("timer", PENDING.end(), "timer_list", 32);
    /** The task's entry on a wait queue. */
    public static final Embedded WAIT = STRUCT.embedded("wait", 236, "wait_queue_entry", 20);

    /** States, with Linux's values. A wake-up names the states that it ends as a mask of them. */
    public static final int RUNNING = 0;
    /** The task sleeps until it is woken, or a signal is sent to it. */
    public static final int INTERRUPTIBLE = 1;
    /** The task sleeps until it is woken; no signal ends the sleep. */
    public static final int UNINTERRUPTIBLE = 2;
    public static final int SLEEPING = INTERRUPTIBLE | UNINTERRUPTIBLE;
    public static final int DEAD = 16;
    /** Dead and off its hart; the parent has not asked for the exit code yet. */
    public static final int ZOMBIE = 32;

    /** The task stands at its entry: no Java frame of it matters. */
    public static final int AT_RESTART = 1;
    public static final int IDLE = 2;
    /** The task runs a program, and so takes signals; the kernel's own tasks do not. */
    public static final int PROGRAM = 4;
    /**
     * Linux's {@code PF_MEMALLOC}: the task reclaims memory, and so may allocate the last free pages. Only the task
     * itself sets and clears it.
     */
    public static final int MEMALLOC = 8;

    /** The parts of the preempt count, with Linux's values (include/linux/preempt.h). */
    public static final int PREEMPT_MASK = 0xff;
    public static final int SOFTIRQ_MASK = 0xff00;
    public static final int HARDIRQ_MASK = 0xf_0000;
    /** One interrupt in the preempt count. */
    public static final int HARDIRQ = 1 << 16;

    private TaskLayout() { }

    public static String stateLetter(int state) {
        return switch (state) {
            case RUNNING -> "R";
            case INTERRUPTIBLE -> "S";
            case UNINTERRUPTIBLE -> "D";
            case ZOMBIE -> "Z";
            default -> "X";
        };
    }
}

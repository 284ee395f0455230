package ferrite.kernel.base;

/** {@code struct task_struct}. A hart's {@code tp} holds the address of the task that it runs. */
public final class TaskLayout {

    public static final int SIZE = 512;
    public static final int COMM_BYTES = 16;
    public static final int MAX_FILES = 32;

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
    /** The task that reaps a program, or a helper of a command; 0 for other tasks. */
    public static final Pointer PARENT = STRUCT.pointer("parent", 36, "struct task_struct");
    /** In the list of all tasks. */
    public static final Embedded TASKS = STRUCT.list("tasks", 40);
    /** On a run queue. */
    public static final Embedded RUN_NODE = STRUCT.list("run_node", 48);
    /** The time at which the task was made. */
    public static final U64 START_TIME = STRUCT.u64("start_time", 56);
    /** Ticks that the task has run, and the time at which it last got a hart. */
    public static final U64 RUNTIME = STRUCT.u64("sum_exec_runtime", 64);
    public static final U64 SINCE = STRUCT.u64("exec_start", 72);
    public static final Text COMM = STRUCT.text("comm", 80, COMM_BYTES);
    /** The name as an interned string, for records that outlive the task. */
    public static final Pointer NAME = STRUCT.pointer("name", 96, "char");
    /** The address space of a program of machine code; 0 for all other tasks. */
    public static final Pointer MM = STRUCT.pointer("mm", 100, "struct mm_struct");
    /** The rest of a program of machine code; 0 for all other tasks. */
    public static final Pointer PROCESS = STRUCT.pointer("process", 104, "struct process");
    /** The signal that ended the program, or 0. */
    public static final Word EXIT_SIGNAL = STRUCT.u32("exit_signal", 108);
    /** Ticks that the task has run in U-mode. */
    public static final U64 UTIME = STRUCT.u64("utime", 112);
    /** The descriptors that {@code execve} closes, a bit each. */
    public static final Word CLOSE_ON_EXEC = STRUCT.u32("close_on_exec", 120);
    /** Signals that are not taken now, and signals that are dropped when they are sent: signal N is bit N - 1. */
    public static final Word BLOCKED = STRUCT.u32("blocked", 124);
    public static final Word IGNORED = STRUCT.u32("ignored", 128);
    /** Signals that were sent and not taken yet. */
    public static final Word PENDING = STRUCT.u32("pending", 132);
    /** The timer that ends a sleep. */
    public static final Embedded TIMER = STRUCT.embedded("timer", PENDING.end(), "hrtimer", 32);

    /** Not 0 once {@code kthread_stop} was called for the task. */
    public static final Word SHOULD_STOP = STRUCT.u32("should_stop", TIMER.offset() + 32);
    /** A worker's pool plus 1; 0 for other tasks. The pool's lock protects the rest. */
    public static final Word WORKER_POOL = STRUCT.u32("worker_pool", SHOULD_STOP.end());
    public static final Word WORKER_IDLE = STRUCT.u32("worker_idle", WORKER_POOL.end());
    /** In the list of the pool's workers. */
    public static final Embedded WORKER_NODE = STRUCT.list("worker_node", WORKER_IDLE.end());
    /** The item of work that the worker calls, or 0, the queue that it came from, and its number there. */
    public static final Pointer CURRENT_WORK = STRUCT.pointer("current_work", WORKER_NODE.end(), "struct work_struct");
    public static final Pointer CURRENT_QUEUE =
            STRUCT.pointer("current_wq", CURRENT_WORK.end(), "struct workqueue_struct");
    public static final Word WORK_SEQUENCE = STRUCT.u32("work_sequence", CURRENT_QUEUE.end());
    public static final Pointer CURRENT_FUNCTION = STRUCT.function("current_func", WORK_SEQUENCE.end());
    /** The task's entry on a wait queue. */
    public static final Embedded WAIT = STRUCT.embedded("wait", 236, "wait_queue_entry", 20);
    /** The lowest address of the kernel stack; 0 for a reserved task that has not run yet. */
    public static final Pointer STACK = STRUCT.pointer("stack", 256, "void");
    public static final Embedded THREAD = STRUCT.embedded("thread", STACK.end(), ThreadLayout.STRUCT);
    /** {@link #SCHED_NORMAL} or {@link #SCHED_FIFO}, the priority of the latter, and the nice value of the former. */
    public static final Word POLICY = STRUCT.u32("policy", 264);
    public static final Word RT_PRIORITY = STRUCT.u32("rt_priority", 268);
    public static final Word NICE = STRUCT.s32("nice", 272);
    /** An array of {@link SigInfoLayout} for signals 1 to 31; 0 for tasks that are no program of machine code. */
    public static final Pointer SIGINFO = STRUCT.pointer("siginfo", 276, "struct kernel_siginfo");

    /** The queue on which a system call waits at the restart point, or 0, and its {@code poll} with a table, or 0. */
    public static final Pointer CALL_QUEUE = STRUCT.pointer("call_queue", 280, "struct wait_queue_head");
    public static final Pointer CALL_POLL = STRUCT.pointer("call_poll", 284, "struct poll_wqueues");
    /** When that wait ends, in ticks; 0 while there is none. */
    public static final U64 CALL_UNTIL = STRUCT.u64("call_until", 288);
    /** The bytes that the system call has moved before that wait. */
    public static final Word CALL_DONE = STRUCT.u32("call_done", 296);

    /** The {@code struct blk_plug} that the bios of the task wait for; 0 for none. */
    public static final Pointer PLUG = STRUCT.pointer("plug", 300, "struct blk_plug");

    /** The signals that a program has asked to ignore, and those that it has handlers for. */
    public static final Word SIG_IGN = STRUCT.u32("sig_ign", 304);
    public static final Word CAUGHT = STRUCT.u32("sig_cgt", 308);

    /** Open files by number. */
    public static final Pointer FILES = STRUCT.pointer("files", 384, "struct file", MAX_FILES);

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
    /** The task does not wait for its children: they do not stay as zombies ({@code SA_NOCLDWAIT}). */
    public static final int NO_CLD_WAIT = 32;
    /** A kernel task that takes SIGINT, and no other signal ({@code allow_signal}). Only the task itself changes it. */
    public static final int ALLOWS_SIGINT = 64;
    /** The task has ended itself by {@code kthread_complete_and_exit}; its exit code is stored. */
    public static final int EXITS = 16;

    /** Policies, with Linux's values. */
    public static final int SCHED_NORMAL = 0;
    public static final int SCHED_FIFO = 1;

    /** The parts of the preempt count, with Linux's values (include/linux/preempt.h). */
    public static final int PREEMPT_MASK = 0xff;
    public static final int SOFTIRQ_MASK = 0xff00;
    public static final int HARDIRQ_MASK = 0xf_0000;
    /** One interrupt in the preempt count. */
    public static final int HARDIRQ = 1 << 16;
    /** Softirqs that are being served, in the preempt count. */
    public static final int SERVING_SOFTIRQ = 1 << 8;
    /** One {@code local_bh_disable} in the preempt count. */
    public static final int SOFTIRQ_DISABLED = 2 << 8;
    /** The bits of the preempt count that say that an interrupt or softirq is served, or softirqs are disabled. */
    public static final int IN_INTERRUPT = SOFTIRQ_MASK | HARDIRQ_MASK;

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

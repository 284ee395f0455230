package ferrite.kernel.base;

/** {@code task_struct}. {@code tp} of a hart holds the address of the one that it runs. */
public final class TaskLayout {

    public static final int SIZE = 256;
    public static final int COMM_BYTES = 16;
    public static final int MAX_FILES = 8;

    public static final int PID = 0;
    public static final int STATE = 4;
    /** Linux's {@code preempt_count}, see {@code Context}. */
    public static final int PREEMPT_COUNT = 8;
    public static final int HART = 12;
    /** The harts it may run on, a bit each. */
    public static final int ALLOWED = 16;
    public static final int FLAGS = 20;
    /** Where it begins, and begins again: text address and argument. */
    public static final int ENTRY = 24;
    public static final int ARGUMENT = 28;
    public static final int EXIT_CODE = 32;
    public static final int PARENT = 36;
    /** In the list of all tasks. */
    public static final int TASKS = 40;
    /** On a run queue. */
    public static final int RUN_NODE = 48;
    /** On a wait queue. */
    public static final int WAIT_NODE = 56;
    /** Ticks it has run, and when it was last given a hart. */
    public static final int RUNTIME = 64;
    public static final int SINCE = 72;
    public static final int COMM = 80;
    /** Its name among the interned strings, for those who outlive it. */
    public static final int NAME = 96;
    /** Open files by number. */
    public static final int FILES = 100;
    /** Signals that were sent and have not been taken, a bit each: signal N is bit N - 1. */
    public static final int PENDING = FILES + 4 * MAX_FILES;
    /** The timer that ends a sleep. */
    public static final int TIMER = PENDING + 4;

    /** States, with Linux's values: what a sleeping task may be woken for is a mask of them. */
    public static final int RUNNING = 0;
    /** It sleeps until it is woken, or a signal is sent to it. */
    public static final int INTERRUPTIBLE = 1;
    /** It sleeps until it is woken, whatever is sent to it. */
    public static final int UNINTERRUPTIBLE = 2;
    public static final int SLEEPING = INTERRUPTIBLE | UNINTERRUPTIBLE;
    public static final int DEAD = 16;
    /** Dead, off its hart, and waiting for its parent to look. */
    public static final int ZOMBIE = 32;

    /** It stands where it begins: no Java frame of it matters. */
    public static final int AT_RESTART = 1;
    public static final int IDLE = 2;
    /** It runs a program, and so takes signals; the kernel's own tasks do not. */
    public static final int PROGRAM = 4;
    /** Linux's {@code PF_MEMALLOC}: it gets memory back, and so may use what is left of it; only the task itself sets and clears it. */
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

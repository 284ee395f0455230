package ferrite.kernel.base;

/** What each hart has for itself: one record a hart, each in cache lines of its own. */
public final class PerCpuLayout {

    public static final int SIZE = 256;
    public static final int SOURCES = 32;

    /** Protects the run queue, and the state of every task that belongs to this hart. */
    public static final int RQ_LOCK = 0;
    public static final int RQ_LIST = 4;
    public static final int RQ_COUNT = 12;
    public static final int CURRENT = 16;
    public static final int IDLE = 20;
    public static final int NEED_RESCHED = 24;
    /** The task that has just died here, until the next one has taken over its hart. */
    public static final int DEAD_TASK = 28;
    public static final int TIMER_COUNT = 32;
    public static final int IPI_COUNT = 36;
    public static final int SWITCHES = 40;
    /** Timers of this hart, the one that is due first at the head, and what protects them. */
    public static final int TIMER_LOCK = 44;
    public static final int TIMER_LIST = 48;
    /** When the current task has had its time. */
    public static final int TICK_DUE = 56;
    /** Interrupts handled, by PLIC source. */
    public static final int IRQ_COUNTS = 64;
    /** The timer whose function runs, or 0. */
    public static final int RUNNING_TIMER = IRQ_COUNTS + 4 * SOURCES;
    /** When the first timer is due, or earlier. Touched by this hart alone. */
    public static final int TIMER_DUE = RUNNING_TIMER + 8;
    /** The interrupt that is being handled, and the text address of its handler; 0 when there is none. */
    public static final int CURRENT_IRQ = TIMER_DUE + 8;
    public static final int CURRENT_HANDLER = CURRENT_IRQ + 4;
    /** What another hart wants this one to run, see {@code CrossCall}. */
    public static final int CALL = CURRENT_HANDLER + 4;
    public static final int CALL_ARGUMENT = CALL + 4;
    /** How many atomic mappings of high memory are nested, see {@link ferrite.kernel.mm.Kmap}. */
    public static final int KMAP_DEPTH = CALL_ARGUMENT + 4;

    private PerCpuLayout() { }
}

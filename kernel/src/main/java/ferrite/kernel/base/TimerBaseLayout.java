package ferrite.kernel.base;

/** {@code struct timer_base}: a hart's queue of timers of one kind. */
public final class TimerBaseLayout {

    public static final int SIZE = 24;

    public static final Struct STRUCT = Struct.of("timer_base", SIZE);

    public static final Embedded LOCK = STRUCT.spinlock("lock", 0);
    /** The timers that are set, in the order in which they expire. */
    public static final Embedded LIST = STRUCT.list("timers", 4);
    /** The timer that has expired and runs its function, or 0. */
    public static final Pointer RUNNING = STRUCT.pointer("running_timer", 12, "struct timer_list");
    /** The time at which the first timer expires, or earlier. Only the queue's hart reads and writes it. */
    public static final U64 NEXT = STRUCT.u64("next_expiry", 16);

    private TimerBaseLayout() { }
}

package ferrite.kernel.base;

/** {@code struct worker_pool}: a list of work items, and the workers that call them. */
public final class WorkPoolLayout {

    public static final int SIZE = 24;

    public static final Struct STRUCT = Struct.of("worker_pool", SIZE);

    public static final Embedded LOCK = STRUCT.spinlock("lock", 0);
    /** The items that are active and not taken by a worker yet. */
    public static final Embedded WORKLIST = STRUCT.list("worklist", 4);
    public static final Embedded WORKERS = STRUCT.list("workers", 12);
    /** The workers that the pool has had. */
    public static final Word NR_WORKERS = STRUCT.u32("nr_workers", 20);

    private WorkPoolLayout() { }
}

package ferrite.kernel.sched;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;

/** {@code struct rw_semaphore}, in zeroed memory. */
@DriverApi
public final class RwSemaphoreLayout {

    public static final int SIZE = 24;

    public static final Struct STRUCT = Struct.of("rw_semaphore", SIZE);

    static final Embedded LOCK = STRUCT.spinlock("lock", 0);
    /** The readers that hold it, or -1 while a writer does. */
    static final Word ACTIVITY = STRUCT.s32("activity", 4);
    /** The writers that wait. Later readers wait behind them. */
    static final Word WRITERS = STRUCT.u32("writers", 8);
    static final Embedded WAITERS = STRUCT.embedded("wait_list", 12, WaitQueueLayout.STRUCT);

    private RwSemaphoreLayout() { }
}

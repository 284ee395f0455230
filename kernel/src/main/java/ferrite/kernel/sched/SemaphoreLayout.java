package ferrite.kernel.sched;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;

/** {@code struct semaphore}: a count that a lock protects, and a wait queue. */
@DriverApi
public final class SemaphoreLayout {

    public static final int SIZE = 20;

    public static final Struct STRUCT = Struct.of("semaphore", SIZE);

    static final Embedded LOCK = STRUCT.spinlock("lock", 0);
    static final Word COUNT = STRUCT.u32("count", 4);
    static final Embedded WAITERS = STRUCT.embedded("wait_list", 8, WaitQueueLayout.STRUCT);

    private SemaphoreLayout() { }
}

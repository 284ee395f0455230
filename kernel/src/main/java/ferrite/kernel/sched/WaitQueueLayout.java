package ferrite.kernel.sched;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Struct;

/** {@code wait_queue_head_t}: a lock and a list of tasks, in zeroed memory. */
@DriverApi
public final class WaitQueueLayout {

    public static final int SIZE = 12;

    public static final Struct STRUCT = Struct.of("wait_queue_head", SIZE);

    static final Embedded LOCK = STRUCT.spinlock("lock", 0);
    static final Embedded LIST = STRUCT.list("head", 4);

    private WaitQueueLayout() { }
}

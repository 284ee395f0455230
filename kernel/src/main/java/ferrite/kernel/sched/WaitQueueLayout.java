package ferrite.kernel.sched;

import ferrite.kernel.base.DriverApi;

/** {@code wait_queue_head_t}: a lock and a list of tasks, in zeroed memory. */
@DriverApi
public final class WaitQueueLayout {

    static final int LOCK = 0;
    static final int LIST = 4;
    public static final int SIZE = 12;

    private WaitQueueLayout() { }
}

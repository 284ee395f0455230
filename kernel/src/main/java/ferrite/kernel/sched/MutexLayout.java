package ferrite.kernel.sched;

import ferrite.kernel.base.DriverApi;

/** {@code struct mutex}: a word and a wait queue, in zeroed memory. */
@DriverApi
public final class MutexLayout {

    static final int HELD = 0;
    static final int WAITERS = 4;
    public static final int SIZE = WAITERS + WaitQueueLayout.SIZE;

    private MutexLayout() { }
}

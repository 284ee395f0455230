package ferrite.kernel.sched;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;

/** {@code struct mutex}: a word and a wait queue, in zeroed memory. */
@DriverApi
public final class MutexLayout {

    public static final int SIZE = 16;

    public static final Struct STRUCT = Struct.of("mutex", SIZE);

    static final Word HELD = STRUCT.u32("held", 0);
    static final Embedded WAITERS = STRUCT.embedded("waiters", 4, WaitQueueLayout.STRUCT);

    private MutexLayout() { }
}

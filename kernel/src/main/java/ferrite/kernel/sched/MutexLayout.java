package ferrite.kernel.sched;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;

/** {@code struct mutex}: a word and a wait queue, in zeroed memory. */
@DriverApi
public final class MutexLayout {

    public static final int SIZE = 20;

    public static final Struct STRUCT = Struct.of("mutex", SIZE);

    /** Of the wait queue in the record. */
    public static final int WAITERS_OFFSET = 4;

    /** See {@link #LOCKED} and {@link #HANDOFF}. */
    static final Word HELD = STRUCT.u32("held", 0);
    static final Embedded WAITERS = STRUCT.embedded("waiters", WAITERS_OFFSET, WaitQueueLayout.STRUCT);
    /** The task that the mutex was handed to, until it notices; or 0. */
    static final Pointer HANDED = STRUCT.pointer("handed", 16, "struct task_struct");

    static final int LOCKED = 1;
    /** Linux's {@code MUTEX_FLAG_HANDOFF}: a waiter was overtaken, and the next unlock hands the mutex over. */
    static final int HANDOFF = 2;

    private MutexLayout() { }
}

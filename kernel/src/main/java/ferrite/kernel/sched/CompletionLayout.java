package ferrite.kernel.sched;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;

/** {@code struct completion}, in zeroed memory. */
@DriverApi
public final class CompletionLayout {

    public static final int SIZE = 20;

    public static final Struct STRUCT = Struct.of("completion", SIZE);

    static final Embedded LOCK = STRUCT.spinlock("lock", 0);
    /** The calls of {@code complete} that no task has waited for yet; {@link #ALL} after {@code complete_all}. */
    static final Word DONE = STRUCT.u32("done", 4);
    static final Embedded WAITERS = STRUCT.embedded("wait", 8, WaitQueueLayout.STRUCT);

    static final int ALL = Integer.MAX_VALUE;

    private CompletionLayout() { }
}

package ferrite.kernel.work;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;
import ferrite.kernel.sched.HrTimerLayout;

/** {@code struct delayed_work}: a work item with a timer. The item is its first field. */
@DriverApi
public final class DelayedWorkLayout {

    public static final int SIZE = 72;

    public static final Struct STRUCT = Struct.of("delayed_work", SIZE);

    static final Embedded WORK = STRUCT.embedded("work", 0, WorkLayout.STRUCT);
    static final Embedded TIMER = STRUCT.embedded("timer", 32, HrTimerLayout.STRUCT);
    static final Pointer QUEUE = STRUCT.pointer("wq", 64, "struct workqueue_struct");
    /** The hart on which it is called, or -1 for the timer's own. */
    static final Word HART = STRUCT.s32("cpu", 68);

    private DelayedWorkLayout() { }
}

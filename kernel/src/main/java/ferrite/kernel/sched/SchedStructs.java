package ferrite.kernel.sched;

import ferrite.kernel.base.Struct;
import java.util.List;

/** The layouts of all records of tasks, their queues and timers, for debuggers. */
public final class SchedStructs {

    public static final List<Struct> ALL = List.of(
            CompletionLayout.STRUCT, HrTimerLayout.STRUCT, MutexLayout.STRUCT,
            RwSemaphoreLayout.STRUCT, SemaphoreLayout.STRUCT, TaskletLayout.STRUCT, TimerLayout.STRUCT,
            Timespec64Layout.STRUCT, WaitEntryLayout.STRUCT, WaitQueueLayout.STRUCT);

    private SchedStructs() { }
}

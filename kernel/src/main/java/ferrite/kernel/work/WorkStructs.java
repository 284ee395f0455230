package ferrite.kernel.work;

import ferrite.kernel.base.Struct;
import java.util.List;

/** The layouts of all records of work queues, for debuggers. */
public final class WorkStructs {

    public static final List<Struct> ALL = List.of(
            DelayedWorkLayout.STRUCT, RcuHeadLayout.STRUCT, WorkLayout.STRUCT, WorkQueueLayout.STRUCT);

    private WorkStructs() { }
}

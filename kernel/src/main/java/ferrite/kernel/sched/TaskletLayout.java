package ferrite.kernel.sched;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;

/** {@code struct tasklet_struct}, see {@link Tasklet}. */
@DriverApi
public final class TaskletLayout {

    public static final int SIZE = 24;

    public static final Struct STRUCT = Struct.of("tasklet_struct", SIZE);

    static final Embedded NODE = STRUCT.list("node", 0);
    /** See {@link #SCHED} and {@link #RUN}. */
    static final Word STATE = STRUCT.u32("state", 8);
    /** The calls of {@code tasklet_disable} without their {@code tasklet_enable}. */
    static final Word COUNT = STRUCT.u32("count", 12);
    static final Pointer FUNCTION = STRUCT.function("func", 16);
    static final Pointer DATA = STRUCT.pointer("data", 20, "void");

    /** Linux's bits: scheduled, and running on a hart. */
    static final int SCHED = 1;
    static final int RUN = 2;
    /** Scheduled, but on no list because it is disabled; and the list that it belongs to. */
    static final int PARKED = 4;
    static final int PARKED_HI = 8;

    private TaskletLayout() { }
}

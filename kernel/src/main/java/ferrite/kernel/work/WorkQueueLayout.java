package ferrite.kernel.work;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;

/** {@code struct workqueue_struct}, see {@link WorkQueues}. The lock of a pool protects its elements of the arrays. */
public final class WorkQueueLayout {

    public static final int SIZE = 128;

    public static final Struct STRUCT = Struct.of("workqueue_struct", SIZE);

    static final Pointer NAME = STRUCT.pointer("name", 0, "char");
    /** Of {@link WorkFlags}. */
    static final Word FLAGS = STRUCT.u32("flags", 4);
    /** Items that are worked on at once, in each pool. */
    static final Word MAX_ACTIVE = STRUCT.u32("max_active", 8);
    /** Items of each pool that are in its list or worked on. */
    static final Word ACTIVE = STRUCT.u32("nr_active", 16, WorkPool.POOLS);
    /** Items of each pool that wait until fewer are active. */
    static final Embedded INACTIVE = STRUCT.array("inactive_works", 52, ListHead.STRUCT, WorkPool.POOLS);

    private WorkQueueLayout() { }
}

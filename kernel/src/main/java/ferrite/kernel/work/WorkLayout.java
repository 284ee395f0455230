package ferrite.kernel.work;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;

/** {@code struct work_struct}, a work item, see {@link WorkQueues}. It stays where it is while it is queued. */
@DriverApi
public final class WorkLayout {

    public static final int SIZE = 32;

    public static final Struct STRUCT = Struct.of("work_struct", SIZE);

    static final Embedded NODE = STRUCT.list("entry", 0);
    /** See {@link #PENDING} and the others below. */
    static final Word DATA = STRUCT.u32("data", 8);
    static final Pointer FUNCTION = STRUCT.function("func", 12);
    static final Pointer QUEUE = STRUCT.pointer("wq", 16, "struct workqueue_struct");
    /** The number of the pool that it was given to last, plus 1; 0 if it never was. */
    static final Word POOL = STRUCT.u32("pool", 20);
    /** A number of its own for each time that it is queued; later ones are larger. */
    static final Word SEQUENCE = STRUCT.u32("sequence", 24);

    /** It is queued, or about to be. The setter of this bit owns the item. */
    static final int PENDING = 1;
    /** It waits until fewer items of its queue are worked on. */
    static final int INACTIVE = 2;
    /** Its owner waits in {@code cancel_work_sync} until it does not run. */
    static final int CANCELING = 4;

    private WorkLayout() { }
}

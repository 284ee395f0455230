package ferrite.kernel.work;

import ferrite.kernel.base.DriverApi;

/** Flags of {@code alloc_workqueue}, with Linux's values. */
@DriverApi
public final class WorkFlags {

    /** Any hart may work on the items. */
    public static final int WQ_UNBOUND = 1 << 1;
    /** The queue is used to reclaim memory. Items make progress here without it. */
    public static final int WQ_MEM_RECLAIM = 1 << 3;

    /** Linux's {@code WQ_MAX_ACTIVE}, and the number that {@code max_active} 0 stands for. */
    public static final int WQ_MAX_ACTIVE = 512;
    public static final int WQ_DFL_ACTIVE = 256;

    private WorkFlags() { }
}

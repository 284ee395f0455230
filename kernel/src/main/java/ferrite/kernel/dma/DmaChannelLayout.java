package ferrite.kernel.dma;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;

/** {@code struct virt_dma_chan}: a channel of an engine, which a driver has requested. */
@DriverApi
public final class DmaChannelLayout {

    public static final int SIZE = 60;

    public static final Struct STRUCT = Struct.of("virt_dma_chan", SIZE);

    /** The engine's device, to map memory for. */
    public static final Pointer DEV = STRUCT.pointer("dev", 0, "struct device");

    static final Pointer ENGINE = STRUCT.pointer("device", 4, "struct dma_device");
    /** The cookie of the last submitted transfer, and of the last one that ended. */
    static final Word COOKIE = STRUCT.s32("cookie", 8);
    static final Word COMPLETED = STRUCT.s32("completed_cookie", 12);
    /** Bit n: transfer {@code completed_cookie - n} has failed. */
    static final Word FAILED = STRUCT.u32("failed", 16);
    /** The cookie of the last transfer that was submitted before the channel was terminated. */
    static final Word TERMINATED_COOKIE = STRUCT.s32("terminated_cookie", 20);
    /** Transfers of the channel that were aborted in flight, or wait for the return of their callbacks. */
    static final Word FINISHING = STRUCT.u32("finishing", 24);
    static final Embedded NODE = STRUCT.list("node", 28);
    static final Embedded PREPARED = STRUCT.list("desc_allocated", 36);
    static final Embedded SUBMITTED = STRUCT.list("desc_submitted", 44);
    static final Embedded TERMINATED = STRUCT.list("desc_terminated", 52);

    private DmaChannelLayout() { }
}

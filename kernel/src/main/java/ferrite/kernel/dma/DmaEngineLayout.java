package ferrite.kernel.dma;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;
import ferrite.kernel.sched.TaskletLayout;
import ferrite.kernel.sched.WaitQueueLayout;

/** {@code struct dma_device}: a copy engine that a driver has registered. */
final class DmaEngineLayout {

    static final int SIZE = 88;

    static final Struct STRUCT = Struct.of("dma_device", SIZE);

    /** Text address of a {@link MemcpyEngine}, and its data. The address is 0 after the engine is unregistered. */
    static final Pointer OPS = STRUCT.function("ops", 0);
    static final Pointer DATA = STRUCT.pointer("data", 4, "void");
    /** The engine's device; 0 until its first use. */
    static final Pointer DEV = STRUCT.pointer("dev", 8, "struct device");
    /** Protects the lists, and the channels with their transfers. */
    static final Embedded LOCK = STRUCT.spinlock("lock", 12);
    /** The transfer in flight, or 0. */
    static final Pointer ACTIVE = STRUCT.pointer("active", 16, "struct dma_async_tx_descriptor");
    /** The number of channels that are requested. */
    static final Word CLIENTS = STRUCT.u32("client_count", 20);
    /** Transfers that wait for the engine, the oldest first. */
    static final Embedded ISSUED = STRUCT.list("desc_issued", 24);
    /** Transfers that wait for their callbacks. */
    static final Embedded DONE = STRUCT.list("desc_completed", 32);
    static final Embedded CHANNELS = STRUCT.list("channels", 40);
    /** Calls the callbacks. */
    static final Embedded TASKLET = STRUCT.embedded("task", 48, TaskletLayout.STRUCT);
    /** Tasks that wait for the end of transfers and callbacks. */
    static final Embedded WAIT = STRUCT.embedded("wait", TASKLET.end(), WaitQueueLayout.STRUCT);
    /** Tasks in a call that needs the engine, such as a copy that they await: it stays registered until they leave. */
    static final Word USERS = STRUCT.u32("chan_busy_count", WAIT.end());

    private DmaEngineLayout() { }
}

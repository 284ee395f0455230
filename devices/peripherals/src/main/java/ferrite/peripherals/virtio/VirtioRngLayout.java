package ferrite.peripherals.virtio;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;
import ferrite.kernel.dma.ScatterListLayout;
import ferrite.kernel.sched.MutexLayout;
import ferrite.kernel.sched.WaitQueueLayout;

/** The record in RAM that {@link VirtioRngDriver} keeps for an entropy device. */
final class VirtioRngLayout {

    static final int SIZE = 20 + ScatterListLayout.SIZE + WaitQueueLayout.SIZE + MutexLayout.SIZE;

    static final Struct STRUCT = Struct.of("virtrng_info", SIZE);

    static final Pointer VDEV = STRUCT.pointer("vdev", 0, "struct virtio_device");
    /** The buffer that the device fills. */
    static final Pointer BUFFER = STRUCT.pointer("data", 4, "void");
    /** Not 0 while the device has the buffer. */
    static final Word BUSY = STRUCT.u32("busy", 8);
    /** The number of bytes in the buffer. */
    static final Word AVAILABLE = STRUCT.u32("data_avail", 12);
    /** Protects the queue. */
    static final Embedded LOCK = STRUCT.spinlock("lock", 16);
    static final Embedded SG = STRUCT.embedded("sg", 20, ScatterListLayout.STRUCT);
    static final Embedded WAIT = STRUCT.embedded("wait", SG.end(), WaitQueueLayout.STRUCT);
    static final Embedded ONE_READER = STRUCT.embedded("one_reader", WAIT.end(), MutexLayout.STRUCT);

    private VirtioRngLayout() { }
}

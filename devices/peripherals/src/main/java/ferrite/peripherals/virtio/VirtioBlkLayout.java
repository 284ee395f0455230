package ferrite.peripherals.virtio;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Text;
import ferrite.kernel.base.U64;
import ferrite.kernel.base.Word;
import ferrite.kernel.sched.MutexLayout;
import ferrite.kernel.sched.RwSemaphoreLayout;
import ferrite.kernel.sched.WaitQueueLayout;

/** The record in RAM that {@link VirtioBlkDriver} keeps for a block device. */
final class VirtioBlkLayout {

    private static final int NAME_BYTES = 8;
    static final int SIZE = 48 + NAME_BYTES + WaitQueueLayout.SIZE + MutexLayout.SIZE + RwSemaphoreLayout.SIZE;

    static final Struct STRUCT = Struct.of("virtio_blk", SIZE);

    static final Pointer VDEV = STRUCT.pointer("vdev", 0, "struct virtio_device");
    static final Pointer VQ = STRUCT.pointer("vq", 4, "struct vring_virtqueue");
    static final U64 CAPACITY = STRUCT.u64("capacity", 8);
    static final Word READ_ONLY = STRUCT.u32("read_only", 16);
    /** The number of pages of a request, as the device's limit of segments allows. */
    static final Word MAX_ENTRIES = STRUCT.u32("max_entries", 20);
    /** The lookaside cache of requests; the pools of requests and of pages for writes. */
    static final Pointer CACHE = STRUCT.pointer("cache", 24, "struct kmem_cache");
    static final Pointer REQUESTS = STRUCT.pointer("requests", 28, "struct mempool_s");
    static final Pointer PAGES_POOL = STRUCT.pointer("pages", 32, "struct mempool_s");
    static final Pointer STATS = STRUCT.pointer("stats", 36, "struct virtblk_stats");
    /** Not 0 if the device could not be started again after a reset. */
    static final Word GONE = STRUCT.u32("gone", 40);
    /** Protects the queue, and the states of requests. */
    static final Embedded LOCK = STRUCT.spinlock("lock", 44);
    static final Text NAME = STRUCT.text("name", 48, NAME_BYTES);
    /** Tasks that wait for a request, or for free descriptors. */
    static final Embedded WAIT = STRUCT.embedded("wait", NAME.end(), WaitQueueLayout.STRUCT);
    /** One task resets the device. */
    static final Embedded ONE_RESET = STRUCT.embedded("one_reset", WAIT.end(), MutexLayout.STRUCT);
    /** A task that reads and writes back parts of sectors is alone. */
    static final Embedded SECTORS = STRUCT.embedded("sectors", ONE_RESET.end(), RwSemaphoreLayout.STRUCT);

    private VirtioBlkLayout() { }
}

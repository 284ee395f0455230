package ferrite.peripherals.virtio;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Text;
import ferrite.kernel.base.Word;
import ferrite.kernel.sched.MutexLayout;
import ferrite.kernel.sched.WaitQueueLayout;
import ferrite.kernel.work.WorkLayout;

/** The record in RAM that {@link VirtioBlkDriver} keeps for a block device. */
final class VirtioBlkLayout {

    private static final int NAME_BYTES = 8;
    static final int SIZE = 44 + WorkLayout.SIZE + NAME_BYTES + WaitQueueLayout.SIZE + MutexLayout.SIZE;

    static final Struct STRUCT = Struct.of("virtio_blk", SIZE);

    static final Pointer VDEV = STRUCT.pointer("vdev", 0, "struct virtio_device");
    static final Pointer VQ = STRUCT.pointer("vq", 4, "struct vring_virtqueue");
    static final Pointer QUEUE = STRUCT.pointer("queue", 8, "struct request_queue");
    static final Pointer DISK = STRUCT.pointer("disk", 12, "struct gendisk");
    /** The lookaside cache of requests, and the pool of them. */
    static final Pointer CACHE = STRUCT.pointer("cache", 16, "struct kmem_cache");
    static final Pointer REQUESTS = STRUCT.pointer("requests", 20, "struct mempool_s");
    static final Pointer STATS = STRUCT.pointer("stats", 24, "struct virtblk_stats");
    /** Not 0 if the device could not be started again after a reset. */
    static final Word GONE = STRUCT.u32("gone", 28);
    /** Protects the virtqueue, and the states of requests. */
    static final Embedded LOCK = STRUCT.spinlock("lock", 32);
    /** The requests in flight. The lock of the queue of requests protects it. */
    static final Word IN_FLIGHT = STRUCT.u32("in_flight", 36);
    /** The queue of work items that serve requests. */
    static final Pointer WORKS = STRUCT.pointer("works", 40, "struct workqueue_struct");
    /** An item that does nothing: it gives a worker its stack before memory is short. */
    static final Embedded FIRST_WORK = STRUCT.embedded("first_work", 44, WorkLayout.STRUCT);
    static final Text NAME = STRUCT.text("name", 44 + WorkLayout.SIZE, NAME_BYTES);
    /** Tasks that wait for a request, or for free descriptors. */
    static final Embedded WAIT = STRUCT.embedded("wait", NAME.end(), WaitQueueLayout.STRUCT);
    /** One task resets the device. */
    static final Embedded ONE_RESET = STRUCT.embedded("one_reset", WAIT.end(), MutexLayout.STRUCT);

    private VirtioBlkLayout() { }
}

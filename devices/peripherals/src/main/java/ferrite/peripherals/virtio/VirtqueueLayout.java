package ferrite.peripherals.virtio;

import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.ULong;
import ferrite.kernel.base.Word;

/**
 * The driver's record of a split virtqueue ({@code struct vring_virtqueue}), and the offsets in its rings.
 *
 * <pre>
 * available ring: flags 16 | idx 16 | ring: head 16, ... | used_event 16
 * used ring:      flags 16 | idx 16 | ring: id 32, length 32, ... | avail_event 16
 * </pre>
 */
final class VirtqueueLayout {

    static final int SIZE = 60;

    static final Struct STRUCT = Struct.of("vring_virtqueue", SIZE);

    static final Pointer VDEV = STRUCT.pointer("vdev", 0, "struct virtio_device");
    static final Word INDEX = STRUCT.u32("index", 4);
    /** The number of descriptors, a power of two. */
    static final Word NUM = STRUCT.u32("num", 8);
    /** The three areas, in one piece of coherent memory, and its bus address. */
    static final Pointer DESC = STRUCT.pointer("desc", 12, "struct vring_desc");
    static final Pointer AVAIL = STRUCT.pointer("avail", 16, "void");
    static final Pointer USED = STRUCT.pointer("used", 20, "void");
    static final ULong RING_DMA = STRUCT.ulong("ring_dma", 24);
    static final Pointer STATE = STRUCT.pointer("desc_state", 28, "struct vring_desc_state");
    static final Word FREE_HEAD = STRUCT.u32("free_head", 32);
    static final Word NUM_FREE = STRUCT.u32("num_free", 36);
    /** Chains added since the last kick. */
    static final Word NUM_ADDED = STRUCT.u32("num_added", 40);
    /** The driver's indices in the two rings. They count to 65535 and begin again. */
    static final Word AVAIL_IDX = STRUCT.u32("avail_idx", 44);
    static final Word LAST_USED = STRUCT.u32("last_used_idx", 48);
    /** Not 0 after the device gave a wrong answer. */
    static final Word BROKEN = STRUCT.u32("broken", 52);
    /** Not 0 if indirect descriptors, or event indices, were negotiated: bits {@link #INDIRECT}, {@link #EVENT}. */
    static final Word USES = STRUCT.u32("uses", 56);

    static final int INDIRECT = 1;
    static final int EVENT = 2;

    static final int IDX = 2;
    static final int RING = 4;
    static final int USED_ENTRY_BYTES = 8;
    /** In the driver's flags: do not interrupt. In the device's flags: do not notify. */
    static final int SUPPRESSED = 1;

    private VirtqueueLayout() { }

    static int availOffset(int num) {
        return VringDescLayout.SIZE * num;
    }

    static int usedOffset(int num) {
        return availOffset(num) + RING + 2 * num + 2 + 3 & ~3;
    }

    static int ringBytes(int num) {
        return usedOffset(num) + RING + USED_ENTRY_BYTES * num + 2;
    }
}

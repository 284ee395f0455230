package ferrite.peripherals.virtio;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;
import ferrite.kernel.net.NapiLayout;

/** The record in RAM that {@link VirtioNetDriver} keeps for a network card. It follows the network device. */
final class VirtnetInfoLayout {

    static final int SIZE = 44 + NapiLayout.SIZE;

    static final Struct STRUCT = Struct.of("virtnet_info", SIZE);

    static final Pointer VDEV = STRUCT.pointer("vdev", 0, "struct virtio_device");
    static final Pointer DEV = STRUCT.pointer("dev", 4, "struct net_device");
    static final Pointer RVQ = STRUCT.pointer("rvq", 8, "struct vring_virtqueue");
    static final Pointer SVQ = STRUCT.pointer("svq", 12, "struct vring_virtqueue");
    /** Protects everything below, both queues and the driver's counters. */
    static final Embedded LOCK = STRUCT.spinlock("lock", 16);
    /** {@link #DOWN}, {@link #UP} or {@link #BROKEN}. */
    static final Word STATE = STRUCT.u32("state", 20);
    /** The resets since the last frame that was sent or received. */
    static final Word RESETS = STRUCT.u32("resets", 24);
    /** The records for buffers to receive into, and for frames to send. */
    static final Pointer RX_BUFS = STRUCT.pointer("rx_bufs", 28, "struct virtnet_buf");
    static final Pointer TX_BUFS = STRUCT.pointer("tx_bufs", 32, "struct virtnet_buf");
    /** The free records for frames to send. */
    static final Pointer FREE = STRUCT.pointer("free", 36, "struct virtnet_buf");
    /** Not 0 after the device has said that it needs a reset. */
    static final Word NEEDS_RESET = STRUCT.u32("needs_reset", 40);
    static final Embedded NAPI = STRUCT.embedded("napi", 44, NapiLayout.STRUCT);

    static final int DOWN = 0;
    static final int UP = 1;
    /** The device gave wrong answers again and again, or did not start. It stays reset until it is set down and up. */
    static final int BROKEN = 2;

    private VirtnetInfoLayout() { }
}

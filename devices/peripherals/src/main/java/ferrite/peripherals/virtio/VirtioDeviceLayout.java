package ferrite.peripherals.virtio;

import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;

/** A device on the virtio bus ({@code struct virtio_device}), with its transport. */
final class VirtioDeviceLayout {

    static final int MAX_QUEUES = 4;
    static final int SIZE = 36 + 4 * MAX_QUEUES;

    static final Struct STRUCT = Struct.of("virtio_device", SIZE);

    static final Pointer REGISTERS = STRUCT.pointer("registers", 0, "void");
    static final Pointer DEV = STRUCT.pointer("dev", 4, "struct device");
    /** The kind of device (chapter 5). */
    static final Word ID = STRUCT.u32("id", 8);
    /** The negotiated features, 32 bits each. */
    static final Word FEATURES = STRUCT.u32("features", 12, 2);
    /** The record of the device's driver. */
    static final Pointer PRIV = STRUCT.pointer("priv", 20, "void");
    static final Word QUEUES = STRUCT.u32("nvqs", 24);
    /** Not 0 while the interrupt is enabled, and the driver's callbacks may be called. */
    static final Word READY = STRUCT.u32("ready", 28);
    static final Word IRQ = STRUCT.u32("irq", 32);
    static final Pointer VQS = STRUCT.pointer("vqs", 36, "struct vring_virtqueue", MAX_QUEUES);

    private VirtioDeviceLayout() { }
}

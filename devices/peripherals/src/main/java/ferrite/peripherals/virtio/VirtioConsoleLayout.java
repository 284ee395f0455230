package ferrite.peripherals.virtio;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;
import ferrite.peripherals.tty.TtyPortLayout;

/** The record in RAM that {@link VirtioConsoleDriver} keeps for a console. */
final class VirtioConsoleLayout {

    /** The number of buffers to receive into. */
    static final int IN_BUFFERS = 8;
    static final int SIZE = TtyPortLayout.SIZE + 16 + (IN_BUFFERS + 1) * PortBufferLayout.SIZE;

    static final Struct STRUCT = Struct.of("virtio_console", SIZE);

    /** The terminal. It comes first, so that its address is that of the record. */
    static final Embedded PORT = STRUCT.embedded("port", 0, TtyPortLayout.STRUCT);
    static final Pointer VDEV = STRUCT.pointer("vdev", PORT.end(), "struct virtio_device");
    static final Pointer IN = STRUCT.pointer("in_vq", VDEV.end(), "struct vring_virtqueue");
    static final Pointer OUT = STRUCT.pointer("out_vq", IN.end(), "struct vring_virtqueue");
    /** {@link #NEW}, {@link #RECEIVING} or {@link #STOPPED}. */
    static final Word STATE = STRUCT.u32("state", OUT.end());
    static final Embedded OUT_BUFFER = STRUCT.embedded("out_buffer", STATE.end(), PortBufferLayout.STRUCT);
    static final Embedded IN_BUFFER = STRUCT.array("in_buffers", OUT_BUFFER.end(), PortBufferLayout.STRUCT, IN_BUFFERS);

    static final int NEW = 0;
    /** The device has the buffers to receive into. */
    static final int RECEIVING = 1;
    /** The device gave a wrong answer. */
    static final int STOPPED = 2;

    private VirtioConsoleLayout() { }
}

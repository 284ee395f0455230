package ferrite.peripherals.virtio;

import ferrite.kernel.base.Bytes;
import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;
import ferrite.kernel.dma.ScatterListLayout;

/** A frame that {@link VirtioNetDriver} has given to the device, or a buffer that the device receives one into. */
final class VirtnetBufLayout {

    static final int LINE = 64;
    static final int SIZE = 2 * LINE;
    /** The header and the frame. */
    static final int MAX_SEGMENTS = 2;

    static final Struct STRUCT = Struct.of("virtnet_buf", SIZE);

    /** The header of a frame to send, which the device reads: so it has a cache line of its own. It is zero. */
    static final Bytes HEADER = STRUCT.bytes("hdr", 0, VirtioNetDriver.HEADER_BYTES);
    /** The next free record. */
    static final Pointer NEXT = STRUCT.pointer("next", LINE, "struct virtnet_buf");
    /** The packet that is being sent. */
    static final Pointer SKB = STRUCT.pointer("skb", LINE + 4, "struct sk_buff");
    /** The memory to receive into. It stays mapped while the device is up. */
    static final Pointer DATA = STRUCT.pointer("data", LINE + 8, "void");
    static final Word LENGTH = STRUCT.u32("len", LINE + 12);
    static final Embedded SG = STRUCT.array("sg", LINE + 16, ScatterListLayout.STRUCT, MAX_SEGMENTS);

    private VirtnetBufLayout() { }
}

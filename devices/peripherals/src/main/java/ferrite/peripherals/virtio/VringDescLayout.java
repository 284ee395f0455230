package ferrite.peripherals.virtio;

import ferrite.kernel.base.Bytes;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.U64;
import ferrite.kernel.base.Word;

/** A descriptor of a split virtqueue (section 2.7.5), as the driver writes it. */
final class VringDescLayout {

    static final int SIZE = 16;

    static final Struct STRUCT = Struct.of("vring_desc", SIZE);

    static final U64 ADDR = STRUCT.u64("addr", 0);
    static final Word LEN = STRUCT.u32("len", 8);
    /** Two halves of 16 bits: the flags, and the next descriptor. */
    static final Bytes FLAGS = STRUCT.bytes("flags", 12, 2);
    static final Bytes NEXT = STRUCT.bytes("next", 14, 2);

    static final int F_NEXT = 1;
    /** The device writes the buffer. */
    static final int F_WRITE = 2;
    static final int F_INDIRECT = 4;

    private VringDescLayout() { }
}

package ferrite.book.snull;

import ferrite.kernel.base.Bytes;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;
import ferrite.kernel.net.Ethernet;

/** {@code struct snull_packet}: a buffer of the hardware, with a packet on the wire. */
final class SnullPacketLayout {

    static final int DATA_BYTES = Ethernet.ETH_HLEN + Ethernet.ETH_DATA_LEN;

    static final int SIZE = 16 + DATA_BYTES + 2;

    static final Struct STRUCT = Struct.of("snull_packet", SIZE);

    /** The next packet of a list. */
    static final Pointer NEXT = STRUCT.pointer("next", 0, "struct snull_packet");
    /** The device that the buffer belongs to. */
    static final Pointer DEV = STRUCT.pointer("dev", 8, "struct net_device");
    static final Word LENGTH = STRUCT.u32("datalen", 12);
    static final Bytes DATA = STRUCT.bytes("data", 16, DATA_BYTES);

    private SnullPacketLayout() { }
}

package ferrite.kernel.net;

import ferrite.kernel.base.Bytes;
import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;

/** A task's port for datagrams, and the last one that came. */
final class UdpSocketLayout {

    /** The longest datagram of a device with an MTU of 1500. */
    static final int MAX_BYTES = 1472;
    static final int SIZE = 20 + MAX_BYTES;

    static final Struct STRUCT = Struct.of("udp_sock", SIZE);

    static final Embedded NODE = STRUCT.list("node", 0);
    static final Word PORT = STRUCT.u32("port", 8);
    /** Not 0 if a datagram has come since the last question. */
    static final Word FULL = STRUCT.u32("full", 12);
    static final Word BYTES = STRUCT.u32("bytes", 16);
    static final Bytes DATA = STRUCT.bytes("data", 20, MAX_BYTES);

    private UdpSocketLayout() { }
}

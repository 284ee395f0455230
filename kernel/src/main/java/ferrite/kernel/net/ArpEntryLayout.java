package ferrite.kernel.net;

import ferrite.kernel.base.Bytes;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;

/** {@code struct neighbour}: the hardware address of a host, or the question for it. */
final class ArpEntryLayout {

    static final int SIZE = 32;

    static final Struct STRUCT = Struct.of("neighbour", SIZE);

    static final Word ADDRESS = STRUCT.u32("primary_key", 0);
    static final Pointer DEV = STRUCT.pointer("dev", 4, "struct net_device");
    static final Bytes HARDWARE = STRUCT.bytes("ha", 8, 8);
    /** See {@link #FREE} and its kin. */
    static final Word STATE = STRUCT.u32("nud_state", 16);
    /** The packet that waits for the answer, or 0. */
    static final Pointer WAITING = STRUCT.pointer("arp_queue", 20, "struct sk_buff");
    /** The jiffy of the last question or answer. */
    static final Word UPDATED = STRUCT.u32("updated", 24);

    static final int FREE = 0;
    static final int INCOMPLETE = 1;
    static final int REACHABLE = 2;

    private ArpEntryLayout() { }
}

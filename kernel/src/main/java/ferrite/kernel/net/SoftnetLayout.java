package ferrite.kernel.net;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.ULong;
import ferrite.kernel.base.Word;

/** {@code struct softnet_data}: the packets that a hart is to receive. */
final class SoftnetLayout {

    static final int SIZE = 32;

    static final Struct STRUCT = Struct.of("softnet_data", SIZE);

    static final Embedded LOCK = STRUCT.spinlock("lock", 0);
    /** The poll functions that are to be called. */
    static final Embedded POLL_LIST = STRUCT.list("poll_list", 4);
    /** The packets of {@code netif_rx}. */
    static final Embedded INPUT = STRUCT.list("input_pkt_queue", 12);
    static final Word INPUT_LENGTH = STRUCT.u32("input_queue_len", 20);
    static final ULong DROPPED = STRUCT.ulong("dropped", 24);

    private SoftnetLayout() { }
}

package ferrite.book.snull;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;
import ferrite.kernel.net.NapiLayout;

/** {@code struct snull_priv}: the state of one device (LDD3 page 505). */
final class SnullPrivLayout {

    static final int SIZE = 84;

    static final Struct STRUCT = Struct.of("snull_priv", SIZE);

    static final Embedded LOCK = STRUCT.spinlock("lock", 0);
    /** The interrupts that the device has raised: {@link #RX_INTR} and {@link #TX_INTR}. */
    static final Word STATUS = STRUCT.u32("status", 4);
    /** The first free buffer of the device. */
    static final Pointer POOL = STRUCT.pointer("ppool", 8, "struct snull_packet");
    /** The first and the last packet that have come and were not read yet. */
    static final Pointer RX_QUEUE = STRUCT.pointer("rx_queue", 16, "struct snull_packet");
    static final Pointer RX_LAST = STRUCT.pointer("rx_last", 20, "struct snull_packet");
    static final Word RX_INT_ENABLED = STRUCT.u32("rx_int_enabled", 24);
    /** The packet that is being sent. */
    static final Pointer SKB = STRUCT.pointer("skb", 28, "struct sk_buff");
    static final Word TX_LENGTH = STRUCT.u32("tx_packetlen", 32);
    static final Embedded NAPI = STRUCT.embedded("napi", 36, NapiLayout.STRUCT);
    static final Pointer DEV = STRUCT.pointer("dev", 64, "struct net_device");
    /** The device at the other end. */
    static final Pointer PEER = STRUCT.pointer("peer", 68, "struct net_device");
    static final Word SENT = STRUCT.u32("sent", 72);

    /** The parameters of these names. */
    static final Word LOCKUP = STRUCT.u32("lockup", 76);
    static final Word USE_NAPI = STRUCT.u32("use_napi", 80);

    static final int RX_INTR = 1;
    static final int TX_INTR = 2;

    private SnullPrivLayout() { }
}

package ferrite.kernel.net;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;

/**
 * {@code struct sk_buff}: a packet (LDD3 page 528). Its bytes lie in a buffer of their own:
 *
 * <pre>
 *  head        data             tail       end
 *   | headroom  |  len bytes     | tailroom |
 * </pre>
 */
@DriverApi
public final class SkBuffLayout {

    public static final int SIZE = 48;

    public static final Struct STRUCT = Struct.of("sk_buff", SIZE);

    /** Links the packets of a queue. A driver may use it while the packet is its own. */
    public static final Embedded LIST = STRUCT.list("list", 0);
    /** The device that the packet came from, or goes to. */
    public static final Pointer DEV = STRUCT.pointer("dev", 8, "struct net_device");
    /** The bytes from {@link #DATA} to {@link #TAIL}. */
    public static final Word LEN = STRUCT.u32("len", 12);
    public static final Pointer HEAD = STRUCT.pointer("head", 16, "char");
    public static final Pointer DATA = STRUCT.pointer("data", 20, "char");
    public static final Pointer TAIL = STRUCT.pointer("tail", 24, "char");
    public static final Pointer END = STRUCT.pointer("end", 28, "char");
    /** One of {@link Ethernet}, set by {@code eth_type_trans}. */
    public static final Word PROTOCOL = STRUCT.u32("protocol", 32);
    /** The kind of the receiver, see {@link #PACKET_HOST}. */
    public static final Word PKT_TYPE = STRUCT.u32("pkt_type", 36);
    /** {@link #CHECKSUM_UNNECESSARY} if the device has checked the sums. */
    public static final Word IP_SUMMED = STRUCT.u32("ip_summed", 40);
    public static final Pointer MAC_HEADER = STRUCT.pointer("mac_header", 44, "char");

    public static final int PACKET_HOST = 0;
    public static final int PACKET_BROADCAST = 1;
    public static final int PACKET_MULTICAST = 2;
    public static final int PACKET_OTHERHOST = 3;

    public static final int CHECKSUM_NONE = 0;
    public static final int CHECKSUM_UNNECESSARY = 1;

    private SkBuffLayout() { }
}

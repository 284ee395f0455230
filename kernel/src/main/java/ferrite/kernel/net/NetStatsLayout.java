package ferrite.kernel.net;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.ULong;

/** {@code struct net_device_stats} (LDD3 page 536): the counters of a driver, for {@code ifconfig}. */
@DriverApi
public final class NetStatsLayout {

    public static final int SIZE = 40;

    public static final Struct STRUCT = Struct.of("net_device_stats", SIZE);

    public static final ULong RX_PACKETS = STRUCT.ulong("rx_packets", 0);
    public static final ULong TX_PACKETS = STRUCT.ulong("tx_packets", 4);
    public static final ULong RX_BYTES = STRUCT.ulong("rx_bytes", 8);
    public static final ULong TX_BYTES = STRUCT.ulong("tx_bytes", 12);
    public static final ULong RX_ERRORS = STRUCT.ulong("rx_errors", 16);
    public static final ULong TX_ERRORS = STRUCT.ulong("tx_errors", 20);
    public static final ULong RX_DROPPED = STRUCT.ulong("rx_dropped", 24);
    public static final ULong TX_DROPPED = STRUCT.ulong("tx_dropped", 28);
    public static final ULong MULTICAST = STRUCT.ulong("multicast", 32);
    public static final ULong COLLISIONS = STRUCT.ulong("collisions", 36);

    private NetStatsLayout() { }
}

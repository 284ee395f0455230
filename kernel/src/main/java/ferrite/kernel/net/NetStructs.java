package ferrite.kernel.net;

import ferrite.kernel.base.Struct;
import java.util.List;

/** The layouts of all records of the network, for debuggers. */
public final class NetStructs {

    public static final List<Struct> ALL = List.of(ArpEntryLayout.STRUCT, NapiLayout.STRUCT, NetDeviceLayout.STRUCT,
            NetLayout.STRUCT, NetStatsLayout.STRUCT, PingAnswerLayout.STRUCT, PingLayout.STRUCT,
            SkBuffLayout.STRUCT, SoftnetLayout.STRUCT, UdpSocketLayout.STRUCT);

    private NetStructs() { }
}

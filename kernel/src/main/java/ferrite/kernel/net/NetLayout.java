package ferrite.kernel.net;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;
import ferrite.kernel.sched.MutexLayout;
import ferrite.kernel.sched.WaitQueueLayout;

/** {@code struct net}: the state of the network. */
final class NetLayout {

    static final int ARP_ENTRIES = 16;

    static final int SIZE = 600;

    static final Struct STRUCT = Struct.of("net", SIZE);

    /** The registered devices, in their order. */
    static final Embedded DEVICES = STRUCT.list("dev_base_head", 0);
    /** Protects the list, the table and the pings. Softirqs take it. */
    static final Embedded LOCK = STRUCT.spinlock("dev_base_lock", 8);
    static final Word LAST_INDEX = STRUCT.u32("ifindex", 12);
    static final Pointer SKB_CACHE = STRUCT.pointer("skbuff_head_cache", 16, "struct kmem_cache");
    /** Held while devices come, go, and are set up or down. */
    static final Embedded RTNL = STRUCT.embedded("rtnl_mutex", 20, MutexLayout.STRUCT);
    /** The tasks that wait for an answer, and the records of their questions. */
    static final Embedded PING_WAIT = STRUCT.embedded("ping_wait", 40, WaitQueueLayout.STRUCT);
    static final Embedded PINGS = STRUCT.list("pings", 52);
    static final Word LAST_PING = STRUCT.u32("ping_ident", 60);
    /** The number of the next packet that this host sends. */
    static final Word LAST_PACKET = STRUCT.u32("ip_ident", 64);
    static final Embedded ARP_TABLE = STRUCT.array("arp_tbl", 72, ArpEntryLayout.STRUCT, ARP_ENTRIES);

    /** The sockets of tasks, and the number of the last port. */
    static final Embedded SOCKETS = STRUCT.list("sockets", ARP_TABLE.end());
    static final Word LAST_PORT = STRUCT.u32("last_port", SOCKETS.end());

    private NetLayout() { }
}

package ferrite.kernel.net;

import ferrite.kernel.base.Bytes;
import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Text;
import ferrite.kernel.base.Word;
import ferrite.kernel.sched.TimerLayout;

/** {@code struct net_device}: a network interface (LDD3 page 506). The driver's own record follows it. */
@DriverApi
public final class NetDeviceLayout {

    public static final int SIZE = 192;
    public static final int IFNAMSIZ = 16;

    public static final Struct STRUCT = Struct.of("net_device", SIZE);

    static final Embedded NODE = STRUCT.list("dev_list", 0);
    /** With {@code %d}, {@code register_netdev} puts the first free number in its place. */
    public static final Text NAME = STRUCT.text("name", 8, IFNAMSIZ);
    /** The hardware address, {@link Ethernet#ETH_ALEN} bytes. */
    public static final Bytes DEV_ADDR = STRUCT.bytes("dev_addr", 24, 8);
    /** The most bytes of a packet without the hardware header. */
    public static final Word MTU = STRUCT.u32("mtu", 32);
    /** See {@link #IFF_UP} and its kin. */
    public static final Word FLAGS = STRUCT.u32("flags", 36);
    static final Word IFINDEX = STRUCT.s32("ifindex", 40);
    /** Text address of {@link NetDeviceOps}. */
    public static final Pointer NETDEV_OPS = STRUCT.function("netdev_ops", 44);
    /** See {@link #XOFF} and its kin. */
    static final Word STATE = STRUCT.u32("state", 48);
    /** Held while a packet is given to the driver, and for {@link #QUEUE}. */
    static final Embedded XMIT_LOCK = STRUCT.spinlock("_xmit_lock", 52);
    /** The packets that wait until the driver takes them. */
    static final Embedded QUEUE = STRUCT.list("q", 56);
    static final Word QLEN = STRUCT.u32("qlen", 64);
    /** The most packets that wait. */
    public static final Word TX_QUEUE_LEN = STRUCT.u32("tx_queue_len", 68);
    /** The jiffy of the last packet that was given to the driver. */
    static final Word TRANS_START = STRUCT.u32("trans_start", 72);
    /** The jiffies until the kernel calls {@code txTimeout} for a stopped queue; 0 for never. */
    public static final Word WATCHDOG_TIMEO = STRUCT.u32("watchdog_timeo", 76);
    static final Embedded WATCHDOG_TIMER = STRUCT.embedded("watchdog_timer", 80, TimerLayout.STRUCT);
    /** The counters of the driver. */
    public static final Embedded STATS = STRUCT.embedded("stats", 112, NetStatsLayout.STRUCT);
    /** The Internet address and mask, as numbers; 0 for none. */
    static final Word ADDRESS = STRUCT.u32("ip_addr", 152);
    static final Word MASK = STRUCT.u32("ip_mask", 156);
    /** The parts of the kernel that use the device just now. */
    static final Word USERS = STRUCT.u32("refcnt", 160);
    static final Word REGISTERED = STRUCT.u32("reg_state", 164);

    public static final int IFF_UP = 1;
    public static final int IFF_BROADCAST = 2;
    public static final int IFF_RUNNING = 0x40;
    /** The device needs no ARP. */
    public static final int IFF_NOARP = 0x80;
    /** The device receives all frames, whatever their receivers. */
    public static final int IFF_PROMISC = 0x100;
    /** The device receives all multicast frames. */
    public static final int IFF_ALLMULTI = 0x200;
    public static final int IFF_MULTICAST = 0x1000;

    /** The driver has taken the packet. */
    public static final int NETDEV_TX_OK = 0;
    public static final int NETDEV_TX_BUSY = 0x10;

    /** The driver has stopped the queue. */
    static final int XOFF = 1;
    /** Packets wait for a softirq. */
    static final int SCHED = 2;
    /** The cable is not plugged in. */
    static final int NOCARRIER = 4;

    private NetDeviceLayout() { }
}

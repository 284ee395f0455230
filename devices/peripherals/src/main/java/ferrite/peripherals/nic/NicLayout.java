package ferrite.peripherals.nic;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.ULong;
import ferrite.kernel.base.Word;
import ferrite.kernel.net.NapiLayout;
import ferrite.kernel.sched.TimerLayout;

/** The record in RAM that {@link NicDriver} keeps for a network card. It follows the network device. */
final class NicLayout {

    static final int SIZE = 72 + NapiLayout.SIZE + TimerLayout.SIZE;

    static final Struct STRUCT = Struct.of("nic", SIZE);

    static final Pointer REGISTERS = STRUCT.pointer("registers", 0, "void");
    static final Word IRQ = STRUCT.u32("irq", 4);
    static final Pointer NETDEV = STRUCT.pointer("netdev", 8, "struct net_device");
    static final Pointer DEV = STRUCT.pointer("dev", 12, "struct device");
    /** Protects everything below, the card and the driver's counters. */
    static final Embedded LOCK = STRUCT.spinlock("lock", 16);
    /** {@link #DOWN} and its kin. */
    static final Word STATE = STRUCT.u32("state", 20);
    /** The number of descriptors of each ring, a power of two. */
    static final Word SIZE_OF_RINGS = STRUCT.u32("ring_size", 24);
    /** The rings, which harts and card share, and their bus addresses. */
    static final Pointer TX_RING = STRUCT.pointer("tx_ring", 28, "struct nic_descriptor");
    static final ULong TX_DMA = STRUCT.ulong("tx_dma", 32);
    static final Pointer RX_RING = STRUCT.pointer("rx_ring", 36, "struct nic_descriptor");
    static final ULong RX_DMA = STRUCT.ulong("rx_dma", 40);
    /** The packets of the descriptors. */
    static final Pointer TX_BUFFERS = STRUCT.pointer("tx_buffers", 44, "struct nic_buffer");
    static final Pointer RX_BUFFERS = STRUCT.pointer("rx_buffers", 48, "struct nic_buffer");
    /** Counts of the packets that were given to the card and taken back; both begin again after the highest number. */
    static final Word TX_NEXT = STRUCT.u32("tx_next", 52);
    static final Word TX_DIRTY = STRUCT.u32("tx_dirty", 56);
    /** The count of the descriptors that were taken back from the receiver. */
    static final Word RX_NEXT = STRUCT.u32("rx_next", 60);
    /** The resets since the last frame that was sent or received. */
    static final Word RESETS = STRUCT.u32("resets", 64);
    /** The statistics, {@link NicStatsLayout} for each hart. */
    static final Pointer STATS = STRUCT.pointer("stats", 68, "struct nic_stats");
    static final Embedded NAPI = STRUCT.embedded("napi", 72, NapiLayout.STRUCT);
    /** Looks for lost interrupts, and for a card that was pulled out. */
    static final Embedded WATCHDOG = STRUCT.embedded("watchdog", NAPI.end(), TimerLayout.STRUCT);

    static final int DOWN = 0;
    static final int UP = 1;
    /** The card was wrong again and again. It stays reset until it is set down and up. */
    static final int BROKEN = 2;
    /** The card was pulled out. */
    static final int GONE = 3;

    private NicLayout() { }
}

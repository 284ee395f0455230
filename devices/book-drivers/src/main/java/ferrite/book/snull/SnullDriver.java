package ferrite.book.snull;

import static ferrite.book.snull.SnullPrivLayout.LOCK;
import static ferrite.book.snull.SnullPrivLayout.NAPI;
import static ferrite.book.snull.SnullPrivLayout.RX_INTR;
import static ferrite.book.snull.SnullPrivLayout.RX_INT_ENABLED;
import static ferrite.book.snull.SnullPrivLayout.SENT;
import static ferrite.book.snull.SnullPrivLayout.SKB;
import static ferrite.book.snull.SnullPrivLayout.STATUS;
import static ferrite.book.snull.SnullPrivLayout.TX_INTR;
import static ferrite.book.snull.SnullPrivLayout.TX_LENGTH;

import ferrite.book.base.Numbers;
import ferrite.book.base.StaticPointer;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.base.ULong;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.DriverParameters;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.driver.Parameter;
import ferrite.kernel.net.Ethernet;
import ferrite.kernel.net.NapiPoll;
import ferrite.kernel.net.NetDeviceLayout;
import ferrite.kernel.net.NetDeviceOps;
import ferrite.kernel.net.NetStatsLayout;
import ferrite.kernel.net.SkBuffLayout;
import java.util.List;

/**
 * {@code snull}: the network devices sn0 and sn1, each of which receives the packets of the other one, as if they came
 * from another host (LDD3 pages 498-540). With {@code ifconfig sn0 192.168.0.1} and {@code ifconfig sn1 192.168.1.2}
 * there are the hosts 192.168.0.2 and 192.168.1.1. Packets come by {@code netif_rx}, or by polling with
 * {@code use_napi=1}; with {@code lockup=N} the interrupt of each Nth packet is lost, so that the time-out helps.
 */
public final class SnullDriver implements Driver, NetDeviceOps, NapiPoll {

    private static final String LOCKUP = "lockup";
    private static final String TIMEOUT = "timeout";
    private static final String USE_NAPI = "use_napi";
    private static final String POOL_SIZE = "pool_size";
    /** The book's address: a zero, four letters, and the number of the device. */
    private static final String ADDRESS = "\0SNUL";
    private static final int DEVICES = 2;
    private static final int ETH_ZLEN = 60;
    private static final int ALIGNMENT = 2;

    private final StaticPointer[] devices = new StaticPointer[DEVICES];
    private KernelCalls kernel;
    private KernelMemory memory;
    private SnullHardware hardware;
    private long operations;
    private long poll;

    @Override
    public String name() {
        return "snull";
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(Numbers.parameter(LOCKUP, 0, "each such packet's interrupt is lost; 0 for none", 0, 1000),
                Numbers.parameter(TIMEOUT, 5, "jiffies until a lost interrupt is noticed", 1, 10_000),
                Numbers.parameter(USE_NAPI, 0, "1: packets are polled", 0, 1),
                Numbers.parameter(POOL_SIZE, 8, "buffers of each device", 1, 1000));
    }

    @Override
    public List<Struct> structs() {
        return List.of(SnullPrivLayout.STRUCT, SnullPacketLayout.STRUCT);
    }

    @Override
    public void link(KernelCalls theKernel, TextTable.Module text) {
        kernel = theKernel;
        memory = theKernel.memory();
        hardware = new SnullHardware(theKernel);
        for (int i = 0; i < DEVICES; i++) {
            devices[i] = new StaticPointer(theKernel, text, "snull_dev" + i);
        }
        operations = text.add("snull_netdev_ops", (NetDeviceOps) this);
        poll = text.add("snull_poll", (NapiPoll) this);
    }

    private void count(long dev, ULong counter, long change) {
        counter.add(memory, NetDeviceLayout.STATS.at(dev), change);
    }

    private boolean isPolled(long priv) {
        return SnullPrivLayout.USE_NAPI.get(memory, priv) != 0;
    }

    // ---- loading ----

    @Override
    public int init(DriverParameters parameters) {
        int result = 0;
        for (int i = 0; i < DEVICES && result == 0; i++) {
            devices[i].set(kernel.allocEtherdev(SnullPrivLayout.SIZE));
            result = devices[i].get() == 0 || !setUp(i, parameters) ? -Errno.ENOMEM : 0;
        }
        for (int i = 0; i < DEVICES && result == 0; i++) {
            SnullPrivLayout.PEER.set(memory, kernel.netdevPriv(devices[i].get()), devices[1 - i].get());
            result = kernel.registerNetdev(devices[i].get());
            if (result != 0 && i > 0) {
                kernel.unregisterNetdev(devices[0].get());
            }
        }
        if (result != 0) {
            free();
        }
        return result;
    }

    private boolean setUp(int number, DriverParameters parameters) {
        long dev = devices[number].get();
        long priv = kernel.netdevPriv(dev);
        NetDeviceLayout.NAME.set(memory, dev, "sn%d");
        NetDeviceLayout.NETDEV_OPS.set(memory, dev, operations);
        NetDeviceLayout.WATCHDOG_TIMEO.set(memory, dev, Numbers.of(parameters, TIMEOUT));
        NetDeviceLayout.FLAGS.set(memory, dev,
                NetDeviceLayout.FLAGS.get(memory, dev) | NetDeviceLayout.IFF_NOARP);
        for (int i = 0; i < ADDRESS.length(); i++) {
            memory.store8(NetDeviceLayout.DEV_ADDR.at(dev) + i, ADDRESS.charAt(i));
        }
        memory.store8(NetDeviceLayout.DEV_ADDR.at(dev) + ADDRESS.length(), '0' + number);
        kernel.spinLockInit(LOCK.at(priv));
        SnullPrivLayout.DEV.set(memory, priv, dev);
        SnullPrivLayout.LOCKUP.set(memory, priv, Numbers.of(parameters, LOCKUP));
        SnullPrivLayout.USE_NAPI.set(memory, priv, Numbers.of(parameters, USE_NAPI));
        if (isPolled(priv)) {
            kernel.netifNapiAdd(dev, NAPI.at(priv), poll);
        }
        return hardware.setUpPool(priv, Numbers.of(parameters, POOL_SIZE));
    }

    @Override
    public void exit() {
        for (StaticPointer device : devices) {
            kernel.unregisterNetdev(device.get());
        }
        free();
    }

    private void free() {
        for (StaticPointer device : devices) {
            if (device.get() != 0) {
                hardware.tearDownPool(kernel.netdevPriv(device.get()));
                kernel.devKfreeSkb(SKB.get(memory, kernel.netdevPriv(device.get())));
                kernel.freeNetdev(device.get());
                device.set(0);
            }
        }
    }

    // ---- up and down ----

    @Override
    public int open(long dev) {
        long priv = kernel.netdevPriv(dev);
        RX_INT_ENABLED.set(memory, priv, 1);
        if (isPolled(priv)) {
            kernel.napiEnable(NAPI.at(priv));
        }
        kernel.netifStartQueue(dev);
        return 0;
    }

    @Override
    public int stop(long dev) {
        long priv = kernel.netdevPriv(dev);
        kernel.netifStopQueue(dev);
        RX_INT_ENABLED.set(memory, priv, 0);
        if (isPolled(priv)) {
            kernel.napiDisable(NAPI.at(priv));
        }
        return 0;
    }

    // ---- sending ----

    /** The receiver is always the other device: its address ends with the other number (LDD3 page 525). */
    @Override
    public int createHeader(long skb, long dev, int protocol, long destination) {
        long header = kernel.skbPush(skb, Ethernet.ETH_HLEN);
        long own = NetDeviceLayout.DEV_ADDR.at(dev);
        memory.copy(header + Ethernet.ETH_ALEN, own, Ethernet.ETH_ALEN);
        memory.copy(header, own, Ethernet.ETH_ALEN);
        memory.store8(header + Ethernet.ETH_ALEN - 1, memory.load8(own + Ethernet.ETH_ALEN - 1) ^ 1);
        Ethernet.store16(memory, header + Ethernet.PROTOCOL, protocol);
        return Ethernet.ETH_HLEN;
    }

    @Override
    public int startXmit(long skb, long dev) {
        long priv = kernel.netdevPriv(dev);
        if (!hardware.hasBuffer(priv)) {               // after a time-out, which the book's driver does not survive
            return NetDeviceLayout.NETDEV_TX_BUSY;
        }
        int missing = ETH_ZLEN - SkBuffLayout.LEN.get(memory, skb);
        if (missing > 0 && kernel.skbTailroom(skb) >= missing) {
            memory.fill(kernel.skbPut(skb, missing), 0, missing);    // a frame has a least length
        }
        int length = SkBuffLayout.LEN.get(memory, skb);
        SKB.set(memory, priv, skb);
        TX_LENGTH.set(memory, priv, length);
        if (!hardware.send(priv, SkBuffLayout.DATA.get(memory, skb), length, this::interrupt)) {
            count(dev, NetStatsLayout.TX_ERRORS, 1);
        }
        SENT.add(memory, priv, 1);
        setStatus(priv, TX_INTR);
        int lockup = SnullPrivLayout.LOCKUP.get(memory, priv);
        if (lockup != 0 && SENT.get(memory, priv) % lockup == 0) {
            kernel.netifStopQueue(dev);                // and no interrupt comes
            kernel.prDebug("snull: Simulate lockup at " + SENT.get(memory, priv));
        } else {
            interrupt(dev);
        }
        return NetDeviceLayout.NETDEV_TX_OK;
    }

    private void setStatus(long priv, int bit) {
        int flags = kernel.spinLockIrqsave(LOCK.at(priv));
        STATUS.set(memory, priv, STATUS.get(memory, priv) | bit);
        kernel.spinUnlockIrqrestore(LOCK.at(priv), flags);
    }

    /** Makes up for an interrupt that was lost (LDD3 page 518). */
    @Override
    public void txTimeout(long dev) {
        kernel.prDebug("snull: Transmit timeout");
        count(dev, NetStatsLayout.TX_ERRORS, 1);
        setStatus(kernel.netdevPriv(dev), TX_INTR);
        interrupt(dev);
        kernel.netifWakeQueue(dev);
    }

    // ---- receiving ----

    /** The interrupt handler, which real hardware would call (LDD3 page 519). */
    private void interrupt(long dev) {
        long priv = kernel.netdevPriv(dev);
        long packet = 0;
        int flags = kernel.spinLockIrqsave(LOCK.at(priv));
        int status = STATUS.get(memory, priv);
        STATUS.set(memory, priv, 0);
        if ((status & RX_INTR) != 0 && isPolled(priv)) {
            RX_INT_ENABLED.set(memory, priv, 0);
            kernel.napiSchedule(NAPI.at(priv));
        } else if ((status & RX_INTR) != 0) {
            packet = hardware.next(priv);
        }
        if ((status & TX_INTR) != 0 && SKB.get(memory, priv) != 0) {
            count(dev, NetStatsLayout.TX_PACKETS, 1);
            count(dev, NetStatsLayout.TX_BYTES, TX_LENGTH.get(memory, priv));
            kernel.devKfreeSkb(SKB.get(memory, priv));
            SKB.set(memory, priv, 0);
        }
        kernel.spinUnlockIrqrestore(LOCK.at(priv), flags);
        if (packet != 0) {
            long skb = copy(packet, dev);
            if (skb != 0) {
                kernel.netifRx(skb);
            }
        }
    }

    /** Copies a packet off the wire, and frees its buffer. Returns 0 without memory (LDD3 page 514). */
    private long copy(long packet, long dev) {
        int length = SnullPacketLayout.LENGTH.get(memory, packet);
        long skb = kernel.devAllocSkb(length + ALIGNMENT);
        if (skb == 0) {
            count(dev, NetStatsLayout.RX_DROPPED, 1);
        } else {
            kernel.skbReserve(skb, ALIGNMENT);         // so that the Internet's header is aligned
            memory.copy(kernel.skbPut(skb, length), SnullPacketLayout.DATA.at(packet), length);
            SkBuffLayout.PROTOCOL.set(memory, skb, kernel.ethTypeTrans(skb, dev));
            SkBuffLayout.IP_SUMMED.set(memory, skb, SkBuffLayout.CHECKSUM_UNNECESSARY);
            count(dev, NetStatsLayout.RX_PACKETS, 1);
            count(dev, NetStatsLayout.RX_BYTES, length);
        }
        hardware.releaseBuffer(packet);
        return skb;
    }

    @Override
    public int poll(long napi, int budget) {
        long priv = NAPI.containerOf(napi);
        long dev = SnullPrivLayout.DEV.get(memory, priv);
        int given = 0;
        while (given < budget) {
            int flags = kernel.spinLockIrqsave(LOCK.at(priv));
            long packet = hardware.next(priv);
            if (packet == 0) {
                kernel.napiCompleteDone(napi, given);  // under the lock, so that no packet comes between
                RX_INT_ENABLED.set(memory, priv, 1);
            }
            kernel.spinUnlockIrqrestore(LOCK.at(priv), flags);
            if (packet == 0) {
                return given;
            }
            long skb = copy(packet, dev);
            if (skb != 0) {
                kernel.netifReceiveSkb(skb);
            }
            given++;
        }
        return given;
    }
}

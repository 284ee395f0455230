package ferrite.peripherals.nic;

import static ferrite.peripherals.nic.NicLayout.DEV;
import static ferrite.peripherals.nic.NicLayout.IRQ;
import static ferrite.peripherals.nic.NicLayout.LOCK;
import static ferrite.peripherals.nic.NicLayout.NAPI;
import static ferrite.peripherals.nic.NicLayout.NETDEV;
import static ferrite.peripherals.nic.NicLayout.RESETS;
import static ferrite.peripherals.nic.NicLayout.STATE;
import static ferrite.peripherals.nic.NicLayout.STATS;
import static ferrite.peripherals.nic.NicLayout.WATCHDOG;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.base.Word;
import ferrite.kernel.dma.DmaAddress;
import ferrite.kernel.driver.Device;
import ferrite.kernel.driver.DevmAction;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.driver.Parameter;
import ferrite.kernel.fs.SeqFileLayout;
import ferrite.kernel.fs.SeqShow;
import ferrite.kernel.irq.IrqHandler;
import ferrite.kernel.irq.IrqReturn;
import ferrite.kernel.net.Ethernet;
import ferrite.kernel.net.NapiPoll;
import ferrite.kernel.net.NetDeviceLayout;
import ferrite.kernel.net.NetDeviceOps;
import ferrite.kernel.net.NetStatsLayout;
import ferrite.kernel.sched.TimerFunction;
import java.util.List;

/**
 * {@code nic}: the network device of Ferrite's own card. An interrupt switches interrupts off and has the poll function
 * called, which takes the frames that have come and the packets that were sent. While the network device is down, the
 * card is reset and has no memory.
 */
public final class NicDriver implements Driver, NetDeviceOps, NapiPoll {

    private static final int TIMEOUT_MS = 5000;
    private static final int WATCH_MS = 2000;
    private static final int MAX_RESETS = 5;
    private static final int MAC_LOW_BYTES = 4;
    /** The registers of a card that was pulled out. */
    private static final int ALL_ONES = -1;

    private KernelCalls kernel;
    private KernelMemory memory;
    private NicRingDriver rings;
    private long operations;
    private long poll;
    private long interrupt;
    private long watchdog;
    private long statistics;
    private long removal;

    @Override
    public String name() {
        return "nic";
    }

    @Override
    public List<String> compatible() {
        return List.of(Nic.COMPATIBLE);
    }

    @Override
    public List<Struct> structs() {
        return List.of(NicLayout.STRUCT, NicBufferLayout.STRUCT, NicDescriptorLayout.STRUCT, NicStatsLayout.STRUCT);
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(new Parameter("ring", "64", "descriptors of each ring: 4, 8, 16, ... 256",
                NicDriver::checkRing));
    }

    private static void checkRing(String value) {
        if (!List.of("4", "8", "16", "32", "64", "128", "256").contains(value)) {
            throw new IllegalArgumentException("'" + value + "' is no number of descriptors; a power of two from 4 to "
                    + "256 would be right");
        }
    }

    @Override
    public void link(KernelCalls theKernel, TextTable.Module text) {
        kernel = theKernel;
        memory = theKernel.memory();
        rings = new NicRingDriver(theKernel);
        operations = text.add("nic_netdev", (NetDeviceOps) this);
        poll = text.add("nic_poll", (NapiPoll) this);
        interrupt = text.add("nic_interrupt", (IrqHandler) this::handleInterrupt);
        watchdog = text.add("nic_watchdog", (TimerFunction) this::watch);
        statistics = text.add("nic_statistics", (SeqShow) this::showStatistics);
        removal = text.add("nic_remove", (DevmAction) this::unregister);
    }

    // ---- the device ----

    /** Everything but the network device is managed; its removal runs first. */
    @Override
    public int probe(Device device) {
        long dev = device.dev();
        int width = device.property(Nic.ADDRESS_WIDTH, Nic.ADDRESS_BITS);
        int size = Integer.parseInt(device.parameter("ring"));
        long registers = kernel.devmPlatformIoremapResource(dev, 0);
        if (registers == 0) {
            return -Errno.EBUSY;
        }
        if (kernel.readl(registers + NicRegisters.ID) != NicRegisters.MAGIC) {
            return -Errno.ENODEV;
        }
        int result = kernel.dmaSetMaskAndCoherent(dev, DmaAddress.bitMask(width));
        if (result < 0) {
            return result;
        }
        long stats = kernel.devmAllocPercpu(dev, NicStatsLayout.SIZE);
        long txBuffers = kernel.devmKcalloc(dev, size, NicBufferLayout.SIZE, Gfp.GFP_KERNEL);
        long rxBuffers = kernel.devmKcalloc(dev, size, NicBufferLayout.SIZE, Gfp.GFP_KERNEL);
        long netdev = stats == 0 || txBuffers == 0 || rxBuffers == 0 ? 0 : kernel.allocEtherdev(NicLayout.SIZE);
        if (netdev == 0) {
            return -Errno.ENOMEM;
        }
        long nic = kernel.netdevPriv(netdev);
        NicLayout.REGISTERS.set(memory, nic, registers);
        IRQ.set(memory, nic, device.irq());
        DEV.set(memory, nic, dev);
        NETDEV.set(memory, nic, netdev);
        STATS.set(memory, nic, stats);
        NicLayout.SIZE_OF_RINGS.set(memory, nic, size);
        NicLayout.TX_BUFFERS.set(memory, nic, txBuffers);
        NicLayout.RX_BUFFERS.set(memory, nic, rxBuffers);
        return register(nic, netdev);
    }

    private int register(long nic, long netdev) {
        kernel.spinLockInit(LOCK.at(nic));
        kernel.setupTimer(WATCHDOG.at(nic), watchdog, nic);
        rings.write(nic, NicRegisters.CONTROL, NicRegisters.RESET);
        NetDeviceLayout.NETDEV_OPS.set(memory, netdev, operations);
        NetDeviceLayout.WATCHDOG_TIMEO.set(memory, netdev, kernel.msecsToJiffies(TIMEOUT_MS));
        for (int i = 0; i < Ethernet.ETH_ALEN; i++) {
            int register = i < MAC_LOW_BYTES ? NicRegisters.MAC_LOW : NicRegisters.MAC_HIGH;
            memory.store8(NetDeviceLayout.DEV_ADDR.at(netdev) + i,
                    rings.read(nic, register) >>> Byte.SIZE * (i % MAC_LOW_BYTES));
        }
        kernel.netifNapiAdd(netdev, NAPI.at(nic), poll);
        int result = kernel.registerNetdev(netdev);
        if (result < 0) {
            kernel.freeNetdev(netdev);
            return result;
        }
        String name = NetDeviceLayout.NAME.get(memory, netdev);
        if (kernel.procCreateSingleData(name + "_stat", 0, statistics, nic) == 0) {
            kernel.unregisterNetdev(netdev);
            kernel.freeNetdev(netdev);
            return -Errno.ENOMEM;
        }
        return kernel.devmAddActionOrReset(DEV.get(memory, nic), removal, nic);
    }

    private void unregister(long nic) {
        kernel.removeProcEntry(name(nic) + "_stat");
        kernel.unregisterNetdev(NETDEV.get(memory, nic));
        kernel.freeNetdev(NETDEV.get(memory, nic));
    }

    private String name(long nic) {
        return NetDeviceLayout.NAME.get(memory, NETDEV.get(memory, nic));
    }

    // ---- up and down ----

    @Override
    public int open(long netdev) {
        long nic = kernel.netdevPriv(netdev);
        int result = rings.allocate(nic);
        if (result < 0) {
            return result;
        }
        result = kernel.requestIrq(IRQ.get(memory, nic), interrupt, 0, name(nic), nic);
        if (result < 0) {
            rings.free(nic);
            return result;
        }
        kernel.napiEnable(NAPI.at(nic));               // before the card works, so that no interrupt is in vain
        int flags = kernel.spinLockIrqsave(LOCK.at(nic));
        RESETS.set(memory, nic, 0);
        result = rings.start(nic);
        STATE.set(memory, nic, result == 0 ? NicLayout.UP : NicLayout.DOWN);
        kernel.spinUnlockIrqrestore(LOCK.at(nic), flags);
        if (result < 0) {
            giveBack(nic);
            return result;
        }
        lookAtLink(nic);
        kernel.netifStartQueue(netdev);
        return 0;
    }

    @Override
    public int stop(long netdev) {
        long nic = kernel.netdevPriv(netdev);
        kernel.netifStopQueue(netdev);
        int flags = kernel.spinLockIrqsave(LOCK.at(nic));
        STATE.set(memory, nic, NicLayout.DOWN);
        rings.halt(nic);
        kernel.spinUnlockIrqrestore(LOCK.at(nic), flags);
        kernel.delTimerSync(WATCHDOG.at(nic));
        giveBack(nic);
        return 0;
    }

    private void giveBack(long nic) {
        kernel.freeIrq(IRQ.get(memory, nic), nic);
        kernel.napiDisable(NAPI.at(nic));
        rings.free(nic);
    }

    private boolean isUp(long nic) {
        return STATE.get(memory, nic) == NicLayout.UP;
    }

    @Override
    public void setRxMode(long netdev) {
        long nic = kernel.netdevPriv(netdev);
        int flags = kernel.spinLockIrqsave(LOCK.at(nic));
        if (isUp(nic)) {
            rings.setMode(nic);
        }
        kernel.spinUnlockIrqrestore(LOCK.at(nic), flags);
    }

    /** Tells the kernel whether the cable is plugged in. */
    private void lookAtLink(long nic) {
        long netdev = NETDEV.get(memory, nic);
        boolean isUp = (rings.read(nic, NicRegisters.STATUS) & NicRegisters.LINK_UP) != 0;
        if (isUp == kernel.netifCarrierOk(netdev)) {
            return;
        }
        kernel.prInfo(name(nic) + ": link " + (isUp ? "up" : "down"));
        if (isUp) {
            kernel.netifCarrierOn(netdev);
        } else {
            kernel.netifCarrierOff(netdev);
        }
    }

    // ---- sending ----

    @Override
    public int startXmit(long skb, long netdev) {
        long nic = kernel.netdevPriv(netdev);
        int flags = kernel.spinLockIrqsave(LOCK.at(nic));
        boolean sent = isUp(nic) && !rings.isFull(nic) && rings.send(nic, skb);
        if (sent) {
            watchSoon(nic);
        } else {
            rings.count(nic, NetStatsLayout.TX_ERRORS, 1);
        }
        if (isUp(nic) && rings.isFull(nic)) {
            kernel.netifStopQueue(netdev);
        }
        kernel.spinUnlockIrqrestore(LOCK.at(nic), flags);
        if (!sent) {
            kernel.devKfreeSkb(skb);
        }
        return NetDeviceLayout.NETDEV_TX_OK;
    }

    /** The ring was full for five seconds: an interrupt was lost, or the card hangs. */
    @Override
    public void txTimeout(long netdev) {
        long nic = kernel.netdevPriv(netdev);
        int flags = kernel.spinLockIrqsave(LOCK.at(nic));
        if (isUp(nic) && rings.hasWork(nic)) {
            pollSoon(nic);
        } else if (isUp(nic)) {
            recover(nic);
        }
        kernel.spinUnlockIrqrestore(LOCK.at(nic), flags);
    }

    // ---- interrupts and polling ----

    private void pollSoon(long nic) {
        rings.write(nic, NicRegisters.MASK, 0);
        kernel.napiSchedule(NAPI.at(nic));
        watchSoon(nic);
    }

    private IrqReturn handleInterrupt(int irq, long nic) {
        kernel.spinLock(LOCK.at(nic));
        boolean isOwn = isUp(nic) && (rings.read(nic, NicRegisters.CAUSE) & rings.read(nic, NicRegisters.MASK)) != 0;
        if (isOwn) {
            rings.countHere(nic, NicStatsLayout.INTERRUPTS);
            pollSoon(nic);
        }
        kernel.spinUnlock(LOCK.at(nic));
        return isOwn ? IrqReturn.IRQ_HANDLED : IrqReturn.IRQ_NONE;
    }

    /**
     * The causes are acknowledged before the rings are looked at: what comes later sets them again, and interrupts as
     * soon as the mask allows it.
     */
    @Override
    public int poll(long napi, int budget) {
        long nic = NAPI.containerOf(napi);
        int given = 0;
        boolean more = true;
        rings.countHere(nic, NicStatsLayout.POLLS);
        while (more && given < budget) {
            long[] skb = new long[1];
            int flags = kernel.spinLockIrqsave(LOCK.at(nic));
            if (isUp(nic)) {
                acknowledge(nic);
                rings.reclaim(nic);
            }
            more = isUp(nic) && rings.receive(nic, skb);
            if (!more) {
                kernel.napiCompleteDone(napi, given);
                if (isUp(nic)) {
                    rings.write(nic, NicRegisters.MASK, NicRegisters.CAUSES);
                }
            }
            kernel.spinUnlockIrqrestore(LOCK.at(nic), flags);
            if (skb[0] != 0) {
                kernel.netifReceiveSkb(skb[0]);
            }
            given += more ? 1 : 0;
        }
        return given;
    }

    private void acknowledge(long nic) {
        int causes = rings.read(nic, NicRegisters.CAUSE);
        if (causes == ALL_ONES) {
            leave(nic);
            return;
        }
        if (causes != 0) {
            rings.write(nic, NicRegisters.CAUSE, causes);
        }
        if ((causes & NicRegisters.LINK_CHANGED) != 0) {
            lookAtLink(nic);
        }
        if ((causes & NicRegisters.FAILED) != 0) {
            kernel.prErr(name(nic) + ": error " + rings.read(nic, NicRegisters.ERROR) + " at bus address 0x"
                    + Integer.toHexString(rings.read(nic, NicRegisters.ERROR_ADDRESS)));
            recover(nic);
        }
    }

    // ---- mistakes of the card ----

    /**
     * Has {@link #watch} called in two seconds, after a frame was sent or an interrupt came. Linux's drivers set such
     * a timer again and again while the device is up; but then a machine in which every task waits for ever would
     * never stand still. The lock is held.
     */
    private void watchSoon(long nic) {
        if (!kernel.timerPending(WATCHDOG.at(nic))) {
            kernel.modTimer(WATCHDOG.at(nic), kernel.jiffies() + kernel.msecsToJiffies(WATCH_MS));
        }
    }

    /** Looks for a lost interrupt, and at whether the card is there. It goes on while frames are being sent. */
    private void watch(long nic) {
        int flags = kernel.spinLockIrqsave(LOCK.at(nic));
        if (isUp(nic) && isGone(nic)) {
            leave(nic);
        } else if (isUp(nic) && rings.hasWork(nic) && rings.read(nic, NicRegisters.MASK) != 0
                && rings.read(nic, NicRegisters.CAUSE) == 0) {
            kernel.prWarn(name(nic) + ": an interrupt was lost");
            pollSoon(nic);
        }
        if (isUp(nic) && rings.isSending(nic)) {
            watchSoon(nic);
        }
        kernel.spinUnlockIrqrestore(LOCK.at(nic), flags);
    }

    private boolean isGone(long nic) {
        return rings.read(nic, NicRegisters.ID) != NicRegisters.MAGIC;
    }

    /** The card was pulled out: takes everything back. The lock is held. */
    private void leave(long nic) {
        STATE.set(memory, nic, NicLayout.GONE);
        rings.halt(nic);
        kernel.netifCarrierOff(NETDEV.get(memory, nic));
        kernel.prErr(name(nic) + ": the card is gone");
    }

    /** Resets the card and starts it again, up to five times without a frame between. The lock is held. */
    private void recover(long nic) {
        if (isGone(nic)) {
            leave(nic);
            return;
        }
        rings.halt(nic);
        rings.countHere(nic, NicStatsLayout.RESETS);
        RESETS.add(memory, nic, 1);
        if (RESETS.get(memory, nic) > MAX_RESETS) {
            STATE.set(memory, nic, NicLayout.BROKEN);
            kernel.prErr(name(nic) + ": the card is wrong again and again, and was stopped");
        } else {
            rings.start(nic);
            kernel.prWarn(name(nic) + ": the card was reset");
        }
        kernel.netifWakeQueue(NETDEV.get(memory, nic));
    }

    // ---- statistics ----

    private int showStatistics(long seq) {
        long stats = STATS.get(memory, SeqFileLayout.PRIVATE.get(memory, seq));
        kernel.seqPuts(seq, "hart interrupts polls received copied sent resets\n");
        Word[] counts = {NicStatsLayout.INTERRUPTS, NicStatsLayout.POLLS, NicStatsLayout.RECEIVED,
            NicStatsLayout.COPIED, NicStatsLayout.SENT, NicStatsLayout.RESETS};
        int[] sums = new int[counts.length];
        for (int hart = 0; hart < kernel.numOnlineCpus(); hart++) {
            StringBuilder line = new StringBuilder().append(hart);
            for (int i = 0; i < counts.length; i++) {
                int count = counts[i].get(memory, kernel.perCpuPtr(stats, hart));
                sums[i] += count;
                line.append(' ').append(count);
            }
            kernel.seqPuts(seq, line.append('\n').toString());
        }
        StringBuilder line = new StringBuilder("all");
        for (int sum : sums) {
            line.append(' ').append(sum);
        }
        kernel.seqPuts(seq, line.append('\n').toString());
        return 0;
    }
}

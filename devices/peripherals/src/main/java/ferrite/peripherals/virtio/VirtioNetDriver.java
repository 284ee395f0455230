package ferrite.peripherals.virtio;

import static ferrite.peripherals.virtio.VirtnetInfoLayout.DEV;
import static ferrite.peripherals.virtio.VirtnetInfoLayout.FREE;
import static ferrite.peripherals.virtio.VirtnetInfoLayout.LOCK;
import static ferrite.peripherals.virtio.VirtnetInfoLayout.NAPI;
import static ferrite.peripherals.virtio.VirtnetInfoLayout.STATE;
import static ferrite.peripherals.virtio.VirtnetInfoLayout.VDEV;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.base.ULong;
import ferrite.kernel.driver.DevmAction;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.net.Ethernet;
import ferrite.kernel.net.NapiPoll;
import ferrite.kernel.net.NetDeviceLayout;
import ferrite.kernel.net.NetDeviceOps;
import ferrite.kernel.net.NetStatsLayout;

/**
 * {@code virtio-net}: the network devices eth0, eth1, … (section 5.1). One poll function takes the frames that have
 * come, and the packets that were sent. While the network device is down, its virtio device has no buffers.
 */
final class VirtioNetDriver implements VirtioDriver, NetDeviceOps, NapiPoll {

    /** The header before each frame, with VERSION_1 (section 5.1.6). */
    static final int HEADER_BYTES = 12;

    private static final int NETWORK = 1;
    private static final int F_MAC = 5;
    private static final int MAC = 0;
    private static final int RECEIVE = 0;
    private static final int TRANSMIT = 1;
    private static final int TIMEOUT_MS = 5000;
    private static final int GROUP_BIT = 1;
    private static final int LOCAL_BIT = 2;

    private KernelCalls kernel;
    private KernelMemory memory;
    private VirtioBusDriver bus;
    private VirtnetQueueDriver frames;
    private long operations;
    private long poll;
    private long removal;

    @Override
    public String name() {
        return "virtio-net";
    }

    @Override
    public int id() {
        return NETWORK;
    }

    @Override
    public int features() {
        return 1 << F_MAC;
    }

    /** Nothing uses a network device once it is unregistered. */
    @Override
    public boolean isUnbindable() {
        return true;
    }

    @Override
    public void link(KernelCalls theKernel, VirtioBusDriver theBus, TextTable.Module text) {
        kernel = theKernel;
        memory = theKernel.memory();
        bus = theBus;
        frames = new VirtnetQueueDriver(theKernel, theBus);
        operations = text.add("virtnet_netdev", (NetDeviceOps) this);
        poll = text.add("virtnet_poll", (NapiPoll) this);
        removal = text.add("virtnet_remove", (DevmAction) this::unregister);
    }

    // ---- the device ----

    /** The network device and its removal are managed: the removal runs before the queues are freed. */
    @Override
    public int probe(long vdev) {
        int result = bus.virtioFindVqs(vdev, 2);
        long dev = result < 0 ? 0 : kernel.allocEtherdev(VirtnetInfoLayout.SIZE);
        if (dev == 0) {
            return result < 0 ? result : -Errno.ENOMEM;
        }
        long priv = kernel.netdevPriv(dev);
        VirtioDeviceLayout.PRIV.set(memory, vdev, priv);
        VDEV.set(memory, priv, vdev);
        DEV.set(memory, priv, dev);
        VirtnetInfoLayout.RVQ.set(memory, priv, bus.vq(vdev, RECEIVE));
        VirtnetInfoLayout.SVQ.set(memory, priv, bus.vq(vdev, TRANSMIT));
        kernel.spinLockInit(LOCK.at(priv));
        NetDeviceLayout.NETDEV_OPS.set(memory, dev, operations);
        NetDeviceLayout.WATCHDOG_TIMEO.set(memory, dev, kernel.msecsToJiffies(TIMEOUT_MS));
        readAddress(vdev, NetDeviceLayout.DEV_ADDR.at(dev));
        kernel.netifNapiAdd(dev, NAPI.at(priv), poll);
        result = frames.makeRecords(priv) ? 0 : -Errno.ENOMEM;
        if (result == 0) {
            bus.virtioDeviceReady(vdev);
            result = kernel.registerNetdev(dev);
        }
        if (result < 0) {
            bus.disableInterrupt(vdev);                // the handler uses the record, which is part of the device
            kernel.synchronizeIrq(VirtioDeviceLayout.IRQ.get(memory, vdev));
            kernel.freeNetdev(dev);
            return result;
        }
        return kernel.devmAddActionOrReset(VirtioDeviceLayout.DEV.get(memory, vdev), removal, priv);
    }

    /** Reads the device's address. A device without a right one gets a random one, as in Linux. */
    private void readAddress(long vdev, long to) {
        boolean has = bus.virtioHasFeature(vdev, F_MAC);
        int any = 0;
        for (int i = 0; has && i < Ethernet.ETH_ALEN; i++) {
            int value = bus.virtioCread8(vdev, MAC + i);
            memory.store8(to + i, value);
            any |= value;
        }
        if (any == 0 || (memory.load8(to) & GROUP_BIT) != 0) {
            kernel.getRandomBytes(to, Ethernet.ETH_ALEN);
            memory.store8(to, memory.load8(to) & ~GROUP_BIT | LOCAL_BIT);
        }
    }

    private void unregister(long priv) {
        kernel.unregisterNetdev(DEV.get(memory, priv));
        bus.virtioResetDevice(VDEV.get(memory, priv));
        kernel.freeNetdev(DEV.get(memory, priv));
    }

    // ---- up and down ----

    @Override
    public int open(long dev) {
        long priv = kernel.netdevPriv(dev);
        int result = frames.makeBuffers(priv);
        if (result < 0) {
            return result;
        }
        kernel.napiEnable(NAPI.at(priv));              // before the device works, so that no interrupt is in vain
        int flags = kernel.spinLockIrqsave(LOCK.at(priv));
        VirtnetInfoLayout.RESETS.set(memory, priv, 0);
        bus.virtioResetDevice(VDEV.get(memory, priv));
        result = frames.start(priv);
        kernel.spinUnlockIrqrestore(LOCK.at(priv), flags);
        if (result < 0) {
            kernel.napiDisable(NAPI.at(priv));
            frames.freeBuffers(priv);
            return result;
        }
        kernel.netifStartQueue(dev);
        return 0;
    }

    @Override
    public int stop(long dev) {
        long priv = kernel.netdevPriv(dev);
        kernel.netifStopQueue(dev);
        int flags = kernel.spinLockIrqsave(LOCK.at(priv));
        STATE.set(memory, priv, VirtnetInfoLayout.DOWN);
        frames.halt(priv);
        kernel.spinUnlockIrqrestore(LOCK.at(priv), flags);
        kernel.napiDisable(NAPI.at(priv));
        frames.freeBuffers(priv);
        return 0;
    }

    private boolean isUp(long priv) {
        return STATE.get(memory, priv) == VirtnetInfoLayout.UP;
    }

    private void count(long dev, ULong counter) {
        counter.add(memory, NetDeviceLayout.STATS.at(dev), 1);
    }

    // ---- sending ----

    @Override
    public int startXmit(long skb, long dev) {
        long priv = kernel.netdevPriv(dev);
        int flags = kernel.spinLockIrqsave(LOCK.at(priv));
        boolean sent = isUp(priv) && FREE.get(memory, priv) != 0 && frames.send(priv, skb);
        if (!sent) {
            count(dev, NetStatsLayout.TX_ERRORS);
        }
        if (isUp(priv) && FREE.get(memory, priv) == 0) {
            kernel.netifStopQueue(dev);
        }
        kernel.spinUnlockIrqrestore(LOCK.at(priv), flags);
        if (!sent) {
            kernel.devKfreeSkb(skb);
        }
        return NetDeviceLayout.NETDEV_TX_OK;
    }

    /** No packet was sent for five seconds: an interrupt was lost, or the device does not work. */
    @Override
    public void txTimeout(long dev) {
        long priv = kernel.netdevPriv(dev);
        int flags = kernel.spinLockIrqsave(LOCK.at(priv));
        if (isUp(priv) && frames.reclaim(priv) > 0) {
            kernel.prWarn(NetDeviceLayout.NAME.get(memory, dev) + ": an interrupt was lost");
            kernel.napiSchedule(NAPI.at(priv));
        } else if (isUp(priv)) {
            frames.recover(priv);
        }
        kernel.spinUnlockIrqrestore(LOCK.at(priv), flags);
    }

    // ---- interrupts and polling ----

    @Override
    public void done(long vdev, long vq) {
        long priv = VirtioDeviceLayout.PRIV.get(memory, vdev);
        kernel.spinLock(LOCK.at(priv));
        if (isUp(priv)) {
            frames.disableInterrupts(priv);
            kernel.napiSchedule(NAPI.at(priv));
        }
        kernel.spinUnlock(LOCK.at(priv));
    }

    /** The device has found a mistake and stopped: lets the poll function reset it. */
    @Override
    public void configChanged(long vdev) {
        long priv = VirtioDeviceLayout.PRIV.get(memory, vdev);
        kernel.spinLock(LOCK.at(priv));
        if (isUp(priv) && bus.needsReset(vdev)) {
            VirtnetInfoLayout.NEEDS_RESET.set(memory, priv, 1);
            kernel.napiSchedule(NAPI.at(priv));
        }
        kernel.spinUnlock(LOCK.at(priv));
    }

    @Override
    public int poll(long napi, int budget) {
        long priv = NAPI.containerOf(napi);
        int given = 0;
        boolean more = true;
        while (more && given < budget) {
            long[] skb = new long[1];
            int flags = kernel.spinLockIrqsave(LOCK.at(priv));
            if (isUp(priv)) {
                frames.reclaim(priv);
            }
            more = isUp(priv) && frames.receive(priv, skb);
            if (isUp(priv) && frames.isWrong(priv)) {
                frames.recover(priv);
                more = false;
            }
            if (!more) {
                complete(priv, given);
            }
            kernel.spinUnlockIrqrestore(LOCK.at(priv), flags);
            if (skb[0] != 0) {
                kernel.netifReceiveSkb(skb[0]);
            }
            given += more ? 1 : 0;
        }
        return given;
    }

    /** Ends the polling, unless something has come for which no interrupt will. The lock is held. */
    private void complete(long priv, int given) {
        kernel.napiCompleteDone(NAPI.at(priv), given);
        if (isUp(priv) && !frames.enableInterrupts(priv)) {
            frames.disableInterrupts(priv);
            kernel.napiSchedule(NAPI.at(priv));
        }
    }
}

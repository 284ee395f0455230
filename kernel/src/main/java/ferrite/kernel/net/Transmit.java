package ferrite.kernel.net;

import static ferrite.kernel.net.NetDeviceLayout.NOCARRIER;
import static ferrite.kernel.net.NetDeviceLayout.QLEN;
import static ferrite.kernel.net.NetDeviceLayout.QUEUE;
import static ferrite.kernel.net.NetDeviceLayout.SCHED;
import static ferrite.kernel.net.NetDeviceLayout.STATE;
import static ferrite.kernel.net.NetDeviceLayout.XMIT_LOCK;
import static ferrite.kernel.net.NetDeviceLayout.XOFF;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.core.Callbacks;
import ferrite.kernel.log.KernLevels;
import ferrite.kernel.sched.Jiffies;
import ferrite.kernel.sched.KernelTimer;
import ferrite.kernel.sched.Sleep;
import ferrite.kernel.sched.Softirq;
import ferrite.kernel.sched.TimerFunction;

/** Packets on their way to a driver: each device's queue, which the driver stops and starts (LDD3 page 516). */
public final class Transmit {

    /** Linux's results of {@code dev_queue_xmit}. */
    static final int NET_XMIT_SUCCESS = 0;
    static final int NET_XMIT_DROP = 1;

    private final NetState state;
    private final KernelMemory memory;
    private final TextTable text;
    private final SpinLock xmitLocks;
    private final Callbacks callbacks;
    private final Softirq softirqs;
    private final KernelTimer timers;
    private final Sleep sleep;
    private final NetDevices devices;
    private final SkBuffs packets;
    private final long watchdog;

    Transmit(NetState state, NetDevices devices, SkBuffs packets, TextTable.Module module) {
        this.state = state;
        this.memory = state.base().memory();
        this.text = state.base().text();
        this.xmitLocks = state.base().driverLocks();
        this.callbacks = new Callbacks(state.base());
        this.softirqs = state.tasks().softirqs();
        this.timers = state.tasks().timers();
        this.sleep = state.tasks().sleep();
        this.devices = devices;
        this.packets = packets;
        this.watchdog = module.add("dev_watchdog", (TimerFunction) this::watch);
        softirqs.open(Softirq.NET_TX, this::serve);
    }

    /** {@code dev_queue_xmit}: sends a packet with its hardware header, which it takes over. Task or softirq. */
    public int queue(long skb) {
        long dev = SkBuffLayout.DEV.get(memory, skb);
        lock(dev);
        boolean taken = devices.isUp(memory, dev) && hasCarrier(dev)
                && QLEN.get(memory, dev) < NetDeviceLayout.TX_QUEUE_LEN.get(memory, dev);
        if (taken) {
            ListHead.addTail(memory, SkBuffLayout.LIST.at(skb), QUEUE.at(dev));
            QLEN.add(memory, dev, 1);
            run(dev);
        } else {
            NetStatsLayout.TX_DROPPED.add(memory, NetDeviceLayout.STATS.at(dev), 1);
        }
        unlock(dev);
        if (!taken) {
            packets.free(skb);
        }
        return taken ? NET_XMIT_SUCCESS : NET_XMIT_DROP;
    }

    private void lock(long dev) {
        softirqs.disable("dev_queue_xmit");
        xmitLocks.lock(XMIT_LOCK.at(dev), "dev_queue_xmit");
    }

    private void unlock(long dev) {
        xmitLocks.unlock(XMIT_LOCK.at(dev), "dev_queue_xmit");
        softirqs.enable("dev_queue_xmit");
    }

    /** Gives the driver packets until it stops the queue. The device is locked. */
    private void run(long dev) {
        long ops = NetDeviceLayout.NETDEV_OPS.get(memory, dev);
        while (QLEN.get(memory, dev) != 0 && !isStopped(dev)) {
            long node = ListHead.first(memory, QUEUE.at(dev));
            ListHead.delete(memory, node);
            long skb = SkBuffLayout.LIST.containerOf(node);
            int[] result = new int[1];
            callbacks.call("the transmit function", ops,
                    () -> result[0] = text.at(ops, NetDeviceOps.class).startXmit(skb, dev));
            if (result[0] != NetDeviceLayout.NETDEV_TX_OK) {
                ListHead.add(memory, SkBuffLayout.LIST.at(skb), QUEUE.at(dev));
                if (!isStopped(dev)) {
                    schedule(dev);                     // it is busy: a softirq tries again
                }
                return;
            }
            QLEN.add(memory, dev, -1);
            NetDeviceLayout.TRANS_START.set(memory, dev, sleep.now());
        }
    }

    private void schedule(long dev) {
        if ((STATE.amoOr(memory, dev, SCHED) & SCHED) == 0) {
            softirqs.raise(Softirq.NET_TX);
        }
    }

    /** The softirq: goes on with the queues that were started. */
    private void serve() {
        for (long dev : devices.held()) {
            if ((STATE.amoAnd(memory, dev, ~SCHED) & SCHED) != 0) {
                lock(dev);
                if (devices.isUp(memory, dev)) {
                    run(dev);
                }
                unlock(dev);
            }
            devices.put(dev);
        }
    }

    // ---- the driver's switch ----

    /** {@code netif_start_queue}: lets the kernel give the driver packets. Any context. */
    public void start(long dev) {
        STATE.amoAnd(memory, dev, ~XOFF);
    }

    /** {@code netif_stop_queue}: the driver takes no packets. Any context. */
    public void stop(long dev) {
        STATE.amoOr(memory, dev, XOFF);
        watchStopped(dev);
    }

    /** {@code netif_wake_queue}: as {@link #start}, and sends the packets that wait. Any context. */
    public void wake(long dev) {
        if ((STATE.amoAnd(memory, dev, ~XOFF) & XOFF) != 0) {
            schedule(dev);
        }
    }

    /** {@code netif_queue_stopped}. Any context. */
    public boolean isStopped(long dev) {
        return (STATE.get(memory, dev) & XOFF) != 0;
    }

    // ---- the cable ----

    /** {@code netif_carrier_ok}. Any context. */
    public boolean hasCarrier(long dev) {
        return (STATE.get(memory, dev) & NOCARRIER) == 0;
    }

    /** {@code netif_carrier_on}: the cable is plugged in, and packets are sent again. Any context. */
    public void carrierOn(long dev) {
        if ((STATE.amoAnd(memory, dev, ~NOCARRIER) & NOCARRIER) != 0 && devices.isUp(memory, dev)) {
            NetDeviceLayout.FLAGS.amoOr(memory, dev, NetDeviceLayout.IFF_RUNNING);
            NetDeviceLayout.TRANS_START.set(memory, dev, sleep.now());
            watchStopped(dev);
            schedule(dev);
        }
    }

    /** {@code netif_carrier_off}: the cable is not plugged in. Packets are dropped until it is. Any context. */
    public void carrierOff(long dev) {
        STATE.amoOr(memory, dev, NOCARRIER);
        NetDeviceLayout.FLAGS.amoAnd(memory, dev, ~NetDeviceLayout.IFF_RUNNING);
    }

    // ---- up and down ----

    /** Prepares the watchdog of a device that is up. Task context. */
    void began(long dev) {
        NetDeviceLayout.TRANS_START.set(memory, dev, sleep.now());
        timers.setUp(NetDeviceLayout.WATCHDOG_TIMER.at(dev), watchdog, dev);
    }

    /** Ends the work on a device that is down: drops the packets that wait. Task context; may sleep. */
    void ended(long dev) {
        lock(dev);
        STATE.amoAnd(memory, dev, ~SCHED);
        for (long node : ListHead.nodes(memory, QUEUE.at(dev), QLEN.get(memory, dev))) {
            ListHead.delete(memory, node);
            packets.free(SkBuffLayout.LIST.containerOf(node));
        }
        QLEN.set(memory, dev, 0);
        unlock(dev);
    }

    /** Stops the watchdog's timer, after the driver's last call for the device. Task context; may sleep. */
    void watchNoMore(long dev) {
        timers.delete(NetDeviceLayout.WATCHDOG_TIMER.at(dev));
    }

    /**
     * Sets the watchdog's timer while the queue is stopped. Linux's timer always runs; but then a machine in which
     * every task waits for ever would never stand still.
     */
    private void watchStopped(long dev) {
        int patience = NetDeviceLayout.WATCHDOG_TIMEO.get(memory, dev);
        long timer = NetDeviceLayout.WATCHDOG_TIMER.at(dev);
        if (patience > 0 && isStopped(dev) && devices.isUp(memory, dev) && hasCarrier(dev)
                && !timers.isPending(timer)) {
            timers.modify(timer, sleep.now() + patience + 1);
        }
    }

    /** The watchdog, in a softirq: tells the driver that its queue has been stopped for too long. */
    private void watch(long dev) {
        int patience = NetDeviceLayout.WATCHDOG_TIMEO.get(memory, dev);
        lock(dev);
        if (devices.isUp(memory, dev) && isStopped(dev) && hasCarrier(dev)
                && Jiffies.isAfter(sleep.now(), NetDeviceLayout.TRANS_START.get(memory, dev) + patience)) {
            state.base().log().print(KernLevels.KERN_INFO + "NETDEV WATCHDOG: "
                    + NetDeviceLayout.NAME.get(memory, dev) + ": transmit queue 0 timed out");
            long ops = NetDeviceLayout.NETDEV_OPS.get(memory, dev);
            callbacks.call("the function for time-outs", ops,
                    () -> text.at(ops, NetDeviceOps.class).txTimeout(dev));
        }
        watchStopped(dev);
        unlock(dev);
    }
}

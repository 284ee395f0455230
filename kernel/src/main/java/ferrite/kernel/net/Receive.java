package ferrite.kernel.net;

import static ferrite.kernel.net.SoftnetLayout.INPUT;
import static ferrite.kernel.net.SoftnetLayout.INPUT_LENGTH;
import static ferrite.kernel.net.SoftnetLayout.LOCK;
import static ferrite.kernel.net.SoftnetLayout.POLL_LIST;

import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.core.Callbacks;
import ferrite.kernel.core.Context;
import ferrite.kernel.log.KernLevels;
import ferrite.kernel.sched.Sleep;
import ferrite.kernel.sched.Softirq;

/**
 * Packets that drivers have received. A driver either gives each one to {@code netif_rx} in its interrupt handler (LDD3
 * page 514), or has its poll function called while packets come (page 522), which costs no interrupt for each.
 */
public final class Receive {

    /** Linux's results of {@code netif_rx}. */
    static final int NET_RX_SUCCESS = 0;
    static final int NET_RX_DROP = 1;

    /** Linux's limits: packets that wait on a hart, that a softirq takes at once, and of one poll. */
    private static final int NETDEV_MAX_BACKLOG = 1000;
    private static final int NETDEV_BUDGET = 300;
    private static final int NAPI_POLL_WEIGHT = 64;

    private final NetState state;
    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final Context context;
    private final TextTable text;
    private final Callbacks callbacks;
    private final Softirq softirqs;
    private final Sleep sleep;
    private final NetDevices devices;
    private final SkBuffs packets;
    private final Ipv4 protocols;

    Receive(NetState state, NetDevices devices, SkBuffs packets, Ipv4 protocols) {
        this.state = state;
        this.memory = state.base().memory();
        this.cpu = state.base().cpu();
        this.context = state.base().context();
        this.text = state.base().text();
        this.callbacks = new Callbacks(state.base());
        this.softirqs = state.tasks().softirqs();
        this.sleep = state.tasks().sleep();
        this.devices = devices;
        this.packets = packets;
        this.protocols = protocols;
        softirqs.open(Softirq.NET_RX, this::serve);
    }

    private long softnet() {
        return state.softnet(cpu.hartId());
    }

    // ---- netif_rx ----

    /**
     * {@code netif_rx}: leaves a packet to a softirq of this hart, which takes it over. Any context.
     *
     * @return {@link #NET_RX_SUCCESS} or, if too many wait, {@link #NET_RX_DROP}
     */
    public int queue(long skb) {
        long dev = SkBuffLayout.DEV.get(memory, skb);
        int flags = cpu.irqSave();
        long softnet = softnet();
        state.locks().lock(LOCK.at(softnet));
        boolean taken = INPUT_LENGTH.get(memory, softnet) < NETDEV_MAX_BACKLOG;
        if (taken) {
            devices.hold(dev);
            ListHead.addTail(memory, SkBuffLayout.LIST.at(skb), INPUT.at(softnet));
            INPUT_LENGTH.add(memory, softnet, 1);
            softirqs.raise(Softirq.NET_RX);
        } else {
            SoftnetLayout.DROPPED.add(memory, softnet, 1);
            NetStatsLayout.RX_DROPPED.add(memory, NetDeviceLayout.STATS.at(dev), 1);
        }
        state.locks().unlock(LOCK.at(softnet));
        cpu.irqRestore(flags);
        if (!taken) {
            packets.free(skb);
        }
        return taken ? NET_RX_SUCCESS : NET_RX_DROP;
    }

    /** Takes the next packet of this hart, or 0. */
    private long next() {
        int flags = cpu.irqSave();
        long softnet = softnet();
        state.locks().lock(LOCK.at(softnet));
        long node = ListHead.first(memory, INPUT.at(softnet));
        boolean none = node == INPUT.at(softnet);
        if (!none) {
            ListHead.delete(memory, node);
            INPUT_LENGTH.add(memory, softnet, -1);
        }
        state.locks().unlock(LOCK.at(softnet));
        cpu.irqRestore(flags);
        return none ? 0 : SkBuffLayout.LIST.containerOf(node);
    }

    /** {@code netif_receive_skb}: gives a packet to its protocol, which takes it over. Softirq. */
    public int receive(long skb) {
        long dev = SkBuffLayout.DEV.get(memory, skb);
        if (devices.isUp(memory, dev) && SkBuffLayout.PKT_TYPE.get(memory, skb) != SkBuffLayout.PACKET_OTHERHOST) {
            protocols.receive(skb, dev);
        }
        packets.free(skb);
        return NET_RX_SUCCESS;
    }

    // ---- polling ----

    /** {@code netif_napi_add}: gives a driver's record its poll function. It is disabled at first. Task context. */
    public void add(long dev, long napi, long poll) {
        ListHead.init(memory, NapiLayout.NODE.at(napi));
        NapiLayout.STATE.set(memory, napi, NapiLayout.SCHED);
        NapiLayout.WEIGHT.set(memory, napi, NAPI_POLL_WEIGHT);
        NapiLayout.POLL.set(memory, napi, poll);
        NapiLayout.DEV.set(memory, napi, dev);
    }

    /** {@code napi_enable}: the poll function may be called from now on. Any context. */
    public void enable(long napi) {
        NapiLayout.STATE.amoAnd(memory, napi, ~NapiLayout.SCHED);
    }

    /** {@code napi_disable}: when this returns, the poll function is not called any more. Task context; may sleep. */
    public void disable(long napi) {
        context.mightSleep("napi_disable", "call it in the stop operation of the device");
        while ((NapiLayout.STATE.amoOr(memory, napi, NapiLayout.SCHED) & NapiLayout.SCHED) != 0) {
            sleep.scheduleTimeout("napi_disable", sleep.ticks(1));
        }
    }

    /** {@code napi_schedule}: has the poll function called by a softirq of this hart. Any context. */
    public boolean schedule(long napi) {
        boolean free = (NapiLayout.STATE.amoOr(memory, napi, NapiLayout.SCHED) & NapiLayout.SCHED) == 0;
        if (free) {
            addToPollList(napi);
            softirqs.raise(Softirq.NET_RX);
        }
        return free;
    }

    /** {@code napi_complete_done}: the poll function has given all packets. Softirq. */
    public boolean complete(long napi) {
        NapiLayout.COMPLETIONS.add(memory, napi, 1);
        NapiLayout.STATE.amoAnd(memory, napi, ~NapiLayout.SCHED);
        return true;
    }

    private void addToPollList(long napi) {
        int flags = cpu.irqSave();
        ListHead.addTail(memory, NapiLayout.NODE.at(napi), POLL_LIST.at(softnet()));
        cpu.irqRestore(flags);
    }

    private long nextToPoll() {
        int flags = cpu.irqSave();
        long node = ListHead.first(memory, POLL_LIST.at(softnet()));
        boolean none = node == POLL_LIST.at(softnet());
        if (!none) {
            ListHead.delete(memory, node);
        }
        cpu.irqRestore(flags);
        return none ? 0 : NapiLayout.NODE.containerOf(node);
    }

    // ---- the softirq ----

    private void serve() {
        int left = NETDEV_BUDGET;
        for (long skb = next(); skb != 0; skb = --left > 0 ? next() : 0) {
            long dev = SkBuffLayout.DEV.get(memory, skb);
            receive(skb);
            devices.put(dev);
        }
        for (long napi = left > 0 ? nextToPoll() : 0; napi != 0; napi = left > 0 ? nextToPoll() : 0) {
            left -= poll(napi);
        }
        if (left <= 0) {
            softirqs.raise(Softirq.NET_RX);
        }
    }

    /** The device is held, because its driver may be removed as soon as the function has called napi_complete_done. */
    private int poll(long napi) {
        long dev = NapiLayout.DEV.get(memory, napi);
        devices.hold(dev);
        long function = NapiLayout.POLL.get(memory, napi);
        int weight = NapiLayout.WEIGHT.get(memory, napi);
        int completions = NapiLayout.COMPLETIONS.get(memory, napi);
        int[] given = new int[1];
        softirqs.begins(function);
        callbacks.call("the poll function", function,
                () -> given[0] = text.at(function, NapiPoll.class).poll(napi, weight));
        softirqs.begins(0);
        boolean completed = NapiLayout.COMPLETIONS.get(memory, napi) != completions;
        if (!completed && given[0] >= weight) {
            addToPollList(napi);
        } else if (!completed) {
            state.base().log().print(KernLevels.KERN_ERR + text.name(function) + " gave " + given[0] + " of " + weight
                    + " packets without napi_complete_done: it is not called again");
        }
        devices.put(dev);
        return Math.max(1, given[0]);
    }
}

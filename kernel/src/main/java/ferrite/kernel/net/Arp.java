package ferrite.kernel.net;

import static ferrite.kernel.net.ArpEntryLayout.ADDRESS;
import static ferrite.kernel.net.ArpEntryLayout.DEV;
import static ferrite.kernel.net.ArpEntryLayout.FREE;
import static ferrite.kernel.net.ArpEntryLayout.HARDWARE;
import static ferrite.kernel.net.ArpEntryLayout.INCOMPLETE;
import static ferrite.kernel.net.ArpEntryLayout.REACHABLE;
import static ferrite.kernel.net.ArpEntryLayout.STATE;
import static ferrite.kernel.net.ArpEntryLayout.UPDATED;
import static ferrite.kernel.net.ArpEntryLayout.WAITING;

import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.sched.Jiffies;
import ferrite.kernel.sched.Sleep;
import java.util.ArrayList;
import java.util.List;

/** The Address Resolution Protocol (RFC 826): a small table of hosts on the same net, and the questions for them. */
public final class Arp {

    private static final int BYTES = 28;
    private static final int REQUEST = 1;
    private static final int REPLY = 2;
    private static final int HEADROOM = 64;
    /** Places in a message for Ethernet and the Internet Protocol. */
    private static final int PROTOCOL = 2;
    private static final int LENGTHS = 4;
    private static final int OPERATION = 6;
    private static final int SENDER = 8;
    private static final int SENDER_IP = 14;
    private static final int TARGET = 18;
    private static final int TARGET_IP = 24;
    private static final int ETHERNET = 1;
    private static final int LENGTHS_OF_BOTH = Ethernet.ETH_ALEN << 8 | 4;

    private final NetState state;
    private final KernelMemory memory;
    private final Sleep sleep;
    private final NetHeaders headers;
    private final SkBuffs packets;

    Arp(NetState state, SkBuffs packets, NetHeaders headers) {
        this.state = state;
        this.memory = state.base().memory();
        this.sleep = state.tasks().sleep();
        this.packets = packets;
        this.headers = headers;
    }

    // ---- the table; the caller holds the lock ----

    private long entry(int index) {
        return NetLayout.ARP_TABLE.at(state.get(), index);
    }

    private long find(long dev, int address) {
        for (int i = 0; i < NetLayout.ARP_ENTRIES; i++) {
            long entry = entry(i);
            if (STATE.get(memory, entry) != FREE && DEV.get(memory, entry) == dev
                    && ADDRESS.get(memory, entry) == address) {
                return entry;
            }
        }
        return 0;
    }

    /** Makes an entry in a free place, or in place of the oldest one. */
    private long make(long dev, int address) {
        long chosen = 0;
        for (int i = 0; i < NetLayout.ARP_ENTRIES && (chosen == 0 || STATE.get(memory, chosen) != FREE); i++) {
            long entry = entry(i);
            if (chosen == 0 || STATE.get(memory, entry) == FREE
                    || Jiffies.isAfter(UPDATED.get(memory, chosen), UPDATED.get(memory, entry))) {
                chosen = entry;
            }
        }
        drop(chosen);
        DEV.set(memory, chosen, dev);
        ADDRESS.set(memory, chosen, address);
        return chosen;
    }

    private void drop(long entry) {
        packets.free(WAITING.get(memory, entry));
        WAITING.set(memory, entry, 0);
        STATE.set(memory, entry, FREE);
    }

    /** Forgets the hosts that a device leads to. Any context. */
    void forget(long dev) {
        int flags = state.lock();
        for (int i = 0; i < NetLayout.ARP_ENTRIES; i++) {
            if (DEV.get(memory, entry(i)) == dev) {
                drop(entry(i));
            }
        }
        state.unlock(flags);
    }

    // ---- sending ----

    /**
     * Sends a packet to a host on a device's net, at once or when the host has told its address. One packet waits for
     * each host. Takes the packet over. Task or softirq.
     */
    int send(long skb, long dev, int to) {
        int flags = state.lock();
        long entry = find(dev, to);
        boolean known = entry != 0 && STATE.get(memory, entry) == REACHABLE;
        boolean asks = false;
        if (known) {
            memory.copy(SkBuffLayout.HEAD.get(memory, skb), HARDWARE.at(entry), Ethernet.ETH_ALEN + 2);
        } else {
            int now = sleep.now();
            asks = entry == 0 || Jiffies.isAfter(now, UPDATED.get(memory, entry) + Jiffies.HZ - 1);
            entry = entry != 0 ? entry : make(dev, to);
            packets.free(WAITING.get(memory, entry));
            WAITING.set(memory, entry, skb);
            STATE.set(memory, entry, INCOMPLETE);
            if (asks) {
                UPDATED.set(memory, entry, now);
            }
        }
        state.unlock(flags);
        if (asks) {
            tell(REQUEST, dev, 0, to);
        }
        return known ? headers.send(skb, dev, Ethernet.ETH_P_IP, SkBuffLayout.HEAD.get(memory, skb)) : 0;
    }

    /** Sends a message. */
    private void tell(int operation, long dev, long receiver, int to) {
        long skb = packets.alloc(HEADROOM + BYTES, Gfp.GFP_ATOMIC);
        if (skb == 0) {
            return;
        }
        packets.reserve(skb, HEADROOM);
        long message = packets.put(skb, BYTES);
        Ethernet.store16(memory, message, ETHERNET);
        Ethernet.store16(memory, message + PROTOCOL, Ethernet.ETH_P_IP);
        Ethernet.store16(memory, message + LENGTHS, LENGTHS_OF_BOTH);
        Ethernet.store16(memory, message + OPERATION, operation);
        Ethernet.store32(memory, message + SENDER_IP, NetDeviceLayout.ADDRESS.get(memory, dev));
        Ethernet.store32(memory, message + TARGET_IP, to);
        long head = SkBuffLayout.HEAD.get(memory, skb);
        for (int i = 0; i < Ethernet.ETH_ALEN; i++) {
            memory.store8(message + SENDER + i, memory.load8(NetDeviceLayout.DEV_ADDR.at(dev) + i));
            memory.store8(message + TARGET + i, receiver == 0 ? 0 : memory.load8(receiver + i));
            memory.store8(head + i, receiver == 0 ? 0xff : memory.load8(receiver + i));
        }
        headers.send(skb, dev, Ethernet.ETH_P_ARP, head);
    }

    // ---- receiving ----

    /** Receives a message: notes the address of the sender, and answers. Softirq. */
    void receive(long skb, long dev) {
        long message = SkBuffLayout.DATA.get(memory, skb);
        if (SkBuffLayout.LEN.get(memory, skb) < BYTES || Ethernet.load16(memory, message) != ETHERNET
                || Ethernet.load16(memory, message + PROTOCOL) != Ethernet.ETH_P_IP
                || Ethernet.load16(memory, message + LENGTHS) != LENGTHS_OF_BOTH) {
            return;
        }
        int sender = Ethernet.load32(memory, message + SENDER_IP);
        int own = NetDeviceLayout.ADDRESS.get(memory, dev);
        boolean isForUs = own != 0 && Ethernet.load32(memory, message + TARGET_IP) == own;
        long waiting = learn(dev, sender, message + SENDER, isForUs);
        if (waiting != 0) {
            send(waiting, dev, sender);
        }
        if (isForUs && Ethernet.load16(memory, message + OPERATION) == REQUEST) {
            tell(REPLY, dev, message + SENDER, sender);
        }
    }

    /** Notes a host's address. Returns the packet that has waited for it, or 0. */
    private long learn(long dev, int address, long hardware, boolean creates) {
        int flags = state.lock();
        long entry = find(dev, address);
        entry = entry == 0 && creates && address != 0 ? make(dev, address) : entry;
        long waiting = 0;
        if (entry != 0) {
            for (int i = 0; i < Ethernet.ETH_ALEN; i++) {
                memory.store8(HARDWARE.at(entry) + i, memory.load8(hardware + i));
            }
            waiting = WAITING.get(memory, entry);
            WAITING.set(memory, entry, 0);
            STATE.set(memory, entry, REACHABLE);
            UPDATED.set(memory, entry, sleep.now());
        }
        state.unlock(flags);
        return waiting;
    }

    // ---- looking ----

    /**
     * A host of the table, for people.
     *
     * @param hardware its hardware address as text; zeros while it has not answered
     */
    record Host(int address, boolean isKnown, String hardware, String device) { }

    List<Host> hosts(ReadableMemory view) {
        List<Host> hosts = new ArrayList<>();
        long net = state.find(view);
        for (int i = 0; net != 0 && i < NetLayout.ARP_ENTRIES; i++) {
            long entry = NetLayout.ARP_TABLE.at(net, i);
            if (STATE.get(view, entry) != FREE) {
                hosts.add(new Host(ADDRESS.get(view, entry), STATE.get(view, entry) == REACHABLE,
                        Ethernet.text(view, HARDWARE.at(entry)),
                        NetDeviceLayout.NAME.get(view, DEV.get(view, entry))));
            }
        }
        return hosts;
    }

    /** The spinlock that keeps the table; 0 without a network. */
    long tableLock() {
        return state.spinlock();
    }
}

package ferrite.kernel.net;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.TaskLayout;

/**
 * As much of the Internet Protocol (RFC 791, RFC 792) as {@code ping} and {@link Udp} need: packets in one piece,
 * without options, to hosts on the nets of the devices; it answers echo requests.
 */
public final class Ipv4 {

    static final int HEADER = 20;

    /** Places in a header. */
    private static final int LENGTH = 2;
    private static final int IDENTIFIER = 4;
    private static final int FRAGMENT = 6;
    private static final int TTL = 8;
    private static final int PROTOCOL = 9;
    private static final int CHECKSUM = 10;
    static final int SOURCE = 12;
    private static final int DESTINATION = 16;
    private static final int VERSION = 4;
    private static final int MORE_OR_OFFSET = 0x3fff;
    private static final int DONT_FRAGMENT = 0x4000;
    private static final int DEFAULT_TTL = 64;

    private static final int ICMP = 1;
    private static final int ICMP_HEADER = 8;
    private static final int ECHO = 8;
    private static final int ECHO_REPLY = 0;
    private static final int ICMP_CHECKSUM = 2;
    private static final int ICMP_IDENTIFIER = 4;
    private static final int ICMP_SEQUENCE = 6;

    private static final int HEADROOM = 64;
    private static final int MAX_PINGS = 1024;

    private final NetState state;
    private final KernelMemory memory;
    private final NetDevices devices;
    private final SkBuffs packets;
    private final Arp arp;
    private final NetHeaders headers;
    private Receive receive;
    private Udp udp;

    Ipv4(NetState state, NetDevices devices, SkBuffs packets, Arp arp, NetHeaders headers) {
        this.state = state;
        this.memory = state.base().memory();
        this.devices = devices;
        this.packets = packets;
        this.arp = arp;
        this.headers = headers;
    }

    /** Sets where packets to this host itself go, and datagrams. */
    void connect(Receive theReceive, Udp theUdp) {
        receive = theReceive;
        udp = theUdp;
    }

    // ---- receiving ----

    /** Receives a packet without its hardware header, which stays the caller's. Softirq. */
    void receive(long skb, long dev) {
        if (SkBuffLayout.PROTOCOL.get(memory, skb) == Ethernet.ETH_P_ARP) {
            arp.receive(skb, dev);
        } else if (SkBuffLayout.PROTOCOL.get(memory, skb) == Ethernet.ETH_P_IP) {
            packet(SkBuffLayout.DATA.get(memory, skb), SkBuffLayout.LEN.get(memory, skb), dev);
        }
    }

    private void packet(long header, int length, long dev) {
        int headerBytes = length < HEADER ? 0 : (memory.load8(header) & 0xf) * 4;
        int total = length < HEADER ? 0 : Ethernet.load16(memory, header + LENGTH);
        boolean right = length >= HEADER && memory.load8(header) >>> 4 == VERSION && headerBytes >= HEADER
                && headerBytes <= total && total <= length && Ethernet.checksum(memory, header, headerBytes) == 0
                && (Ethernet.load16(memory, header + FRAGMENT) & MORE_OR_OFFSET) == 0;
        if (!right) {
            NetStatsLayout.RX_ERRORS.add(memory, NetDeviceLayout.STATS.at(dev), 1);
            return;
        }
        if (Ethernet.load32(memory, header + DESTINATION) == NetDeviceLayout.ADDRESS.get(memory, dev)) {
            switch (memory.load8(header + PROTOCOL)) {
                case ICMP -> control(header, header + headerBytes, total - headerBytes);
                case Udp.PROTOCOL -> udp.receive(Ethernet.load32(memory, header + SOURCE),
                        Ethernet.load32(memory, header + DESTINATION), header + headerBytes, total - headerBytes);
                default -> { }
            }
        }
    }

    private void control(long header, long message, int bytes) {
        if (bytes < ICMP_HEADER || Ethernet.checksum(memory, message, bytes) != 0) {
            return;
        }
        if (memory.load8(message) == ECHO) {
            int from = Ethernet.load32(memory, header + SOURCE);
            NetDevices.Route route = devices.route(from);
            if (route != null) {
                echo(route, ECHO_REPLY, from, Ethernet.load32(memory, message + ICMP_IDENTIFIER),
                        copy -> memory.copy(copy, message + ICMP_HEADER, bytes - ICMP_HEADER), bytes - ICMP_HEADER);
                devices.put(route.dev());
            }
        } else if (memory.load8(message) == ECHO_REPLY) {
            answered(header, message, bytes);
        }
    }

    // ---- sending ----

    /** Writes the data of a message. */
    interface Data {

        void writeTo(long va);
    }

    /** Sends an echo message. Returns 0 or a negative {@link Errno}. */
    private int echo(NetDevices.Route route, int type, int to, int identifierAndSequence, Data data, int bytes) {
        return send(route, ICMP, to, ICMP_HEADER + bytes, message -> {
            Ethernet.store32(memory, message, type << 24);
            Ethernet.store32(memory, message + ICMP_IDENTIFIER, identifierAndSequence);
            data.writeTo(message + ICMP_HEADER);
            Ethernet.store16(memory, message + ICMP_CHECKSUM,
                    Ethernet.checksum(memory, message, ICMP_HEADER + bytes));
        });
    }

    /** Sends a packet with so many bytes after its header. Any context. Returns 0 or a negative {@link Errno}. */
    int send(NetDevices.Route route, int protocol, int to, int bytes, Data data) {
        if (bytes + HEADER > NetDeviceLayout.MTU.get(memory, route.dev())) {
            return -Errno.EMSGSIZE;
        }
        long skb = packets.alloc(HEADROOM + HEADER + bytes, Gfp.GFP_ATOMIC);
        if (skb == 0) {
            return -Errno.ENOBUFS;
        }
        packets.reserve(skb, HEADROOM);
        long header = packets.put(skb, HEADER);
        data.writeTo(packets.put(skb, bytes));
        Ethernet.store16(memory, header, (VERSION << 4 | HEADER / 4) << 8);
        Ethernet.store16(memory, header + LENGTH, HEADER + bytes);
        Ethernet.store16(memory, header + IDENTIFIER, NetLayout.LAST_PACKET.amoAdd(memory, state.get(), 1) + 1);
        Ethernet.store16(memory, header + FRAGMENT, DONT_FRAGMENT);
        Ethernet.store16(memory, header + TTL, DEFAULT_TTL << 8 | protocol);
        Ethernet.store16(memory, header + CHECKSUM, 0);
        Ethernet.store32(memory, header + SOURCE, route.from());
        Ethernet.store32(memory, header + DESTINATION, to);
        Ethernet.store16(memory, header + CHECKSUM, Ethernet.checksum(memory, header, HEADER));
        return send(skb, route, to);
    }

    private int send(long skb, NetDevices.Route route, int to) {
        if (to == route.from()) {
            SkBuffLayout.DEV.set(memory, skb, route.dev());
            SkBuffLayout.PROTOCOL.set(memory, skb, Ethernet.ETH_P_IP);
            return receive.queue(skb) == Receive.NET_RX_SUCCESS ? 0 : -Errno.ENOBUFS;
        }
        boolean needsNoArp = (NetDeviceLayout.FLAGS.get(memory, route.dev()) & NetDeviceLayout.IFF_NOARP) != 0;
        int result = needsNoArp ? headers.send(skb, route.dev(), Ethernet.ETH_P_IP, 0)
                : arp.send(skb, route.dev(), to);
        return result == Transmit.NET_XMIT_SUCCESS ? 0 : -Errno.ENOBUFS;
    }

    // ---- ping ----

    /**
     * An answer to an echo request.
     *
     * @param sequence the low 16 bits of the question's number; the first one has 1
     * @param time     when it came
     */
    public record Answer(int sequence, int bytes, int ttl, long time) { }

    /** Begins to ask a host. Task context. Returns the record of the questions; 0 without memory. */
    public long beginPing() {
        long ping = state.mm().kmalloc().kzalloc(PingLayout.SIZE, Gfp.GFP_KERNEL);
        if (ping != 0) {
            PingLayout.IDENTIFIER.set(memory, ping,
                    NetLayout.LAST_PING.amoAdd(memory, state.get(), 1) + 1 & 0xffff);
            int flags = state.lock();
            ListHead.add(memory, PingLayout.NODE.at(ping), NetLayout.PINGS.at(state.get()));
            state.unlock(flags);
        }
        return ping;
    }

    /** Ends {@link #beginPing}. Task context. */
    public void endPing(long ping) {
        int flags = state.lock();
        ListHead.delete(memory, PingLayout.NODE.at(ping));
        state.unlock(flags);
        state.mm().kmalloc().kfree(ping);
    }

    /** Tells whether any device leads to a host. Any context. */
    public boolean leadsTo(int to) {
        NetDevices.Route route = devices.route(to);
        if (route != null) {
            devices.put(route.dev());
        }
        return route != null;
    }

    /** Sends the next question. Task context. Returns 0 or a negative {@link Errno}. */
    public int ask(long ping, int to, int bytes) {
        NetDevices.Route route = devices.route(to);
        if (route == null) {
            return -Errno.ENETUNREACH;
        }
        int flags = state.lock();
        PingLayout.SEQUENCE.add(memory, ping, 1);
        state.unlock(flags);
        int both = PingLayout.IDENTIFIER.get(memory, ping) << 16 | PingLayout.SEQUENCE.get(memory, ping) & 0xffff;
        int result = echo(route, ECHO, to, both, data -> {
            for (int i = 0; i < bytes; i++) {
                memory.store8(data + i, i);
            }
        }, bytes);
        devices.put(route.dev());
        return result;
    }

    /**
     * Waits for the next answer, to any of the questions; the same answer may come twice. Task context; may sleep.
     *
     * @return null if the time is over or a signal has come
     */
    public Answer await(long ping, long ticks) {
        state.tasks().sleep().until(NetLayout.PING_WAIT.at(state.get()),
                () -> PingLayout.HEAD.get(memory, ping) != PingLayout.TAIL.get(memory, ping),
                TaskLayout.INTERRUPTIBLE, ticks);
        int flags = state.lock();
        int tail = PingLayout.TAIL.get(memory, ping);
        Answer answer = null;
        if (PingLayout.HEAD.get(memory, ping) != tail) {
            long at = answer(ping, tail);
            answer = new Answer(PingAnswerLayout.SEQUENCE.get(memory, at), PingAnswerLayout.BYTES.get(memory, at),
                    PingAnswerLayout.TTL.get(memory, at), PingAnswerLayout.TIME.get(memory, at));
            PingLayout.TAIL.set(memory, ping, tail + 1);
        }
        state.unlock(flags);
        return answer;
    }

    private static long answer(long ping, int number) {
        return PingLayout.ANSWERS.at(ping, number & PingLayout.MAX_ANSWERS - 1);
    }

    private void answered(long header, long message, int bytes) {
        int identifier = Ethernet.load16(memory, message + ICMP_IDENTIFIER);
        int sequence = Ethernet.load16(memory, message + ICMP_SEQUENCE);
        int flags = state.lock();
        for (long node : ListHead.nodes(memory, NetLayout.PINGS.at(state.get()), MAX_PINGS)) {
            long ping = PingLayout.NODE.containerOf(node);
            int head = PingLayout.HEAD.get(memory, ping);
            if (PingLayout.IDENTIFIER.get(memory, ping) == identifier
                    && isAsked(ping, sequence) && head - PingLayout.TAIL.get(memory, ping) < PingLayout.MAX_ANSWERS) {
                long at = answer(ping, head);
                PingAnswerLayout.SEQUENCE.set(memory, at, sequence);
                PingAnswerLayout.BYTES.set(memory, at, bytes);
                PingAnswerLayout.TTL.set(memory, at, memory.load8(header + TTL));
                PingAnswerLayout.TIME.set(memory, at, state.base().cpu().time());
                PingLayout.HEAD.set(memory, ping, head + 1);
            }
        }
        state.unlock(flags);
        state.tasks().waitQueues().wakeUp(NetLayout.PING_WAIT.at(state.get()));
    }

    /** Tells whether a question was sent that has these 16 bits as its number. The lock is held. */
    private boolean isAsked(long ping, int sequence) {
        int last = PingLayout.SEQUENCE.get(memory, ping);
        return (last - sequence & 0xffff) < last;
    }
}

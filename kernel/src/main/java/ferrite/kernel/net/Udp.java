package ferrite.kernel.net;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.TaskLayout;

/**
 * Datagrams (RFC 768): questions of {@code nc -u} with their answers, and the echo service on port 7 (RFC 862), which
 * in Linux is {@code inetd}'s. It does not answer another echo service, since two would never end.
 */
public final class Udp {

    static final int PROTOCOL = 17;

    private static final int ECHO_PORT = 7;
    private static final int HEADER = 8;
    /** Places in a header, after the source's port. */
    private static final int DESTINATION = 2;
    private static final int LENGTH = 4;
    private static final int CHECKSUM = 6;
    private static final int HALF = 0xffff;
    /** The ports of questions (RFC 6335). */
    private static final int FIRST_PORT = 49_152;
    private static final int PORTS = 16_384;
    private static final int MAX_SOCKETS = 1024;

    private final NetState state;
    private final KernelMemory memory;
    private final NetDevices devices;
    private final Ipv4 ipv4;

    Udp(NetState state, NetDevices devices, Ipv4 ipv4) {
        this.state = state;
        this.memory = state.base().memory();
        this.devices = devices;
        this.ipv4 = ipv4;
    }

    // ---- receiving ----

    /** Receives a datagram, with its header. Softirq. */
    void receive(int from, int to, long datagram, int bytes) {
        boolean right = bytes >= HEADER && Ethernet.load16(memory, datagram + LENGTH) == bytes
                && (Ethernet.load16(memory, datagram + CHECKSUM) == 0 || checksum(from, to, datagram, bytes) == 0);
        if (!right) {
            return;
        }
        int sender = Ethernet.load16(memory, datagram);
        int port = Ethernet.load16(memory, datagram + DESTINATION);
        if (port != ECHO_PORT) {
            answered(port, datagram + HEADER, bytes - HEADER);
        } else if (sender != ECHO_PORT) {
            send(ECHO_PORT, from, sender, datagram + HEADER, bytes - HEADER);
        }
    }

    /** Returns the checksum over a datagram and its addresses: 0 if it contains its right sum. */
    private int checksum(int from, int to, long datagram, int bytes) {
        int sum = (~Ethernet.checksum(memory, datagram, bytes) & HALF) + (from >>> 16) + (from & HALF) + (to >>> 16)
                + (to & HALF) + PROTOCOL + bytes;
        while (sum >>> 16 != 0) {
            sum = (sum & HALF) + (sum >>> 16);
        }
        return ~sum & HALF;
    }

    private void answered(int port, long data, int bytes) {
        int flags = state.lock();
        for (long node : ListHead.nodes(memory, NetLayout.SOCKETS.at(state.get()), MAX_SOCKETS)) {
            long socket = UdpSocketLayout.NODE.containerOf(node);
            if (UdpSocketLayout.PORT.get(memory, socket) == port && UdpSocketLayout.FULL.get(memory, socket) == 0) {
                int kept = Math.min(bytes, UdpSocketLayout.MAX_BYTES);
                memory.copy(UdpSocketLayout.DATA.at(socket), data, kept);
                UdpSocketLayout.BYTES.set(memory, socket, kept);
                UdpSocketLayout.FULL.set(memory, socket, 1);
            }
        }
        state.unlock(flags);
        state.tasks().waitQueues().wakeUp(NetLayout.PING_WAIT.at(state.get()));
    }

    // ---- sending ----

    private int send(int port, int to, int toPort, long data, int bytes) {
        NetDevices.Route route = devices.route(to);
        if (route == null) {
            return -Errno.ENETUNREACH;
        }
        int length = HEADER + bytes;
        int result = ipv4.send(route, PROTOCOL, to, length, datagram -> {
            Ethernet.store16(memory, datagram, port);
            Ethernet.store16(memory, datagram + DESTINATION, toPort);
            Ethernet.store16(memory, datagram + LENGTH, length);
            Ethernet.store16(memory, datagram + CHECKSUM, 0);
            memory.copy(datagram + HEADER, data, bytes);
            int sum = checksum(route.from(), to, datagram, length);
            Ethernet.store16(memory, datagram + CHECKSUM, sum == 0 ? HALF : sum);     // 0 stands for none
        });
        devices.put(route.dev());
        return result;
    }

    // ---- questions ----

    /** Makes a socket with a port of its own. Task context. Returns its record; 0 without memory. */
    public long open() {
        long socket = state.mm().kmalloc().kzalloc(UdpSocketLayout.SIZE, Gfp.GFP_KERNEL);
        if (socket != 0) {
            int number = NetLayout.LAST_PORT.amoAdd(memory, state.get(), 1);
            UdpSocketLayout.PORT.set(memory, socket, FIRST_PORT + (number & PORTS - 1));
            int flags = state.lock();
            ListHead.add(memory, UdpSocketLayout.NODE.at(socket), NetLayout.SOCKETS.at(state.get()));
            state.unlock(flags);
        }
        return socket;
    }

    /** Ends {@link #open}. Task context. */
    public void close(long socket) {
        int flags = state.lock();
        ListHead.delete(memory, UdpSocketLayout.NODE.at(socket));
        state.unlock(flags);
        state.mm().kmalloc().kfree(socket);
    }

    /** Sends a datagram. Task context. Returns 0 or a negative {@link Errno}. */
    public int ask(long socket, int to, int port, long data, int bytes) {
        UdpSocketLayout.FULL.set(memory, socket, 0);
        return send(UdpSocketLayout.PORT.get(memory, socket), to, port, data, bytes);
    }

    /**
     * Waits for a datagram to the socket's port, which is at {@link #data} then. Task context; may sleep.
     *
     * @return its bytes; -1 if the time is over or a signal has come
     */
    public int await(long socket, long ticks) {
        state.tasks().sleep().until(NetLayout.PING_WAIT.at(state.get()),
                () -> UdpSocketLayout.FULL.get(memory, socket) != 0, TaskLayout.INTERRUPTIBLE, ticks);
        return UdpSocketLayout.FULL.get(memory, socket) == 0 ? -1 : UdpSocketLayout.BYTES.get(memory, socket);
    }

    /** Returns the address of the last datagram. It stays until the next question. */
    public long data(long socket) {
        return UdpSocketLayout.DATA.at(socket);
    }
}

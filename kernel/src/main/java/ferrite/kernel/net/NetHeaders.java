package ferrite.kernel.net;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.core.Callbacks;

/** Puts hardware headers before packets, and sends them. */
final class NetHeaders {

    private final KernelMemory memory;
    private final TextTable text;
    private final Callbacks callbacks;
    private final SkBuffs packets;
    private final Transmit transmit;

    NetHeaders(NetState state, SkBuffs packets, Transmit transmit) {
        this.memory = state.base().memory();
        this.text = state.base().text();
        this.callbacks = new Callbacks(state.base());
        this.packets = packets;
        this.transmit = transmit;
    }

    /**
     * Sends a packet to a hardware address, and takes the packet over. Task or softirq.
     *
     * @param destination address of the six bytes; 0 on a device without ARP
     */
    int send(long skb, long dev, int protocol, long destination) {
        SkBuffLayout.DEV.set(memory, skb, dev);
        SkBuffLayout.PROTOCOL.set(memory, skb, protocol);
        long ops = NetDeviceLayout.NETDEV_OPS.get(memory, dev);
        int[] result = new int[1];
        callbacks.call("the header function", ops, () -> result[0] =
                text.at(ops, NetDeviceOps.class).createHeader(skb, dev, protocol, destination));
        if (result[0] == -Errno.ENOSYS) {
            packets.ethHeader(skb, dev, protocol, destination);
        } else if (result[0] < 0) {
            packets.free(skb);
            return Transmit.NET_XMIT_DROP;
        }
        return transmit.queue(skb);
    }
}

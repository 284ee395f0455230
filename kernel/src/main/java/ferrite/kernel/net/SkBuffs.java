package ferrite.kernel.net;

import static ferrite.kernel.net.SkBuffLayout.DATA;
import static ferrite.kernel.net.SkBuffLayout.DEV;
import static ferrite.kernel.net.SkBuffLayout.END;
import static ferrite.kernel.net.SkBuffLayout.HEAD;
import static ferrite.kernel.net.SkBuffLayout.LEN;
import static ferrite.kernel.net.SkBuffLayout.LIST;
import static ferrite.kernel.net.SkBuffLayout.MAC_HEADER;
import static ferrite.kernel.net.SkBuffLayout.PKT_TYPE;
import static ferrite.kernel.net.SkBuffLayout.PROTOCOL;
import static ferrite.kernel.net.SkBuffLayout.TAIL;

import ferrite.hardware.report.Hex;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.KernelBug;
import ferrite.kernel.base.ListHead;

/** Socket buffers: packets and their bytes (LDD3 page 528). Any context. */
public final class SkBuffs {

    /** Linux's room before a packet of {@code dev_alloc_skb}. */
    static final int NET_SKB_PAD = 64;

    private static final int GROUP_BIT = 1;

    private final NetState state;
    private final KernelMemory memory;

    SkBuffs(NetState state) {
        this.state = state;
        this.memory = state.base().memory();
    }

    /** {@code alloc_skb}: allocates an empty packet with so many bytes of tailroom. Returns 0 without memory. */
    public long alloc(int bytes, int gfp) {
        if (bytes < 0) {
            throw new KernelBug("alloc_skb of " + bytes + " bytes");
        }
        long skb = state.mm().caches().objects().alloc(cache(), gfp | Gfp.__GFP_ZERO);
        long head = skb == 0 ? 0 : state.mm().kmalloc().kmalloc(Math.max(bytes, 1), gfp & ~Gfp.__GFP_ZERO);
        if (head == 0) {
            if (skb != 0) {
                state.mm().caches().objects().free(cache(), skb);
            }
            return 0;
        }
        ListHead.init(memory, LIST.at(skb));
        HEAD.set(memory, skb, head);
        DATA.set(memory, skb, head);
        TAIL.set(memory, skb, head);
        END.set(memory, skb, head + bytes);
        return skb;
    }

    /** {@code netdev_alloc_skb}: allocates a packet for a device, with headroom, in any context. */
    public long allocFor(long dev, int bytes) {
        long skb = alloc(bytes + NET_SKB_PAD, Gfp.GFP_ATOMIC);
        if (skb != 0) {
            reserve(skb, NET_SKB_PAD);
            DEV.set(memory, skb, dev);
        }
        return skb;
    }

    /** {@code kfree_skb}: frees a packet and its bytes. */
    public void free(long skb) {
        if (skb != 0) {
            state.mm().kmalloc().kfree(HEAD.get(memory, skb));
            state.mm().caches().objects().free(cache(), skb);
        }
    }

    private long cache() {
        return NetLayout.SKB_CACHE.get(memory, state.get());
    }

    // ---- the bytes ----

    /** {@code skb_put}: adds bytes at the end. Returns their address. */
    public long put(long skb, int bytes) {
        long tail = TAIL.get(memory, skb);
        require("skb_put", bytes, END.get(memory, skb) - tail, "tailroom; allocate a larger one");
        TAIL.set(memory, skb, tail + bytes);
        LEN.add(memory, skb, bytes);
        return tail;
    }

    /** {@code skb_push}: adds bytes at the start. Returns their address. */
    public long push(long skb, int bytes) {
        require("skb_push", bytes, DATA.get(memory, skb) - HEAD.get(memory, skb),
                "headroom; call skb_reserve for the header first");
        LEN.add(memory, skb, bytes);
        return move(skb, -bytes);
    }

    /** {@code skb_pull}: removes bytes at the start. Returns the new start, or 0 if the packet is shorter. */
    public long pull(long skb, int bytes) {
        if (bytes < 0 || bytes > LEN.get(memory, skb)) {
            return 0;
        }
        LEN.add(memory, skb, -bytes);
        return move(skb, bytes);
    }

    private long move(long skb, int bytes) {
        long data = DATA.get(memory, skb) + bytes;
        DATA.set(memory, skb, data);
        return data;
    }

    /** {@code skb_reserve}: makes headroom in an empty packet. */
    public void reserve(long skb, int bytes) {
        if (LEN.get(memory, skb) != 0) {
            throw new KernelBug("skb_reserve of the packet at " + Hex.grouped(skb)
                    + ", which has bytes; call it before skb_put");
        }
        require("skb_reserve", bytes, END.get(memory, skb) - TAIL.get(memory, skb), "tailroom; allocate a larger one");
        TAIL.set(memory, skb, move(skb, bytes));
    }

    /** {@code skb_trim}: removes bytes at the end, so that {@code bytes} are left; a shorter packet stays. */
    public void trim(long skb, int bytes) {
        if (bytes >= 0 && bytes < LEN.get(memory, skb)) {
            LEN.set(memory, skb, bytes);
            TAIL.set(memory, skb, DATA.get(memory, skb) + bytes);
        }
    }

    public int headroom(long skb) {
        return (int) (DATA.get(memory, skb) - HEAD.get(memory, skb));
    }

    public int tailroom(long skb) {
        return (int) (END.get(memory, skb) - TAIL.get(memory, skb));
    }

    private static void require(String call, int bytes, long room, String instead) {
        if (bytes < 0 || bytes > room) {
            throw new KernelBug(call + " of " + bytes + " bytes: the packet has " + room + " bytes of " + instead);
        }
    }

    // ---- Ethernet ----

    /**
     * {@code eth_type_trans}: takes the Ethernet header off a packet that a driver has received. Returns the protocol;
     * 0 for a packet that is too short.
     */
    public int ethTypeTrans(long skb, long dev) {
        long header = DATA.get(memory, skb);
        DEV.set(memory, skb, dev);
        MAC_HEADER.set(memory, skb, header);
        if (pull(skb, Ethernet.ETH_HLEN) == 0) {
            return 0;
        }
        PKT_TYPE.set(memory, skb, isGroup(header) ? isBroadcast(header) ? SkBuffLayout.PACKET_BROADCAST
                : SkBuffLayout.PACKET_MULTICAST : isFor(dev, header) ? SkBuffLayout.PACKET_HOST
                : SkBuffLayout.PACKET_OTHERHOST);
        int protocol = Ethernet.load16(memory, header + Ethernet.PROTOCOL);
        PROTOCOL.set(memory, skb, protocol);
        return protocol;
    }

    private boolean isGroup(long address) {
        return (memory.load8(address) & GROUP_BIT) != 0;
    }

    private boolean isBroadcast(long address) {
        return Ethernet.load32(memory, address) == -1 && Ethernet.load16(memory, address + 4) == 0xffff;
    }

    private boolean isFor(long dev, long address) {
        long own = NetDeviceLayout.DEV_ADDR.at(dev);
        return Ethernet.load32(memory, address) == Ethernet.load32(memory, own)
                && Ethernet.load16(memory, address + 4) == Ethernet.load16(memory, own + 4);
    }

    /** {@code eth_header}: puts an Ethernet header before a packet. A receiver of 0 has the address 0. */
    int ethHeader(long skb, long dev, int protocol, long destination) {
        long header = push(skb, Ethernet.ETH_HLEN);
        for (int i = 0; i < Ethernet.ETH_ALEN; i++) {
            memory.store8(header + i, destination == 0 ? 0 : memory.load8(destination + i));
            memory.store8(header + Ethernet.ETH_ALEN + i, memory.load8(NetDeviceLayout.DEV_ADDR.at(dev) + i));
        }
        Ethernet.store16(memory, header + Ethernet.PROTOCOL, protocol);
        return Ethernet.ETH_HLEN;
    }
}

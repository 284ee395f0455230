package ferrite.peripherals.nic;

import static ferrite.peripherals.nic.NicBufferLayout.DMA;
import static ferrite.peripherals.nic.NicBufferLayout.SKB;
import static ferrite.peripherals.nic.NicLayout.NETDEV;
import static ferrite.peripherals.nic.NicLayout.REGISTERS;
import static ferrite.peripherals.nic.NicLayout.RESETS;
import static ferrite.peripherals.nic.NicLayout.RX_BUFFERS;
import static ferrite.peripherals.nic.NicLayout.RX_NEXT;
import static ferrite.peripherals.nic.NicLayout.RX_RING;
import static ferrite.peripherals.nic.NicLayout.SIZE_OF_RINGS;
import static ferrite.peripherals.nic.NicLayout.TX_BUFFERS;
import static ferrite.peripherals.nic.NicLayout.TX_DIRTY;
import static ferrite.peripherals.nic.NicLayout.TX_NEXT;
import static ferrite.peripherals.nic.NicLayout.TX_RING;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.ULong;
import ferrite.kernel.base.Word;
import ferrite.kernel.dma.DmaDirection;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.net.NetDeviceLayout;
import ferrite.kernel.net.NetStatsLayout;
import ferrite.kernel.net.SkBuffLayout;

/**
 * The packets in the card's two rings. A descriptor belongs to the card from the store of its bit to the card's answer.
 * So its other fields are stored before the bit, and are read after it; the barriers keep that order.
 *
 * <p>The caller holds the card's lock, except where a method says otherwise.
 */
final class NicRingDriver {

    /** A frame with a VLAN tag, in whole cache lines. */
    private static final int RX_BYTES = 1536;
    /** The longest frame that is copied into a packet of its own length. */
    private static final int COPY_BREAK = 256;
    private static final int WORD = 4;

    private final KernelCalls kernel;
    private final KernelMemory memory;

    NicRingDriver(KernelCalls kernel) {
        this.kernel = kernel;
        this.memory = kernel.memory();
    }

    int read(long nic, int register) {
        return kernel.readl(REGISTERS.get(memory, nic) + register);
    }

    void write(long nic, int register, int value) {
        kernel.writel(value, REGISTERS.get(memory, nic) + register);
    }

    /** Adds to a counter of the network device. */
    void count(long nic, ULong counter, long change) {
        counter.add(memory, NetDeviceLayout.STATS.at(NETDEV.get(memory, nic)), change);
    }

    /** Adds to a count of this hart. Any context. */
    void countHere(long nic, Word what) {
        long stats = kernel.getCpuVar(NicLayout.STATS.get(memory, nic));
        what.amoAdd(memory, stats, 1);
        kernel.putCpuVar();
    }

    private long dev(long nic) {
        return NicLayout.DEV.get(memory, nic);
    }

    private int slot(long nic, Word count) {
        return count.get(memory, nic) & SIZE_OF_RINGS.get(memory, nic) - 1;
    }

    private static long descriptor(long ring, int slot) {
        return ring + (long) slot * NicDescriptorLayout.SIZE;
    }

    private static long buffer(long buffers, int slot) {
        return buffers + (long) slot * NicBufferLayout.SIZE;
    }

    // ---- memory; task context, and the lock is not held ----

    /** Allocates rings and buffers, and maps the buffers. Returns 0 or -ENOMEM. */
    int allocate(long nic) {
        boolean all = makeRing(nic, TX_RING, NicLayout.TX_DMA) && makeRing(nic, RX_RING, NicLayout.RX_DMA);
        for (int slot = 0; all && slot < SIZE_OF_RINGS.get(memory, nic); slot++) {
            all = fill(nic, buffer(RX_BUFFERS.get(memory, nic), slot));
        }
        if (!all) {
            free(nic);
        }
        return all ? 0 : -Errno.ENOMEM;
    }

    private int ringBytes(long nic) {
        return SIZE_OF_RINGS.get(memory, nic) * NicDescriptorLayout.SIZE;
    }

    private boolean makeRing(long nic, Pointer ring, ULong dma) {
        return kernel.onStack(WORD, handle -> {
            long va = kernel.dmaAllocCoherent(dev(nic), ringBytes(nic), handle, Gfp.GFP_KERNEL);
            ring.set(memory, nic, va);
            dma.set(memory, nic, memory.loadAddress(handle));
            return va == 0 ? 0 : 1;
        }) != 0;
    }

    /** Gives a buffer of the receiver an empty packet, which is mapped. Any context. Returns false without memory. */
    private boolean fill(long nic, long buffer) {
        long skb = kernel.devAllocSkb(RX_BYTES);
        if (skb == 0) {
            return false;
        }
        long dma = kernel.dmaMapSingle(dev(nic), SkBuffLayout.DATA.get(memory, skb), RX_BYTES,
                DmaDirection.DMA_FROM_DEVICE);
        if (kernel.dmaMappingError(dev(nic), dma) != 0) {
            kernel.devKfreeSkb(skb);
            return false;
        }
        SKB.set(memory, buffer, skb);
        DMA.set(memory, buffer, dma);
        return true;
    }

    /** Frees rings and buffers. The card was reset. */
    void free(long nic) {
        for (int slot = 0; slot < SIZE_OF_RINGS.get(memory, nic); slot++) {
            long buffer = buffer(RX_BUFFERS.get(memory, nic), slot);
            if (SKB.get(memory, buffer) != 0) {
                kernel.dmaUnmapSingle(dev(nic), DMA.get(memory, buffer), RX_BYTES, DmaDirection.DMA_FROM_DEVICE);
                kernel.devKfreeSkb(SKB.get(memory, buffer));
                SKB.set(memory, buffer, 0);
            }
        }
        kernel.dmaFreeCoherent(dev(nic), ringBytes(nic), TX_RING.get(memory, nic), NicLayout.TX_DMA.get(memory, nic));
        kernel.dmaFreeCoherent(dev(nic), ringBytes(nic), RX_RING.get(memory, nic), NicLayout.RX_DMA.get(memory, nic));
        TX_RING.set(memory, nic, 0);
        RX_RING.set(memory, nic, 0);
    }

    // ---- beginning and end ----

    /** Starts a card that was reset, with all buffers. Returns 0, or -ENODEV if the card is gone. */
    int start(long nic) {
        if (read(nic, NicRegisters.ID) != NicRegisters.MAGIC) {
            return -Errno.ENODEV;
        }
        TX_NEXT.set(memory, nic, 0);
        TX_DIRTY.set(memory, nic, 0);
        RX_NEXT.set(memory, nic, 0);
        int size = SIZE_OF_RINGS.get(memory, nic);
        for (int slot = 0; slot < size; slot++) {
            NicDescriptorLayout.STATE.set(memory, descriptor(TX_RING.get(memory, nic), slot), 0);
            give(nic, slot);
        }
        write(nic, NicRegisters.TX_RING, (int) NicLayout.TX_DMA.get(memory, nic));
        write(nic, NicRegisters.TX_SIZE, size);
        write(nic, NicRegisters.RX_RING, (int) NicLayout.RX_DMA.get(memory, nic));
        write(nic, NicRegisters.RX_SIZE, size);
        setMode(nic);
        write(nic, NicRegisters.MASK, NicRegisters.CAUSES);
        return 0;
    }

    /** Enables both engines, with the frames that the network device wants. */
    void setMode(long nic) {
        int flags = NetDeviceLayout.FLAGS.get(memory, NETDEV.get(memory, nic));
        write(nic, NicRegisters.CONTROL, NicRegisters.RX_ENABLE | NicRegisters.TX_ENABLE
                | ((flags & NetDeviceLayout.IFF_PROMISC) == 0 ? 0 : NicRegisters.PROMISCUOUS)
                | ((flags & NetDeviceLayout.IFF_ALLMULTI) == 0 ? 0 : NicRegisters.ALL_MULTICAST));
    }

    /** Resets the card, which ends its accesses, and takes back the packets that it had to send. They are lost. */
    void halt(long nic) {
        write(nic, NicRegisters.CONTROL, NicRegisters.RESET);
        while (TX_DIRTY.get(memory, nic) != TX_NEXT.get(memory, nic)) {
            count(nic, NetStatsLayout.TX_ERRORS, 1);
            release(nic);
        }
    }

    // ---- frames that come ----

    /** Gives a buffer to the receiver. The order of the stores matters: the card may look at any moment. */
    private void give(long nic, int slot) {
        long descriptor = descriptor(RX_RING.get(memory, nic), slot);
        NicDescriptorLayout.ADDRESS.set(memory, descriptor, DMA.get(memory, buffer(RX_BUFFERS.get(memory, nic), slot)));
        NicDescriptorLayout.LENGTH.set(memory, descriptor, RX_BYTES);
        kernel.dmaWmb();
        NicDescriptorLayout.STATE.set(memory, descriptor, NicRegisters.OWN);
    }

    /** Tells whether the card has given back a descriptor of either ring. */
    boolean hasWork(long nic) {
        return !isCards(RX_RING.get(memory, nic), slot(nic, RX_NEXT))
                || isSending(nic) && !isCards(TX_RING.get(memory, nic), slot(nic, TX_DIRTY));
    }

    /** Tells whether a frame is on its way that the driver has not taken back. */
    boolean isSending(long nic) {
        return TX_DIRTY.get(memory, nic) != TX_NEXT.get(memory, nic);
    }

    private boolean isCards(long ring, int slot) {
        return (NicDescriptorLayout.STATE.get(memory, descriptor(ring, slot)) & NicRegisters.OWN) != 0;
    }

    /**
     * Takes the next frame that has come, and gives a buffer to the card in its place.
     *
     * @param skb its first element gets a packet with the frame, or 0 if the frame was not right or there is no memory
     * @return false if no frame has come
     */
    boolean receive(long nic, long[] skb) {
        int slot = slot(nic, RX_NEXT);
        int state = NicDescriptorLayout.STATE.get(memory, descriptor(RX_RING.get(memory, nic), slot));
        if ((state & NicRegisters.OWN) != 0) {
            return false;
        }
        kernel.dmaRmb();                               // what the card has stored before its answer is there now
        int bytes = state & NicRegisters.COUNT;
        if ((state & (NicRegisters.BAD_FRAME | NicRegisters.TRUNCATED)) != 0 || bytes < NicRegisters.MIN_FRAME
                || bytes > RX_BYTES) {
            count(nic, NetStatsLayout.RX_ERRORS, 1);
        } else {
            skb[0] = take(nic, buffer(RX_BUFFERS.get(memory, nic), slot), bytes);
        }
        give(nic, slot);
        RX_NEXT.add(memory, nic, 1);
        return true;
    }

    /** Returns a packet with a frame; 0 without memory. The buffer keeps its packet then, or if the frame is short. */
    private long take(long nic, long buffer, int bytes) {
        long skb = bytes <= COPY_BREAK ? copy(nic, buffer, bytes) : exchange(nic, buffer);
        if (skb == 0) {
            count(nic, NetStatsLayout.RX_DROPPED, 1);
            return 0;
        }
        if (bytes > COPY_BREAK) {
            kernel.skbPut(skb, bytes);
        }
        SkBuffLayout.PROTOCOL.set(memory, skb, kernel.ethTypeTrans(skb, NETDEV.get(memory, nic)));
        count(nic, NetStatsLayout.RX_PACKETS, 1);
        count(nic, NetStatsLayout.RX_BYTES, bytes);
        countHere(nic, NicStatsLayout.RECEIVED);
        RESETS.set(memory, nic, 0);
        return skb;
    }

    private long copy(long nic, long buffer, int bytes) {
        long skb = kernel.devAllocSkb(bytes);
        if (skb != 0) {
            long dma = DMA.get(memory, buffer);
            kernel.dmaSyncSingleForCpu(dev(nic), dma, RX_BYTES, DmaDirection.DMA_FROM_DEVICE);
            memory.copy(kernel.skbPut(skb, bytes), SkBuffLayout.DATA.get(memory, SKB.get(memory, buffer)), bytes);
            kernel.dmaSyncSingleForDevice(dev(nic), dma, RX_BYTES, DmaDirection.DMA_FROM_DEVICE);
            countHere(nic, NicStatsLayout.COPIED);
        }
        return skb;
    }

    private long exchange(long nic, long buffer) {
        long skb = SKB.get(memory, buffer);
        long dma = DMA.get(memory, buffer);
        if (!fill(nic, buffer)) {
            return 0;
        }
        kernel.dmaUnmapSingle(dev(nic), dma, RX_BYTES, DmaDirection.DMA_FROM_DEVICE);
        return skb;
    }

    // ---- frames to send ----

    /** Tells whether all descriptors of the transmitter are in use. */
    boolean isFull(long nic) {
        return TX_NEXT.get(memory, nic) - TX_DIRTY.get(memory, nic) == SIZE_OF_RINGS.get(memory, nic);
    }

    /**
     * Gives a packet to the card, and takes it over. A descriptor is free.
     *
     * @return false if it cannot be sent; it is then the caller's
     */
    boolean send(long nic, long skb) {
        int bytes = SkBuffLayout.LEN.get(memory, skb);
        if (bytes < NicRegisters.MIN_FRAME || bytes > NicRegisters.MAX_FRAME) {
            return false;
        }
        long dma = kernel.dmaMapSingle(dev(nic), SkBuffLayout.DATA.get(memory, skb), bytes, DmaDirection.DMA_TO_DEVICE);
        if (kernel.dmaMappingError(dev(nic), dma) != 0) {
            return false;
        }
        int slot = slot(nic, TX_NEXT);
        long buffer = buffer(TX_BUFFERS.get(memory, nic), slot);
        SKB.set(memory, buffer, skb);
        DMA.set(memory, buffer, dma);
        NicBufferLayout.LENGTH.set(memory, buffer, bytes);
        long descriptor = descriptor(TX_RING.get(memory, nic), slot);
        NicDescriptorLayout.ADDRESS.set(memory, descriptor, dma);
        NicDescriptorLayout.LENGTH.set(memory, descriptor, bytes);
        kernel.dmaWmb();                               // the card may look without a kick, after the frame before
        NicDescriptorLayout.STATE.set(memory, descriptor, NicRegisters.OWN);
        TX_NEXT.add(memory, nic, 1);
        write(nic, NicRegisters.TX_KICK, 0);
        return true;
    }

    /** Frees the packets that the card has sent. Returns their number. */
    int reclaim(long nic) {
        int freed = 0;
        while (TX_DIRTY.get(memory, nic) != TX_NEXT.get(memory, nic)
                && !isCards(TX_RING.get(memory, nic), slot(nic, TX_DIRTY))) {
            kernel.dmaRmb();
            int slot = slot(nic, TX_DIRTY);
            int state = NicDescriptorLayout.STATE.get(memory, descriptor(TX_RING.get(memory, nic), slot));
            int bytes = NicBufferLayout.LENGTH.get(memory, buffer(TX_BUFFERS.get(memory, nic), slot));
            if (state == bytes) {
                count(nic, NetStatsLayout.TX_PACKETS, 1);
                count(nic, NetStatsLayout.TX_BYTES, bytes);
                countHere(nic, NicStatsLayout.SENT);
            } else {
                count(nic, NetStatsLayout.TX_ERRORS, 1);
            }
            RESETS.set(memory, nic, 0);
            release(nic);
            freed++;
        }
        if (freed > 0) {
            kernel.netifWakeQueue(NETDEV.get(memory, nic));
        }
        return freed;
    }

    /** Frees the oldest packet of the transmitter. */
    private void release(long nic) {
        long buffer = buffer(TX_BUFFERS.get(memory, nic), slot(nic, TX_DIRTY));
        kernel.dmaUnmapSingle(dev(nic), DMA.get(memory, buffer), NicBufferLayout.LENGTH.get(memory, buffer),
                DmaDirection.DMA_TO_DEVICE);
        kernel.devKfreeSkb(SKB.get(memory, buffer));
        SKB.set(memory, buffer, 0);
        TX_DIRTY.add(memory, nic, 1);
    }
}

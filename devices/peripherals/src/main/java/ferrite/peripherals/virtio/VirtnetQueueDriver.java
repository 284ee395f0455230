package ferrite.peripherals.virtio;

import static ferrite.peripherals.virtio.VirtnetBufLayout.DATA;
import static ferrite.peripherals.virtio.VirtnetBufLayout.HEADER;
import static ferrite.peripherals.virtio.VirtnetBufLayout.LENGTH;
import static ferrite.peripherals.virtio.VirtnetBufLayout.NEXT;
import static ferrite.peripherals.virtio.VirtnetBufLayout.SG;
import static ferrite.peripherals.virtio.VirtnetBufLayout.SKB;
import static ferrite.peripherals.virtio.VirtnetInfoLayout.DEV;
import static ferrite.peripherals.virtio.VirtnetInfoLayout.FREE;
import static ferrite.peripherals.virtio.VirtnetInfoLayout.RESETS;
import static ferrite.peripherals.virtio.VirtnetInfoLayout.RVQ;
import static ferrite.peripherals.virtio.VirtnetInfoLayout.RX_BUFS;
import static ferrite.peripherals.virtio.VirtnetInfoLayout.STATE;
import static ferrite.peripherals.virtio.VirtnetInfoLayout.SVQ;
import static ferrite.peripherals.virtio.VirtnetInfoLayout.TX_BUFS;
import static ferrite.peripherals.virtio.VirtnetInfoLayout.VDEV;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.ULong;
import ferrite.kernel.dma.DmaDirection;
import ferrite.kernel.dma.ScatterListLayout;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.net.NetDeviceLayout;
import ferrite.kernel.net.NetStatsLayout;
import ferrite.kernel.net.SkBuffLayout;

/**
 * The frames in a network card's two queues. A frame to send is mapped until the device has sent it. The buffers to
 * receive into stay mapped, and each frame is copied out: so the device never lacks buffers because memory does.
 *
 * <p>The caller holds the device's lock, except where a method says otherwise.
 */
final class VirtnetQueueDriver {

    /** The buffers to receive into, if the queue has so many descriptors. */
    private static final int MAX_RX = 32;
    /** The frames on their way to the device, if the queue has two descriptors for each. */
    private static final int MAX_TX = 64;
    /** The header and a frame with a VLAN tag, in whole cache lines. */
    private static final int RX_BYTES = 1536;
    private static final int MIN_FRAME_BYTES = 14;
    private static final int MAX_FRAME_BYTES = RX_BYTES - VirtioNetDriver.HEADER_BYTES;
    private static final int GSO_TYPE = 1;
    private static final int MAX_RESETS = 5;

    private final KernelCalls kernel;
    private final KernelMemory memory;
    private final VirtioBusDriver bus;
    private final VirtqueueDriver queues;

    VirtnetQueueDriver(KernelCalls kernel, VirtioBusDriver bus) {
        this.kernel = kernel;
        this.memory = kernel.memory();
        this.bus = bus;
        this.queues = bus.queues();
    }

    // ---- records ----

    /** Makes the records, which are managed. The queues exist. Task context or boot. Returns false without memory. */
    boolean makeRecords(long priv) {
        long dev = busDevice(priv);
        long rx = kernel.devmKzalloc(dev, rxCount(priv) * VirtnetBufLayout.SIZE, Gfp.GFP_KERNEL);
        long tx = kernel.devmKzalloc(dev, txCount(priv) * VirtnetBufLayout.SIZE, Gfp.GFP_KERNEL);
        RX_BUFS.set(memory, priv, rx);
        TX_BUFS.set(memory, priv, tx);
        for (int i = 0; tx != 0 && i < txCount(priv); i++) {
            free(priv, record(tx, i));
        }
        return rx != 0 && tx != 0;
    }

    private int rxCount(long priv) {
        return Math.min(VirtqueueLayout.NUM.get(memory, RVQ.get(memory, priv)), MAX_RX);
    }

    private int txCount(long priv) {
        int num = VirtqueueLayout.NUM.get(memory, SVQ.get(memory, priv));
        return Math.min(num / VirtnetBufLayout.MAX_SEGMENTS, MAX_TX);
    }

    private static long record(long table, int index) {
        return table + (long) index * VirtnetBufLayout.SIZE;
    }

    private void free(long priv, long buf) {
        NEXT.set(memory, buf, FREE.get(memory, priv));
        FREE.set(memory, priv, buf);
    }

    private long busDevice(long priv) {
        return VirtioDeviceLayout.DEV.get(memory, VDEV.get(memory, priv));
    }

    private void count(long priv, ULong counter, long change) {
        counter.add(memory, NetDeviceLayout.STATS.at(DEV.get(memory, priv)), change);
    }

    // ---- buffers to receive into ----

    /** Makes and maps the buffers. Task context; the lock is not held. Returns 0 or -ENOMEM. */
    int makeBuffers(long priv) {
        for (int i = 0; i < rxCount(priv); i++) {
            long buf = record(RX_BUFS.get(memory, priv), i);
            long data = kernel.kmalloc(RX_BYTES, Gfp.GFP_KERNEL);
            if (data != 0) {
                kernel.sgInitTable(SG.at(buf), 1);
                kernel.sgSetBuf(SG.at(buf), data, RX_BYTES);
            }
            if (data == 0 || kernel.dmaMapSg(busDevice(priv), SG.at(buf), 1, DmaDirection.DMA_FROM_DEVICE) == 0) {
                kernel.kfree(data);
                freeBuffers(priv);
                return -Errno.ENOMEM;
            }
            DATA.set(memory, buf, data);
        }
        return 0;
    }

    /** Frees the buffers, which the device does not have. Task context; the lock is not held. */
    void freeBuffers(long priv) {
        for (int i = 0; i < rxCount(priv); i++) {
            long buf = record(RX_BUFS.get(memory, priv), i);
            if (DATA.get(memory, buf) != 0) {
                kernel.dmaUnmapSg(busDevice(priv), SG.at(buf), 1, DmaDirection.DMA_FROM_DEVICE);
                kernel.kfree(DATA.get(memory, buf));
                DATA.set(memory, buf, 0);
            }
        }
    }

    /**
     * Takes the next frame that has come, and gives its buffer back to the device.
     *
     * @param skb its first element gets a packet with the frame, or 0 if the frame was not right or there is no memory
     * @return false if no frame has come
     */
    boolean receive(long priv, long[] skb) {
        int[] bytes = new int[1];
        long vq = RVQ.get(memory, priv);
        long buf = queues.virtqueueGetBuf(vq, bytes);
        if (buf == 0) {
            return false;
        }
        kernel.dmaSyncSgForCpu(busDevice(priv), SG.at(buf), 1, DmaDirection.DMA_FROM_DEVICE);
        skb[0] = copy(priv, DATA.get(memory, buf), bytes[0] - VirtioNetDriver.HEADER_BYTES);
        kernel.dmaSyncSgForDevice(busDevice(priv), SG.at(buf), 1, DmaDirection.DMA_FROM_DEVICE);
        queues.virtqueueAddInbuf(vq, SG.at(buf), buf, Gfp.GFP_ATOMIC);
        return true;
    }

    private long copy(long priv, long data, int length) {
        if (length < MIN_FRAME_BYTES || memory.load8(data + GSO_TYPE) != 0) {
            count(priv, NetStatsLayout.RX_ERRORS, 1);
            return 0;
        }
        long skb = kernel.devAllocSkb(length);
        if (skb == 0) {
            count(priv, NetStatsLayout.RX_DROPPED, 1);
            return 0;
        }
        memory.copy(kernel.skbPut(skb, length), data + VirtioNetDriver.HEADER_BYTES, length);
        SkBuffLayout.PROTOCOL.set(memory, skb, kernel.ethTypeTrans(skb, DEV.get(memory, priv)));
        count(priv, NetStatsLayout.RX_PACKETS, 1);
        count(priv, NetStatsLayout.RX_BYTES, length);
        RESETS.set(memory, priv, 0);
        return skb;
    }

    // ---- frames to send ----

    /**
     * Gives a packet to the device, and takes it over. There is a free record.
     *
     * @return false if it cannot be sent; it is then the caller's
     */
    boolean send(long priv, long skb) {
        int length = SkBuffLayout.LEN.get(memory, skb);
        long buf = FREE.get(memory, priv);
        if (length < MIN_FRAME_BYTES || length > MAX_FRAME_BYTES) {
            return false;
        }
        kernel.sgInitTable(SG.at(buf), VirtnetBufLayout.MAX_SEGMENTS);
        kernel.sgSetBuf(SG.at(buf), HEADER.at(buf), VirtioNetDriver.HEADER_BYTES);
        kernel.sgSetBuf(SG.at(buf) + ScatterListLayout.SIZE, SkBuffLayout.DATA.get(memory, skb), length);
        if (kernel.dmaMapSg(busDevice(priv), SG.at(buf), VirtnetBufLayout.MAX_SEGMENTS,
                DmaDirection.DMA_TO_DEVICE) == 0) {
            return false;
        }
        if (queues.virtqueueAddOutbuf(SVQ.get(memory, priv), SG.at(buf), buf, Gfp.GFP_ATOMIC) < 0) {
            unmap(priv, buf);
            return false;
        }
        FREE.set(memory, priv, NEXT.get(memory, buf));
        SKB.set(memory, buf, skb);
        LENGTH.set(memory, buf, length);
        queues.virtqueueKick(SVQ.get(memory, priv));
        return true;
    }

    private void unmap(long priv, long buf) {
        kernel.dmaUnmapSg(busDevice(priv), SG.at(buf), VirtnetBufLayout.MAX_SEGMENTS, DmaDirection.DMA_TO_DEVICE);
    }

    /** Frees the packets that the device has sent. Returns their number. */
    int reclaim(long priv) {
        int[] bytes = new int[1];
        int sent = 0;
        for (long buf = queues.virtqueueGetBuf(SVQ.get(memory, priv), bytes); buf != 0;
                buf = queues.virtqueueGetBuf(SVQ.get(memory, priv), bytes)) {
            count(priv, NetStatsLayout.TX_PACKETS, 1);
            count(priv, NetStatsLayout.TX_BYTES, LENGTH.get(memory, buf));
            release(priv, buf);
            sent++;
        }
        if (sent > 0) {
            RESETS.set(memory, priv, 0);
            kernel.netifWakeQueue(DEV.get(memory, priv));
        }
        return sent;
    }

    private void release(long priv, long buf) {
        unmap(priv, buf);
        kernel.devKfreeSkb(SKB.get(memory, buf));
        SKB.set(memory, buf, 0);
        free(priv, buf);
    }

    // ---- interrupts ----

    /** Asks for no interrupts. */
    void disableInterrupts(long priv) {
        queues.virtqueueDisableCb(RVQ.get(memory, priv));
        queues.virtqueueDisableCb(SVQ.get(memory, priv));
    }

    /** Tells the device of the buffers that it got back, and asks for interrupts. Returns false if one may not come. */
    boolean enableInterrupts(long priv) {
        queues.virtqueueKick(RVQ.get(memory, priv));
        return queues.virtqueueEnableCb(RVQ.get(memory, priv)) & queues.virtqueueEnableCb(SVQ.get(memory, priv));
    }

    // ---- beginning and end ----

    /** Starts a device that was reset, with all buffers. Returns 0 or -ENODEV. */
    int start(long priv) {
        VirtnetInfoLayout.NEEDS_RESET.set(memory, priv, 0);
        int result = bus.virtioDeviceRestore(VDEV.get(memory, priv));
        STATE.set(memory, priv, result == 0 ? VirtnetInfoLayout.UP : VirtnetInfoLayout.BROKEN);
        for (int i = 0; result == 0 && i < rxCount(priv); i++) {
            long buf = record(RX_BUFS.get(memory, priv), i);
            queues.virtqueueAddInbuf(RVQ.get(memory, priv), SG.at(buf), buf, Gfp.GFP_ATOMIC);
        }
        if (result == 0) {
            queues.virtqueueKick(RVQ.get(memory, priv));
        }
        return result;
    }

    /** Resets the device, and takes back everything that it has. The frames that it had to send are lost. */
    void halt(long priv) {
        bus.virtioResetDevice(VDEV.get(memory, priv));
        while (queues.virtqueueDetachUnusedBuf(RVQ.get(memory, priv)) != 0) {
            continue;                                  // the buffers stay mapped
        }
        for (long buf = queues.virtqueueDetachUnusedBuf(SVQ.get(memory, priv)); buf != 0;
                buf = queues.virtqueueDetachUnusedBuf(SVQ.get(memory, priv))) {
            count(priv, NetStatsLayout.TX_ERRORS, 1);
            release(priv, buf);
        }
    }

    /** Tells whether the device has given a wrong answer, or found a mistake. */
    boolean isWrong(long priv) {
        return queues.virtqueueIsBroken(RVQ.get(memory, priv)) || queues.virtqueueIsBroken(SVQ.get(memory, priv))
                || VirtnetInfoLayout.NEEDS_RESET.get(memory, priv) != 0;
    }

    /** Resets the device and starts it again, up to five times without a frame between. */
    void recover(long priv) {
        String name = NetDeviceLayout.NAME.get(memory, DEV.get(memory, priv));
        halt(priv);
        RESETS.add(memory, priv, 1);
        if (RESETS.get(memory, priv) > MAX_RESETS) {
            STATE.set(memory, priv, VirtnetInfoLayout.BROKEN);
            kernel.prErr(name + ": the device is wrong again and again, and was stopped");
        } else {
            boolean restarted = start(priv) == 0;
            kernel.prWarn(name + ": the device was reset" + (restarted ? "" : ", and does not start again"));
        }
        kernel.netifWakeQueue(DEV.get(memory, priv));
    }
}

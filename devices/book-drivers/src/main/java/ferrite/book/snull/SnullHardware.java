package ferrite.book.snull;

import static ferrite.book.snull.SnullPacketLayout.DATA;
import static ferrite.book.snull.SnullPacketLayout.LENGTH;
import static ferrite.book.snull.SnullPacketLayout.NEXT;
import static ferrite.book.snull.SnullPrivLayout.LOCK;
import static ferrite.book.snull.SnullPrivLayout.POOL;
import static ferrite.book.snull.SnullPrivLayout.RX_LAST;
import static ferrite.book.snull.SnullPrivLayout.RX_QUEUE;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.net.Ethernet;
import java.util.function.LongConsumer;

/**
 * The hardware that snull pretends to drive (LDD3 page 498): a wire between two devices, and buffers. The wire changes
 * the lowest bit of the third byte of both addresses of each packet, so that a packet leaves one net, and arrives on
 * the other one as the packet of another host.
 */
final class SnullHardware {

    private static final int IP_HEADER = 20;
    private static final int IP_CHECKSUM = 10;
    private static final int IP_SOURCE = 12;
    private static final int IP_DESTINATION = 16;
    private static final int THIRD_BYTE = 2;

    private final KernelCalls kernel;
    private final KernelMemory memory;

    SnullHardware(KernelCalls kernel) {
        this.kernel = kernel;
        this.memory = kernel.memory();
    }

    /** Makes the buffers of a device. Returns whether there was memory. */
    boolean setUpPool(long priv, int buffers) {
        for (int i = 0; i < buffers; i++) {
            long packet = kernel.kmalloc(SnullPacketLayout.SIZE, Gfp.GFP_KERNEL);
            if (packet == 0) {
                return false;
            }
            SnullPacketLayout.DEV.set(memory, packet, SnullPrivLayout.DEV.get(memory, priv));
            give(priv, packet);
        }
        return true;
    }

    /** Frees the buffers of a device: its free ones, and those of the other device that it has not read. */
    void tearDownPool(long priv) {
        for (long packet = take(POOL, priv); packet != 0; packet = take(POOL, priv)) {
            kernel.kfree(packet);
        }
        for (long packet = next(priv); packet != 0; packet = next(priv)) {
            kernel.kfree(packet);
        }
    }

    private void give(long priv, long packet) {
        NEXT.set(memory, packet, POOL.get(memory, priv));
        POOL.set(memory, priv, packet);
    }

    private long take(Pointer list, long priv) {
        long packet = list.get(memory, priv);
        if (packet != 0) {
            list.set(memory, priv, NEXT.get(memory, packet));
        }
        return packet;
    }

    /** Tells whether the device has a free buffer. Without one the queue is stopped, until a buffer comes back. */
    boolean hasBuffer(long priv) {
        int flags = kernel.spinLockIrqsave(LOCK.at(priv));
        boolean has = POOL.get(memory, priv) != 0;
        if (!has) {
            kernel.netifStopQueue(SnullPrivLayout.DEV.get(memory, priv));
        }
        kernel.spinUnlockIrqrestore(LOCK.at(priv), flags);
        return has;
    }

    /** Takes a free buffer, which there is, {@code snull_get_tx_buffer}. With the last one the queue is stopped. */
    long takeBuffer(long priv) {
        int flags = kernel.spinLockIrqsave(LOCK.at(priv));
        long packet = take(POOL, priv);
        if (POOL.get(memory, priv) == 0) {
            kernel.prDebug("snull: Pool empty");
            kernel.netifStopQueue(SnullPrivLayout.DEV.get(memory, priv));
        }
        kernel.spinUnlockIrqrestore(LOCK.at(priv), flags);
        return packet;
    }

    /** Gives a buffer back to its device, {@code snull_release_buffer}, which can send again. */
    void releaseBuffer(long packet) {
        long dev = SnullPacketLayout.DEV.get(memory, packet);
        long priv = kernel.netdevPriv(dev);
        int flags = kernel.spinLockIrqsave(LOCK.at(priv));
        boolean wasEmpty = POOL.get(memory, priv) == 0;
        give(priv, packet);
        kernel.spinUnlockIrqrestore(LOCK.at(priv), flags);
        if (wasEmpty && kernel.netifQueueStopped(dev)) {
            kernel.netifWakeQueue(dev);
        }
    }

    /** Takes the next packet that has come, {@code snull_dequeue_buf}; 0 if there is none. The device is locked. */
    long next(long priv) {
        return take(RX_QUEUE, priv);
    }

    /**
     * Sends a frame over the wire, {@code snull_hw_tx} (LDD3 page 513): it is in the other device's queue afterwards.
     *
     * @param interrupt is called with the other device if that wants to be told
     * @return whether the frame is long enough for a packet
     */
    boolean send(long priv, long frame, int length, LongConsumer interrupt) {
        if (length < Ethernet.ETH_HLEN + IP_HEADER || length > SnullPacketLayout.DATA_BYTES) {
            kernel.prDebug("snull: packet of " + length + " bytes");
            return false;
        }
        long packet = takeBuffer(priv);
        LENGTH.set(memory, packet, length);
        memory.copy(DATA.at(packet), frame, length);
        long header = DATA.at(packet) + Ethernet.ETH_HLEN;
        flip(header + IP_SOURCE + THIRD_BYTE);
        flip(header + IP_DESTINATION + THIRD_BYTE);
        Ethernet.store16(memory, header + IP_CHECKSUM, 0);
        Ethernet.store16(memory, header + IP_CHECKSUM, Ethernet.checksum(memory, header, IP_HEADER));
        long peer = SnullPrivLayout.PEER.get(memory, priv);
        long other = kernel.netdevPriv(peer);
        int flags = kernel.spinLockIrqsave(LOCK.at(other));
        NEXT.set(memory, packet, 0);
        if (RX_QUEUE.get(memory, other) == 0) {
            RX_QUEUE.set(memory, other, packet);
        } else {
            NEXT.set(memory, RX_LAST.get(memory, other), packet);
        }
        RX_LAST.set(memory, other, packet);
        boolean tells = SnullPrivLayout.RX_INT_ENABLED.get(memory, other) != 0;
        if (tells) {
            SnullPrivLayout.STATUS.set(memory, other,
                    SnullPrivLayout.STATUS.get(memory, other) | SnullPrivLayout.RX_INTR);
        }
        kernel.spinUnlockIrqrestore(LOCK.at(other), flags);
        if (tells) {
            interrupt.accept(peer);
        }
        return true;
    }

    private void flip(long va) {
        memory.store8(va, memory.load8(va) ^ 1);
    }
}

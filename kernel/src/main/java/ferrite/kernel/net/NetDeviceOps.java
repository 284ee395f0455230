package ferrite.kernel.net;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.Errno;

/** A driver's operations on a network device, {@code struct net_device_ops} (LDD3 page 509). */
@DriverApi
public interface NetDeviceOps {

    /** Starts a device that {@code ifconfig} sets up. May sleep. Returns 0 or a negative {@link Errno}. */
    default int open(long dev) {
        return 0;
    }

    /** Stops a device that {@code ifconfig} sets down, or that is unregistered. May sleep. */
    default int stop(long dev) {
        return 0;
    }

    /**
     * Begins to send a packet (LDD3 page 516). One call at a time for each device; softirqs are off, so it must not
     * sleep. A driver that cannot take another packet has called {@code netif_stop_queue}.
     *
     * @param skb the packet with its hardware header; the driver frees it when it was sent
     * @return {@link NetDeviceLayout#NETDEV_TX_OK}; after {@link NetDeviceLayout#NETDEV_TX_BUSY} the packet is still
     *     the kernel's, which tries again
     */
    int startXmit(long skb, long dev);

    /** Tells that a stopped queue was not started for too long (LDD3 page 518). Softirqs are off. */
    default void txTimeout(long dev) { }

    /**
     * Sets the frames that the device receives: it reads {@link NetDeviceLayout#IFF_PROMISC} and its kin of the flags,
     * which have changed (LDD3 page 539, {@code set_multicast_list}). The device is up. Must not sleep.
     */
    default void setRxMode(long dev) { }

    /**
     * Puts the hardware header before a packet, for a device that is not on an Ethernet (LDD3 page 525).
     *
     * @param protocol    one of {@link Ethernet}
     * @param destination address of the receiver's hardware address; 0 on a device with
     *                    {@link NetDeviceLayout#IFF_NOARP}
     * @return the bytes of the header; {@code -ENOSYS} stands for {@code eth_header}, and another negative
     *     {@link Errno} has the packet dropped
     */
    default int createHeader(long skb, long dev, int protocol, long destination) {
        return -Errno.ENOSYS;
    }
}

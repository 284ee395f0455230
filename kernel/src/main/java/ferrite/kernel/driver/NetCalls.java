package ferrite.kernel.driver;

import ferrite.kernel.base.DriverApi;

/**
 * The network (LDD3 chapter 17): network devices ({@link ferrite.kernel.net.NetDeviceLayout}) and packets
 * ({@link ferrite.kernel.net.SkBuffLayout}). The kernel calls a driver by its
 * {@link ferrite.kernel.net.NetDeviceOps}.
 */
@DriverApi
public interface NetCalls {

    // ---- devices ----

    /**
     * Allocates an Ethernet device with a driver's record behind it (LDD3 page 503). Its name will be {@code eth} and a
     * number unless the driver sets another. Task context; may sleep.
     *
     * @param privateBytes bytes of the driver's record, which are zero
     * @return the device; 0 without memory
     */
    @CName("alloc_etherdev")
    long allocEtherdev(int privateBytes);

    /** Frees a device that is not registered. Task context. */
    @CName("free_netdev")
    void freeNetdev(long dev);

    /** Returns the address of the driver's record (LDD3 page 504). Any context. */
    @CName("netdev_priv")
    long netdevPriv(long dev);

    /**
     * Shows a device to the network: from now on {@code open} may be called (LDD3 page 504). Task context; may sleep.
     *
     * @return 0; -EEXIST if another device has the name, -EINVAL if the device has no operations or is registered
     */
    @CName("register_netdev")
    int registerNetdev(long dev);

    /** Sets a device down and hides it. When it returns, nothing uses the device. Task context; may sleep. */
    @CName("unregister_netdev")
    void unregisterNetdev(long dev);

    // ---- sending ----

    /** Lets the kernel give the driver packets, in {@code open} (LDD3 page 515). Any context. */
    @CName("netif_start_queue")
    void netifStartQueue(long dev);

    /** The driver takes no more packets (LDD3 page 517). Any context. */
    @CName("netif_stop_queue")
    void netifStopQueue(long dev);

    /** The driver takes packets again, and those that wait are sent soon (LDD3 page 518). Any context. */
    @CName("netif_wake_queue")
    void netifWakeQueue(long dev);

    /** Tells whether the driver has stopped the queue. Any context. */
    @CName("netif_queue_stopped")
    boolean netifQueueStopped(long dev);

    /**
     * Sends a packet that has its hardware header and its {@code dev}, and takes it over. Task context, or a softirq.
     * Any context but a hard interrupt handler.
     *
     * @return 0, or 1 if the device is down or too many packets wait: the packet is dropped
     */
    @CName("dev_queue_xmit")
    int devQueueXmit(long skb);

    // ---- the cable ----

    /** The cable is plugged in: packets are sent (LDD3 page 528). A new device has this state. Any context. */
    @CName("netif_carrier_on")
    void netifCarrierOn(long dev);

    /** The cable is not plugged in: packets are dropped, and nothing times out (LDD3 page 528). Any context. */
    @CName("netif_carrier_off")
    void netifCarrierOff(long dev);

    /** Tells whether the cable is plugged in (LDD3 page 528). Any context. */
    @CName("netif_carrier_ok")
    boolean netifCarrierOk(long dev);

    // ---- receiving ----

    /**
     * Gives a received packet to the network, which takes it over (LDD3 page 514). Any context.
     *
     * @return 0, or 1 if too many packets wait: it is dropped
     */
    @CName("netif_rx")
    int netifRx(long skb);

    /** As {@link #netifRx}, at once; for a poll function (LDD3 page 523). Called in a softirq; not in Any context. */
    @CName("netif_receive_skb")
    int netifReceiveSkb(long skb);

    /**
     * Gives a record its poll function (LDD3 page 522). It is disabled at first. Task context.
     *
     * @param napi address of a {@link ferrite.kernel.net.NapiLayout}, in zeroed memory
     * @param poll text address of a {@link ferrite.kernel.net.NapiPoll}, which is given at most 64 packets to do
     */
    @CName("netif_napi_add")
    void netifNapiAdd(long dev, long napi, long poll);

    /** Lets a poll function be called, in {@code open}. Any context. */
    @CName("napi_enable")
    void napiEnable(long napi);

    /** Ends the calls of a poll function, in {@code stop}: waits for the last one. Task context; may sleep. */
    @CName("napi_disable")
    void napiDisable(long napi);

    /** Has the poll function called soon; the driver has switched its interrupt off (LDD3 page 522). Any context. */
    @CName("napi_schedule")
    boolean napiSchedule(long napi);

    /**
     * The poll function has nothing more to give; it switches the interrupt on again after this (LDD3 page 524). Any
     * context.
     *
     * @param given the packets that it has given
     */
    @CName("napi_complete_done")
    boolean napiCompleteDone(long napi, int given);

    // ---- packets ----

    /** Allocates an empty packet with so many bytes of tailroom (LDD3 page 530). May sleep if the flags allow it. */
    @CName("alloc_skb")
    long allocSkb(int bytes, int gfp);

    /** Allocates an empty packet with 64 bytes of headroom; 0 without memory (LDD3 page 530). Any context. */
    @CName("dev_alloc_skb")
    long devAllocSkb(int bytes);

    /** Frees a packet (LDD3 page 531). Any context. */
    @CName("dev_kfree_skb")
    void devKfreeSkb(long skb);

    /** Adds bytes at the end of a packet. Returns their address (LDD3 page 531). Any context. */
    @CName("skb_put")
    long skbPut(long skb, int bytes);

    /** Adds bytes at the start of a packet. Returns their address (LDD3 page 531). Any context. */
    @CName("skb_push")
    long skbPush(long skb, int bytes);

    /** Removes bytes at the start. Returns the new start; 0 if the packet is shorter (LDD3 page 532). Any context. */
    @CName("skb_pull")
    long skbPull(long skb, int bytes);

    /** Makes headroom in an empty packet (LDD3 page 532). Any context. */
    @CName("skb_reserve")
    void skbReserve(long skb, int bytes);

    /** Removes bytes at the end, so that a number of them are left. Any context. */
    @CName("skb_trim")
    void skbTrim(long skb, int bytes);

    /** Returns the bytes of free space before the packet (LDD3 page 532). Any context. */
    @CName("skb_headroom")
    int skbHeadroom(long skb);

    /** Returns the bytes of free space behind the packet (LDD3 page 532). Any context. */
    @CName("skb_tailroom")
    int skbTailroom(long skb);

    /**
     * Takes the Ethernet header off a packet that was received (LDD3 page 515). Sets its device and the kind
     * of its receiver. Any context.
     *
     * @return the protocol, which the driver stores in the packet; 0 if it is shorter than a header
     */
    @CName("eth_type_trans")
    int ethTypeTrans(long skb, long dev);
}

package ferrite.kernel.driver;

import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.ResourceTracker.Kind;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.net.NapiLayout;
import ferrite.kernel.net.Net;
import ferrite.kernel.net.NetDeviceLayout;
import ferrite.kernel.net.SkBuffLayout;

/** The calls for network devices and packets. */
@Plumbing
abstract class NetDoor extends UserDoor implements NetCalls {

    private final Net net;

    NetDoor(KernelBase base, Subsystems subsystems) {
        super(base, subsystems);
        this.net = subsystems.net();
    }

    private long device(long dev) {
        return used(dev, NetDeviceLayout.SIZE);
    }

    private long packet(long skb) {
        return used(skb, SkBuffLayout.SIZE);
    }

    private long napi(long napi) {
        return used(napi, NapiLayout.SIZE);
    }

    // ---- devices ----

    @Override public long allocEtherdev(int privateBytes) {
        return took(Kind.NET_DEVICE, net.devices().alloc(privateBytes), 0);
    }
    @Override public void freeNetdev(long dev) {
        net.devices().free(dev == 0 ? 0 : device(dev));
        gaveBack(Kind.NET_DEVICE, dev);
    }
    @Override public long netdevPriv(long dev) { return dev + NetDeviceLayout.SIZE; }
    @Override public int registerNetdev(long dev) { return net.devices().register(device(dev)); }
    @Override public void unregisterNetdev(long dev) { net.devices().unregister(device(dev)); }

    // ---- sending ----

    @Override public void netifStartQueue(long dev) { net.transmit().start(device(dev)); }
    @Override public void netifStopQueue(long dev) { net.transmit().stop(device(dev)); }
    @Override public void netifWakeQueue(long dev) { net.transmit().wake(device(dev)); }
    @Override public boolean netifQueueStopped(long dev) { return net.transmit().isStopped(device(dev)); }
    @Override public int devQueueXmit(long skb) { return net.transmit().queue(packet(skb)); }

    // ---- the cable ----

    @Override public void netifCarrierOn(long dev) { net.transmit().carrierOn(device(dev)); }
    @Override public void netifCarrierOff(long dev) { net.transmit().carrierOff(device(dev)); }
    @Override public boolean netifCarrierOk(long dev) { return net.transmit().hasCarrier(device(dev)); }

    // ---- receiving ----

    @Override public int netifRx(long skb) { return net.receive().queue(packet(skb)); }
    @Override public int netifReceiveSkb(long skb) { return net.receive().receive(packet(skb)); }
    @Override public void netifNapiAdd(long dev, long napi, long poll) {
        net.receive().add(device(dev), napi(napi), poll);
    }
    @Override public void napiEnable(long napi) { net.receive().enable(napi(napi)); }
    @Override public void napiDisable(long napi) { net.receive().disable(napi(napi)); }
    @Override public boolean napiSchedule(long napi) { return net.receive().schedule(napi(napi)); }
    @Override public boolean napiCompleteDone(long napi, int given) { return net.receive().complete(napi(napi)); }

    // ---- packets ----

    @Override public long allocSkb(int bytes, int gfp) { return net.packets().alloc(bytes, gfp); }
    @Override public long devAllocSkb(int bytes) { return net.packets().allocFor(0, bytes); }
    @Override public void devKfreeSkb(long skb) { net.packets().free(skb == 0 ? 0 : packet(skb)); }
    @Override public long skbPut(long skb, int bytes) { return net.packets().put(packet(skb), bytes); }
    @Override public long skbPush(long skb, int bytes) { return net.packets().push(packet(skb), bytes); }
    @Override public long skbPull(long skb, int bytes) { return net.packets().pull(packet(skb), bytes); }
    @Override public void skbReserve(long skb, int bytes) { net.packets().reserve(packet(skb), bytes); }
    @Override public void skbTrim(long skb, int bytes) { net.packets().trim(packet(skb), bytes); }
    @Override public int skbHeadroom(long skb) { return net.packets().headroom(packet(skb)); }
    @Override public int skbTailroom(long skb) { return net.packets().tailroom(packet(skb)); }
    @Override public int ethTypeTrans(long skb, long dev) {
        return net.packets().ethTypeTrans(packet(skb), device(dev));
    }
}

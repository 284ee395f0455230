package ferrite.kernel.net;

import static ferrite.kernel.net.NetDeviceLayout.FLAGS;
import static ferrite.kernel.net.NetDeviceLayout.IFF_RUNNING;
import static ferrite.kernel.net.NetDeviceLayout.IFF_UP;
import static ferrite.kernel.net.NetDeviceLayout.NAME;
import static ferrite.kernel.net.NetDeviceLayout.NODE;
import static ferrite.kernel.net.NetDeviceLayout.REGISTERED;
import static ferrite.kernel.net.NetDeviceLayout.USERS;

import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.KernelBug;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.core.Context;
import ferrite.kernel.sched.Sleep;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.function.LongToIntFunction;
import java.util.function.ToIntFunction;

/** Network devices: a list of those that drivers have registered, in their order (LDD3 page 502). */
public final class NetDevices {

    private static final int MAX_DEVICES = 1024;
    private static final int DEFAULT_QUEUE = 1000;

    private final NetState state;
    private final KernelMemory memory;
    private final Context context;
    private final Sleep sleep;
    private Transmit transmit;
    private Arp arp;

    NetDevices(NetState state) {
        this.state = state;
        this.memory = state.base().memory();
        this.context = state.base().context();
        this.sleep = state.tasks().sleep();
    }

    /** Sets the parts that work on devices that are up. */
    void connect(Transmit theTransmit, Arp theArp) {
        transmit = theTransmit;
        arp = theArp;
    }

    // ---- records ----

    /** {@code alloc_etherdev}: allocates a device with a driver's record. May sleep. Returns 0 without memory. */
    public long alloc(int privateBytes) {
        context.mightSleep("alloc_etherdev", "allocate the device when the driver is loaded");
        long dev = state.make() ? state.mm().kmalloc().kzalloc(NetDeviceLayout.SIZE + privateBytes, Gfp.GFP_KERNEL) : 0;
        if (dev != 0) {
            ListHead.init(memory, NODE.at(dev));
            ListHead.init(memory, NetDeviceLayout.QUEUE.at(dev));
            NAME.set(memory, dev, "eth%d");
            NetDeviceLayout.MTU.set(memory, dev, Ethernet.ETH_DATA_LEN);
            NetDeviceLayout.TX_QUEUE_LEN.set(memory, dev, DEFAULT_QUEUE);
            FLAGS.set(memory, dev, NetDeviceLayout.IFF_BROADCAST | NetDeviceLayout.IFF_MULTICAST);
        }
        return dev;
    }

    /** {@code free_netdev}: frees a device that is not registered. Task context. */
    public void free(long dev) {
        if (dev != 0 && REGISTERED.get(memory, dev) != 0) {
            throw new KernelBug("free_netdev of " + NAME.get(memory, dev)
                    + ", which is registered; call unregister_netdev first");
        }
        state.mm().kmalloc().kfree(dev);
    }

    // ---- the list ----

    /** {@code register_netdev}: shows a device to the network. May sleep. Returns 0 or a negative {@link Errno}. */
    public int register(long dev) {
        context.mightSleep("register_netdev", "register the device when the driver is loaded");
        return locked(() -> {
            if (NetDeviceLayout.NETDEV_OPS.get(memory, dev) == 0 || REGISTERED.get(memory, dev) != 0) {
                return -Errno.EINVAL;
            }
            String name = free(NAME.get(memory, dev));
            if (name == null) {
                return -Errno.EEXIST;
            }
            NAME.set(memory, dev, name);
            NetDeviceLayout.IFINDEX.set(memory, dev, NetLayout.LAST_INDEX.amoAdd(memory, state.get(), 1) + 1);
            REGISTERED.set(memory, dev, 1);
            int flags = state.lock();
            ListHead.addTail(memory, NODE.at(dev), NetLayout.DEVICES.at(state.get()));
            state.unlock(flags);
            return 0;
        });
    }

    /** Returns the name, with a number in place of {@code %d}; null if another device has it, or it is none. */
    private String free(String name) {
        if (!name.contains("%d")) {
            return name.isEmpty() || name.matches(".*[/\\s:].*") || find(name) != 0 ? null : name;
        }
        int number = 0;
        while (find(name.replace("%d", Integer.toString(number))) != 0) {
            number++;
        }
        return name.replace("%d", Integer.toString(number));
    }

    /** {@code unregister_netdev}: sets a device down and hides it. When this returns, nothing uses it. May sleep. */
    public void unregister(long dev) {
        context.mightSleep("unregister_netdev", "unregister the device when the driver is unloaded");
        locked(() -> {
            if (REGISTERED.get(memory, dev) == 0) {
                throw new KernelBug("unregister_netdev of " + NAME.get(memory, dev) + ", which is not registered");
            }
            down(dev);
            int flags = state.lock();
            ListHead.delete(memory, NODE.at(dev));
            state.unlock(flags);
            REGISTERED.set(memory, dev, 0);
            return 0;
        });
        while (USERS.get(memory, dev) != 0) {
            sleep.scheduleTimeout("unregister_netdev", sleep.ticks(1));
        }
        arp.forget(dev);                               // the last users may have asked for hosts
    }

    private int locked(IntSupplier work) {
        long mutex = NetLayout.RTNL.at(state.get());
        state.tasks().mutexes().lock(mutex);
        try {
            return work.getAsInt();
        } finally {
            state.tasks().mutexes().unlock(mutex);
        }
    }

    /** Lists the devices. The list is locked, or the view stands still. */
    List<Long> all(ReadableMemory view) {
        long net = state.find(view);
        return net == 0 ? List.of() : ListHead.nodes(view, NetLayout.DEVICES.at(net), MAX_DEVICES).stream()
                .map(NODE::containerOf).toList();
    }

    /** Lists the devices, each of them held. Any context. */
    List<Long> held() {
        if (state.find(memory) == 0) {
            return List.of();
        }
        int flags = state.lock();
        List<Long> all = all(memory);
        all.forEach(this::hold);
        state.unlock(flags);
        return all;
    }

    /** {@code dev_hold}: keeps a device from being freed. Any context. */
    void hold(long dev) {
        USERS.amoAdd(memory, dev, 1);
    }

    /** {@code dev_put}: ends {@link #hold}. Any context. */
    void put(long dev) {
        USERS.amoAdd(memory, dev, -1);
    }

    /** Returns the device with a name; 0 if there is none. */
    private long find(String name) {
        return all(memory).stream().filter(dev -> NAME.get(memory, dev).equals(name)).findFirst().orElse(0L);
    }

    // ---- up and down ----

    /** Tells whether a device is up. */
    boolean isUp(ReadableMemory view, long dev) {
        return (FLAGS.get(view, dev) & IFF_UP) != 0;
    }

    /** Does something with the device of a name. May sleep. Returns {@code -ENODEV} if there is none. */
    private int with(String name, LongToIntFunction work) {
        return state.find(memory) == 0 ? -Errno.ENODEV : locked(() -> {
            long dev = find(name);
            return dev == 0 ? -Errno.ENODEV : work.applyAsInt(dev);
        });
    }

    /** Sets a device up or down, {@code ifconfig NAME up}. May sleep. Returns 0 or a negative {@link Errno}. */
    public int setUp(String name, boolean up) {
        return with(name, dev -> up ? up(dev) : down(dev));
    }

    /** Gives a device an Internet address and a mask. May sleep. Returns 0 or a negative {@link Errno}. */
    public int setAddress(String name, int address, int mask) {
        return with(name, dev -> {
            int flags = state.lock();
            NetDeviceLayout.ADDRESS.set(memory, dev, address);
            NetDeviceLayout.MASK.set(memory, dev, mask);
            state.unlock(flags);
            return 0;
        });
    }

    /**
     * Sets flags of a device and clears others, {@code ifconfig NAME promisc}. May sleep. Returns 0 or a negative
     * {@link Errno}.
     *
     * @param set     {@link NetDeviceLayout#IFF_PROMISC}, {@link NetDeviceLayout#IFF_ALLMULTI}, or both
     * @param cleared the same
     */
    public int changeFlags(String name, int set, int cleared) {
        return with(name, dev -> {
            FLAGS.amoOr(memory, dev, set);
            FLAGS.amoAnd(memory, dev, ~cleared);
            return isUp(memory, dev) ? setRxMode(dev) : 0;
        });
    }

    private int setRxMode(long dev) {
        return operation("set_rx_mode", dev, ops -> {
            ops.setRxMode(dev);
            return 0;
        });
    }

    private int up(long dev) {
        if (isUp(memory, dev)) {
            return 0;
        }
        int result = operation("open", dev, ops -> ops.open(dev));
        if (result == 0) {
            FLAGS.amoOr(memory, dev, IFF_UP | (transmit.hasCarrier(dev) ? IFF_RUNNING : 0));
            setRxMode(dev);
            transmit.began(dev);
            transmit.wake(dev);
        }
        return result;
    }

    private int down(long dev) {
        if (!isUp(memory, dev)) {
            return 0;
        }
        FLAGS.amoAnd(memory, dev, ~(IFF_UP | IFF_RUNNING));
        transmit.ended(dev);
        arp.forget(dev);
        int result = operation("stop", dev, ops -> ops.stop(dev));
        transmit.watchNoMore(dev);
        return result;
    }

    private int operation(String what, long dev, ToIntFunction<NetDeviceOps> call) {
        long ops = NetDeviceLayout.NETDEV_OPS.get(memory, dev);
        Context.Entered entered = context.enter();
        int result = call.applyAsInt(state.base().text().at(ops, NetDeviceOps.class));
        context.leave(() -> what + " of " + NAME.get(memory, dev), entered);
        return result;
    }

    // ---- routes ----

    /** A way to a host. The device is held. */
    record Route(long dev, int from) { }

    /** Finds the device that leads to a host: the one with that address, or on its net. Null if none does. */
    Route route(int to) {
        if (state.find(memory) == 0) {
            return null;
        }
        int flags = state.lock();
        Route found = null;
        for (long dev : all(memory)) {
            int own = NetDeviceLayout.ADDRESS.get(memory, dev);
            int mask = NetDeviceLayout.MASK.get(memory, dev);
            boolean leads = isUp(memory, dev) && own != 0 && (own == to || (own & mask) == (to & mask));
            if (leads && (found == null || own == to)) {
                found = new Route(dev, own);
            }
        }
        if (found != null) {
            hold(found.dev);
        }
        state.unlock(flags);
        return found;
    }

    // ---- looking ----

    /**
     * A device, for people.
     *
     * @param hardware its hardware address, as text
     * @param stats    addresses of its counters
     */
    public record View(String name, int flags, int mtu, int queue, int address, int mask, String hardware,
            long stats) { }

    /** Does something with each device, none of which is registered or freed meanwhile. May sleep. */
    public void forEach(Consumer<View> work) {
        if (state.find(memory) != 0) {
            locked(() -> {
                views(memory).forEach(work);
                return 0;
            });
        }
    }

    /** The spinlock that keeps the list of devices; 0 without one. */
    long listLock() {
        return state.spinlock();
    }

    /** Lists all devices. Only looks at a view that stands still. */
    public List<View> views(ReadableMemory view) {
        List<View> views = new ArrayList<>();
        for (long dev : all(view)) {
            views.add(new View(NAME.get(view, dev), FLAGS.get(view, dev), NetDeviceLayout.MTU.get(view, dev),
                    NetDeviceLayout.TX_QUEUE_LEN.get(view, dev), NetDeviceLayout.ADDRESS.get(view, dev),
                    NetDeviceLayout.MASK.get(view, dev), Ethernet.text(view, NetDeviceLayout.DEV_ADDR.at(dev)),
                    NetDeviceLayout.STATS.at(dev)));
        }
        return views;
    }
}

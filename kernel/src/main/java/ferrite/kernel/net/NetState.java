package ferrite.kernel.net;

import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.KernelBug;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.PerCpuLayout;
import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.mm.MemoryManager;
import ferrite.kernel.sched.TaskSystem;

/** Finds the record of the network, which the first network device makes, and its lock. */
@Plumbing
final class NetState {

    private final KernelBase base;
    private final KernelMemory memory;
    private final TaskSystem tasks;
    private final MemoryManager mm;
    private final SpinLock locks;
    private final long root;

    NetState(KernelBase base, TaskSystem tasks, MemoryManager mm) {
        this.base = base;
        this.memory = base.memory();
        this.tasks = tasks;
        this.mm = mm;
        this.locks = base.locks();
        this.root = base.root();
    }

    KernelBase base() {
        return base;
    }

    TaskSystem tasks() {
        return tasks;
    }

    MemoryManager mm() {
        return mm;
    }

    SpinLock locks() {
        return locks;
    }

    /** Returns the record; 0 while no driver has allocated a device. */
    long find(ReadableMemory view) {
        return RootLayout.NET.get(view, root);
    }

    /** Returns the record. There is a network device. */
    long get() {
        long net = find(memory);
        if (net == 0) {
            throw new KernelBug("there is no network device yet; call alloc_etherdev first");
        }
        return net;
    }

    /** Makes the record, unless it exists. May sleep. Returns whether it exists. */
    boolean make() {
        if (find(memory) != 0) {
            return true;
        }
        long net = mm.kmalloc().kzalloc(NetLayout.SIZE, Gfp.GFP_KERNEL);
        long cache = net == 0 ? 0 : mm.caches().create("skbuff_head_cache", SkBuffLayout.SIZE, 0, 0, 0, 0);
        if (cache == 0) {
            mm.kmalloc().kfree(net);
            return false;
        }
        NetLayout.SKB_CACHE.set(memory, net, cache);
        ListHead.init(memory, NetLayout.DEVICES.at(net));
        ListHead.init(memory, NetLayout.PINGS.at(net));
        ListHead.init(memory, NetLayout.SOCKETS.at(net));
        tasks.mutexes().init(NetLayout.RTNL.at(net));
        tasks.waitQueues().init(NetLayout.PING_WAIT.at(net));
        int flags = locks.lockIrqSave(RootLayout.NET_LOCK.at(root));
        boolean first = find(memory) == 0;
        if (first) {
            for (int hart = 0; hart < base.harts(); hart++) {
                ListHead.init(memory, SoftnetLayout.POLL_LIST.at(softnet(hart)));
                ListHead.init(memory, SoftnetLayout.INPUT.at(softnet(hart)));
            }
            RootLayout.NET.set(memory, root, net);
        }
        locks.unlockIrqRestore(RootLayout.NET_LOCK.at(root), flags);
        if (!first) {
            mm.caches().destroy(cache);
            mm.kmalloc().kfree(net);
        }
        return true;
    }

    /** Returns a hart's record of packets. */
    long softnet(int hart) {
        return PerCpuLayout.SOFTNET.at(base.perCpu() + (long) hart * PerCpuLayout.SIZE);
    }

    /** The spinlock that keeps devices and neighbours as they are; 0 without a network. */
    long spinlock() {
        long net = find(base.memory());
        return net == 0 ? 0 : NetLayout.LOCK.at(net);
    }

    int lock() {
        return locks.lockIrqSave(NetLayout.LOCK.at(get()));
    }

    void unlock(int flags) {
        locks.unlockIrqRestore(NetLayout.LOCK.at(get()), flags);
    }
}

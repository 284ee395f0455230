package ferrite.kernel.driver;

import ferrite.hardware.devicetree.Region;
import ferrite.hardware.report.Hex;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.check.Rule;
import ferrite.kernel.core.KernelBase;
import java.util.List;
import java.util.function.LongPredicate;

/**
 * The calls for managed resources and deferred probes. A managed resource is taken through the call that does not
 * manage it.
 */
@Plumbing
abstract class DevmDoor extends BlockDoor implements KernelCalls {

    private final DeviceRecords devices;
    private final Devres devres;
    private final long memoryRelease;
    private final long pagesRelease;
    private final long percpuRelease;
    private final long mappingRelease;
    private final long regionRelease;
    private final long portsRelease;
    private final long irqRelease;
    private final long coherentRelease;
    private final long poolRelease;
    private final long actionRelease;
    private final long workRelease;
    private final long delayedWorkRelease;

    DevmDoor(KernelBase base, Subsystems subsystems, DeviceRecords devices) {
        super(base, subsystems);
        TextTable.Module text = base.text().newModule();
        this.devices = devices;
        this.devres = new Devres(base, subsystems.memory().kmalloc(), devices);
        this.memoryRelease = add(text, "devm_kmalloc_release", (dev, data) -> kfree(data[0]));
        this.pagesRelease = add(text, "devm_pages_release", (dev, data) -> freePages(data[0], (int) data[1]));
        this.percpuRelease = add(text, "devm_percpu_release", (dev, data) -> freePercpu(data[0]));
        this.mappingRelease = add(text, "devm_ioremap_release", (dev, data) -> iounmap(data[0]));
        this.regionRelease = add(text, "devm_region_release", (dev, data) -> releaseMemRegion(data[0], data[1]));
        this.portsRelease = add(text, "devm_ports_release", (dev, data) -> releaseRegion(data[0], data[1]));
        this.irqRelease = add(text, "devm_irq_release", (dev, data) -> releaseIrq((int) data[0], data[1]));
        this.coherentRelease = add(text, "dmam_release",
                (dev, data) -> dmaFreeCoherent(dev, (int) data[2], data[0], data[1]));
        this.poolRelease = add(text, "dmam_pool_release", (dev, data) -> dmaPoolDestroy(data[0]));
        this.workRelease = add(text, "devm_work_drop", (dev, data) -> cancelWorkSync(data[0]));
        this.delayedWorkRelease = add(text, "devm_delayed_work_drop", (dev, data) -> cancelDelayedWorkSync(data[0]));
        this.actionRelease = add(text, "devm_action_release", (dev, data) -> run(data[0], data[1]));
    }

    private static long add(TextTable.Module text, String name, Devres.Release release) {
        return text.add(name, release);
    }

    /** The managed resources of all devices. */
    final Devres devres() {
        return devres;
    }

    // ---- taking and giving back early ----

    /** Adds a resource of a key that is not 0 to a device's; otherwise frees the record. Returns the key. */
    private long added(long device, long record, long key, long... others) {
        if (key == 0) {
            devres.free(record);
            return 0;
        }
        long[] arguments = new long[1 + others.length];
        arguments[0] = key;
        System.arraycopy(others, 0, arguments, 1, others.length);
        devres.add(device, record, arguments);
        return key;
    }

    private int addedIf(boolean taken, long device, long record, int result, long... arguments) {
        if (taken) {
            devres.add(device, record, arguments);
        } else {
            devres.free(record);
        }
        return result;
    }

    private LongPredicate keyIs(long key) {
        return record -> devres.argument(record, 0) == key;
    }

    private LongPredicate keysAre(long first, long second) {
        return record -> devres.argument(record, 0) == first && devres.argument(record, 1) == second;
    }

    /** Releases one resource early. One that is none of the device's is reported. */
    private void release(String call, long device, long kind, LongPredicate which, long key) {
        long record = devres.take(device, kind, which);
        if (record != 0) {
            devres.release(device, record);
        } else {
            unmanaged(call, device, key);
        }
    }

    private void unmanaged(String call, long device, long key) {
        base.violations().of(Rule.INVALID_FREE, call + " of " + Hex.grouped(key)
                + ", which is no managed resource of " + devices.name(device))
                .line("instead", "give " + call + " what its managed call took for this device, once; and free "
                        + "what was taken without a device by the call without devm_").address("key", key).report();
    }

    // ---- memory ----

    @Override public long devmKmalloc(long dev, int bytes, int gfp) {
        long device = devices.of("devm_kmalloc", dev);
        long record = devres.alloc(memoryRelease, gfp & ~Gfp.GFP_DMA);
        return record == 0 ? 0 : added(device, record, kmalloc(bytes, gfp));
    }
    @Override public long devmKzalloc(long dev, int bytes, int gfp) {
        return devmKmalloc(dev, bytes, gfp | Gfp.__GFP_ZERO);
    }
    @Override public long devmKcalloc(long dev, int count, int bytes, int gfp) {
        long all = (long) count * bytes;
        return all != (int) all ? 0 : devmKzalloc(dev, (int) all, gfp);
    }
    @Override public long devmKmemdup(long dev, long source, int bytes, int gfp) {
        long copy = devmKmalloc(dev, bytes, gfp);
        if (copy != 0) {
            memory.copy(copy, source, bytes);
        }
        return copy;
    }
    @Override public long devmKrealloc(long dev, long va, int bytes, int gfp) {
        if (va == 0) {
            return devmKmalloc(dev, bytes, gfp);
        }
        long device = devices.of("devm_krealloc", dev);
        long record = devres.find(device, memoryRelease, keyIs(va));
        if (record == 0) {
            unmanaged("devm_krealloc", device, va);
            return 0;
        }
        long moved = krealloc(va, bytes, gfp);
        if (moved != 0) {
            devres.setArgument(record, moved);
        }
        return moved;
    }
    @Override public void devmKfree(long dev, long va) {
        release("devm_kfree", devices.of("devm_kfree", dev), memoryRelease, keyIs(va), va);
    }
    @Override public long devmGetFreePages(long dev, int gfp, int order) {
        long device = devices.of("devm_get_free_pages", dev);
        long record = devres.alloc(pagesRelease, Gfp.GFP_KERNEL);
        return record == 0 ? 0 : added(device, record, __getFreePages(gfp, order), order);
    }
    @Override public void devmFreePages(long dev, long va) {
        release("devm_free_pages", devices.of("devm_free_pages", dev), pagesRelease, keyIs(va), va);
    }
    @Override public long devmAllocPercpu(long dev, int bytes) {
        long device = devices.of("devm_alloc_percpu", dev);
        long record = devres.alloc(percpuRelease, Gfp.GFP_KERNEL);
        return record == 0 ? 0 : added(device, record, allocPercpu(bytes));
    }
    @Override public void devmFreePercpu(long dev, long variable) {
        release("devm_free_percpu", devices.of("devm_free_percpu", dev), percpuRelease, keyIs(variable), variable);
    }

    // ---- registers ----

    @Override public long devmIoremap(long dev, long pa, long bytes) {
        long device = devices.of("devm_ioremap", dev);
        long record = devres.alloc(mappingRelease, Gfp.GFP_KERNEL);
        return record == 0 ? 0 : added(device, record, ioremap(pa, bytes));
    }
    @Override public void devmIounmap(long dev, long va) {
        release("devm_iounmap", devices.of("devm_iounmap", dev), mappingRelease, keyIs(va), va);
    }
    @Override public long devmRequestMemRegion(long dev, long start, long bytes, String name) {
        long device = devices.of("devm_request_mem_region", dev);
        long record = devres.alloc(regionRelease, Gfp.GFP_KERNEL);
        long region = record == 0 ? 0 : requestMemRegion(start, bytes, name);
        return record == 0 || addedIf(region != 0, device, record, 0, start, bytes) != 0 ? 0 : region;
    }
    @Override public void devmReleaseMemRegion(long dev, long start, long bytes) {
        release("devm_release_mem_region", devices.of("devm_release_mem_region", dev), regionRelease,
                keysAre(start, bytes), start);
    }
    @Override public long devmRequestRegion(long dev, long first, long count, String name) {
        long device = devices.of("devm_request_region", dev);
        long record = devres.alloc(portsRelease, Gfp.GFP_KERNEL);
        long region = record == 0 ? 0 : requestRegion(first, count, name);
        return record == 0 || addedIf(region != 0, device, record, 0, first, count) != 0 ? 0 : region;
    }
    @Override public void devmReleaseRegion(long dev, long first, long count) {
        release("devm_release_region", devices.of("devm_release_region", dev), portsRelease, keysAre(first, count),
                first);
    }
    @Override public long devmPlatformIoremapResource(long dev, int index) {
        long device = devices.of("devm_platform_ioremap_resource", dev);
        List<Region> regions = devices.node(device).regions();
        if (index < 0 || index >= regions.size()) {
            devErr(dev, "invalid resource (" + index + "): the device tree has " + regions.size());
            return 0;
        }
        Region region = regions.get(index);
        if (devmRequestMemRegion(dev, region.address(), region.size(), devices.name(device)) == 0) {
            devErr(dev, "can't request region for resource [mem " + range(region) + "]");
            return 0;
        }
        long va = devmIoremap(dev, region.address(), region.size());
        if (va == 0) {
            devErr(dev, "ioremap failed for resource [mem " + range(region) + "]");
            devmReleaseMemRegion(dev, region.address(), region.size());
        }
        return va;
    }

    private static String range(Region region) {
        return "0x" + Hex.digits(region.address(), 8) + "-0x" + Hex.digits(region.address() + region.size() - 1, 8);
    }

    // ---- interrupts ----

    @Override public int devmRequestIrq(long dev, int irq, long handler, int flags, String name, long devId) {
        return devmRequestThreadedIrq(dev, irq, handler, 0, flags, name, devId);
    }
    @Override public int devmRequestThreadedIrq(long dev, int irq, long handler, long threadFn, int flags, String name,
            long devId) {
        long device = devices.of("devm_request_irq", dev);
        long record = devres.alloc(irqRelease, Gfp.GFP_KERNEL);
        if (record == 0) {
            return -Errno.ENOMEM;
        }
        int result = requestThreadedIrq(irq, handler, threadFn, flags, name, devId);
        return addedIf(result == 0, device, record, result, irq, devId);
    }
    @Override public void devmFreeIrq(long dev, int irq, long devId) {
        release("devm_free_irq", devices.of("devm_free_irq", dev), irqRelease, keysAre(irq, devId), irq);
    }

    // ---- memory for devices ----

    @Override public long dmamAllocCoherent(long dev, int bytes, long handleVa, int gfp) {
        long device = devices.of("dmam_alloc_coherent", dev);
        long record = devres.alloc(coherentRelease, Gfp.GFP_KERNEL);
        if (record == 0) {
            return 0;
        }
        long va = dmaAllocCoherent(dev, bytes, handleVa, gfp);
        return added(device, record, va, va == 0 ? 0 : memory.loadAddress(handleVa), bytes);
    }
    @Override public void dmamFreeCoherent(long dev, int bytes, long va, long handle) {
        release("dmam_free_coherent", devices.of("dmam_free_coherent", dev), coherentRelease, keyIs(va), va);
    }
    @Override public long dmamPoolCreate(String name, long dev, int bytes, int align, int boundary) {
        long device = devices.of("dmam_pool_create", dev);
        long record = devres.alloc(poolRelease, Gfp.GFP_KERNEL);
        return record == 0 ? 0 : added(device, record, dmaPoolCreate(name, dev, bytes, align, boundary));
    }
    @Override public void dmamPoolDestroy(long pool) {
        for (long device : devices.all()) {
            if (devres.find(device, poolRelease, keyIs(pool)) != 0) {
                release("dmam_pool_destroy", device, poolRelease, keyIs(pool), pool);
                return;
            }
        }
    }

    // ---- deferred probes ----

    @Override public int devErrProbe(long dev, int error, String message) {
        if (error == -Errno.EPROBE_DEFER) {
            long device = devices.of("dev_err_probe", dev);
            devices.setDeferralReason(device, devices.driver(device) + ": " + message);
        } else {
            devErr(dev, "error " + error + ": " + message);
        }
        return error;
    }

    // ---- work ----

    @Override public int devmWorkAutocancel(long dev, long work, long worker) {
        initWork(work, worker);
        return addWork(devices.of("devm_work_autocancel", dev), workRelease, work);
    }
    @Override public int devmDelayedWorkAutocancel(long dev, long work, long worker) {
        initDelayedWork(work, worker);
        return addWork(devices.of("devm_delayed_work_autocancel", dev), delayedWorkRelease, work);
    }

    private int addWork(long device, long release, long work) {
        long record = devres.alloc(release, Gfp.GFP_KERNEL);
        return record == 0 ? -Errno.ENOMEM : addedIf(true, device, record, 0, work);
    }

    // ---- actions of drivers ----

    private void run(long action, long data) {
        base.text().at(action, DevmAction.class).action(data);
    }

    @Override public int devmAddAction(long dev, long action, long data) {
        long device = devices.of("devm_add_action", dev);
        long record = devres.alloc(actionRelease, Gfp.GFP_KERNEL);
        return record == 0 ? -Errno.ENOMEM : addedIf(true, device, record, 0, action, data);
    }
    @Override public int devmAddActionOrReset(long dev, long action, long data) {
        int result = devmAddAction(dev, action, data);
        if (result < 0) {
            run(action, data);
        }
        return result;
    }
    @Override public void devmRemoveAction(long dev, long action, long data) {
        long device = devices.of("devm_remove_action", dev);
        long record = devres.take(device, actionRelease, keysAre(action, data));
        if (record == 0) {
            unmanaged("devm_remove_action", device, action);
        } else {
            devres.free(record);
        }
    }
    @Override public void devmReleaseAction(long dev, long action, long data) {
        release("devm_release_action", devices.of("devm_release_action", dev), actionRelease, keysAre(action, data),
                action);
    }
}

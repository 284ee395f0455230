package ferrite.kernel.fs;

import static ferrite.kernel.fs.ResourceLayout.END;
import static ferrite.kernel.fs.ResourceLayout.NAME;
import static ferrite.kernel.fs.ResourceLayout.SIBLING;
import static ferrite.kernel.fs.ResourceLayout.START;

import ferrite.hardware.devicetree.DeviceTreeNode;
import ferrite.hardware.devicetree.Region;
import ferrite.hardware.report.Hex;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.ResourceTracker;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.core.Context;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.log.KernLevels;
import ferrite.kernel.log.KernelLog;
import ferrite.kernel.log.StringTable;
import ferrite.kernel.mm.Kmalloc;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The physical addresses that drivers have requested (LDD3 page 249). RAM holds a list of them in the order of their
 * addresses. What the device tree says is their parent: a region lies inside one device, or outside of all.
 */
@Plumbing
public final class Resources {

    static final String SYSTEM_RAM = "System RAM";

    private static final int MAX_REGIONS = 1 << 12;
    private static final long LAST_ADDRESS = 0xffff_ffffL;

    /**
     * A range of physical addresses.
     *
     * @param end the last address
     */
    record Range(long start, long end, String name) {

        boolean overlaps(long first, long last) {
            return start <= last && first <= end;
        }

        boolean contains(long first, long last) {
            return start <= first && last <= end;
        }
    }

    private final KernelMemory memory;
    private final SpinLock locks;
    private final Kmalloc kmalloc;
    private final StringTable strings;
    private final KernelLog log;
    private final Context context;
    private final ResourceTracker tracker;
    private final long root;
    private final long lock;
    /** The ranges of the device tree, by address. */
    private final List<Range> devices = new ArrayList<>();

    Resources(KernelBase base, Kmalloc kmalloc, DeviceTreeNode tree) {
        this.memory = base.memory();
        this.locks = base.locks();
        this.kmalloc = kmalloc;
        this.strings = base.strings();
        this.log = base.log();
        this.context = base.context();
        this.tracker = base.tracker();
        this.root = base.root();
        this.lock = RootLayout.RESOURCE_LOCK.at(root);
        collect(tree, devices);
        devices.sort(Comparator.comparingLong(Range::start));
    }

    private static void collect(DeviceTreeNode node, List<Range> into) {
        boolean isMemory = node.has("device_type") && node.string("device_type").equals("memory");
        if (isMemory || node.has("compatible")) {
            for (Region region : node.regions()) {
                if (region.size() > 0) {
                    into.add(new Range(region.address(), region.address() + region.size() - 1,
                            isMemory ? SYSTEM_RAM : node.name()));
                }
            }
        }
        node.children().forEach(child -> collect(child, into));
    }

    /**
     * {@code request_mem_region}. Task context; may sleep.
     *
     * @return the record; 0 if any of the region is memory or taken, if it is only partly inside a device, or if there
     *         is no memory for the record
     */
    public long request(long start, long bytes, String name) {
        context.mightSleep("request_mem_region", "request the region when the driver probes");
        long end = start + bytes - 1;
        if (start < 0 || bytes <= 0 || bytes > LAST_ADDRESS || end > LAST_ADDRESS || !isFree(start, end)) {
            return 0;
        }
        long resource = kmalloc.kzalloc(ResourceLayout.SIZE, Gfp.GFP_KERNEL);
        if (resource == 0) {
            return 0;
        }
        START.set(memory, resource, start);
        END.set(memory, resource, end);
        NAME.set(memory, resource, strings.intern(name));
        int flags = locks.lockIrqSave(lock);
        boolean inserted = insert(resource, start, end);
        locks.unlockIrqRestore(lock, flags);
        if (!inserted) {
            kmalloc.kfree(resource);
            return 0;
        }
        tracker.took(ResourceTracker.Kind.REGION, start, (int) bytes);
        return resource;
    }

    /** Returns whether the device tree has no objection. */
    private boolean isFree(long start, long end) {
        return devices.stream().filter(range -> range.overlaps(start, end))
                .allMatch(range -> range.contains(start, end) && !range.name.equals(SYSTEM_RAM));
    }

    private boolean insert(long resource, long start, long end) {
        long link = RootLayout.IOMEM_RESOURCE.at(root);
        long next = memory.loadAddress(link);
        while (next != 0 && END.get(memory, next) < start) {
            link = SIBLING.at(next);
            next = memory.loadAddress(link);
        }
        if (next != 0 && START.get(memory, next) <= end) {
            return false;
        }
        SIBLING.set(memory, resource, next);
        memory.storeAddress(link, resource);
        return true;
    }

    /** {@code release_mem_region}. Task context. If there is no such region, that is logged. */
    public void release(long start, long bytes) {
        long end = start + bytes - 1;
        int flags = locks.lockIrqSave(lock);
        long link = RootLayout.IOMEM_RESOURCE.at(root);
        long resource = memory.loadAddress(link);
        while (resource != 0 && START.get(memory, resource) != start) {
            link = SIBLING.at(resource);
            resource = memory.loadAddress(link);
        }
        boolean found = resource != 0 && END.get(memory, resource) == end;
        if (found) {
            memory.storeAddress(link, SIBLING.get(memory, resource));
        }
        locks.unlockIrqRestore(lock, flags);
        if (found) {
            kmalloc.kfree(resource);
            tracker.gaveBack(ResourceTracker.Kind.REGION, start);
        } else {
            log.print(KernLevels.KERN_WARNING + "Trying to free nonexistent resource <" + Hex.digits(start, 8) + "-"
                    + Hex.digits(end, 8) + ">");
        }
    }

    // ---- looking ----

    /** The ranges of the device tree, by address. */
    List<Range> devices() {
        return devices;
    }

    /** Returns the regions that drivers have requested, by address. */
    List<Range> requested(ReadableMemory view) {
        List<Range> all = new ArrayList<>();
        for (long resource = RootLayout.IOMEM_RESOURCE.get(view, root); resource != 0 && all.size() < MAX_REGIONS;
                resource = SIBLING.get(view, resource)) {
            all.add(new Range(START.get(view, resource), END.get(view, resource),
                    StringTable.read(view, NAME.get(view, resource))));
        }
        return all;
    }
}

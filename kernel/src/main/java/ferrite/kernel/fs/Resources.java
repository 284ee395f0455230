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
import ferrite.kernel.base.Pointer;
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
 * The physical addresses, or the I/O ports, that drivers have requested (LDD3 pages 240 and 249). RAM holds a list of
 * them in the order of their addresses. What the device tree says is their parent: a region lies inside one device, or
 * outside of all.
 */
@Plumbing
public final class Resources {

    static final String SYSTEM_RAM = "System RAM";

    private static final int MAX_REGIONS = 1 << 12;

    /** A space of addresses: its list in the root page, the drivers' call, its last address, its digits in text. */
    enum Space {
        MEMORY(RootLayout.IOMEM_RESOURCE, ResourceTracker.Kind.REGION, "request_mem_region", 0xffff_ffffL, 8),
        PORTS(RootLayout.IOPORT_RESOURCE, ResourceTracker.Kind.PORTS, "request_region", IoPorts.LAST, 4);

        private final Pointer list;
        private final ResourceTracker.Kind kind;
        private final String call;
        private final long last;
        private final int digits;

        Space(Pointer list, ResourceTracker.Kind kind, String call, long last, int digits) {
            this.list = list;
            this.kind = kind;
            this.call = call;
            this.last = last;
            this.digits = digits;
        }

        String text(long address) {
            return Hex.digits(address, digits);
        }
    }

    /**
     * A range of addresses.
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
    private final Space space;
    /** The ranges of the device tree, by address. */
    private final List<Range> devices;

    Resources(KernelBase base, Kmalloc kmalloc, Space space, List<Range> devices) {
        this.space = space;
        this.devices = devices.stream().sorted(Comparator.comparingLong(Range::start)).toList();
        this.memory = base.memory();
        this.locks = base.locks();
        this.kmalloc = kmalloc;
        this.strings = base.strings();
        this.log = base.log();
        this.context = base.context();
        this.tracker = base.tracker();
        this.root = base.root();
        this.lock = RootLayout.RESOURCE_LOCK.at(root);
    }

    /** Returns the ranges of memory and devices in a device tree. */
    static List<Range> ranges(DeviceTreeNode tree) {
        List<Range> ranges = new ArrayList<>();
        collect(tree, ranges);
        return ranges;
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
     * {@code request_mem_region} or {@code request_region}. Task context; may sleep.
     *
     * @return the record; 0 if any of the region is memory or taken, if it is only partly inside a device, or if there
     *         is no memory for the record
     */
    public long request(long start, long bytes, String name) {
        context.mightSleep(space.call, "request the region when the driver probes");
        long end = start + bytes - 1;
        if (start < 0 || bytes <= 0 || bytes > space.last + 1 || end > space.last || !isFree(start, end)) {
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
        tracker.took(space.kind, start, (int) bytes);
        return resource;
    }

    /** Returns whether the device tree has no objection. */
    private boolean isFree(long start, long end) {
        return devices.stream().filter(range -> range.overlaps(start, end))
                .allMatch(range -> range.contains(start, end) && !range.name.equals(SYSTEM_RAM));
    }

    private boolean insert(long resource, long start, long end) {
        long link = space.list.at(root);
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

    /**
     * {@code release_mem_region} or {@code release_region}. Task context. If there is no such region, that is logged.
     */
    public void release(long start, long bytes) {
        long end = start + bytes - 1;
        int flags = locks.lockIrqSave(lock);
        long link = space.list.at(root);
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
            tracker.gaveBack(space.kind, start);
        } else {
            log.print(KernLevels.KERN_WARNING + "Trying to free nonexistent resource <" + space.text(start)
                    + "-" + space.text(end) + ">");
        }
    }

    // ---- looking ----

    Space space() {
        return space;
    }

    /** The ranges of the device tree, by address. */
    List<Range> devices() {
        return devices;
    }

    /** The spinlock that keeps the regions as they are. */
    long lock() {
        return lock;
    }

    /** Returns the regions that drivers have requested, by address. */
    List<Range> requested(ReadableMemory view) {
        List<Range> all = new ArrayList<>();
        for (long resource = space.list.get(view, root); resource != 0 && all.size() < MAX_REGIONS;
                resource = SIBLING.get(view, resource)) {
            all.add(new Range(START.get(view, resource), END.get(view, resource),
                    StringTable.read(view, NAME.get(view, resource))));
        }
        return all;
    }
}

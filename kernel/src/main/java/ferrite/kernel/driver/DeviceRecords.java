package ferrite.kernel.driver;

import static ferrite.kernel.log.KernLevels.KERN_ERR;

import ferrite.hardware.devicetree.DeviceTreeNode;
import ferrite.hardware.report.Hex;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.KernelBug;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.dma.DmaDeviceLayout;
import ferrite.kernel.log.KernelLog;
import ferrite.kernel.log.StringTable;
import ferrite.kernel.mm.Kmalloc;
import java.util.ArrayList;
import java.util.List;

/**
 * The records of the devices of the device tree. They are made at boot, and stay. Their list is in the order in which
 * they got drivers, with parents before their children.
 */
@Plumbing
final class DeviceRecords {

    static final int MAX_DEVICES = 256;
    /** The devices that boot maps, and the harts. */
    private static final List<String> BOOT_SERVES = List.of("riscv", "sifive,plic-1.0.0", "riscv,plic0",
            "riscv,aclint-sswi", "intel,8237a");

    private final KernelMemory memory;
    private final Kmalloc kmalloc;
    private final StringTable strings;
    private final KernelLog log;
    private final DeviceTreeNode tree;
    private final long root;

    DeviceRecords(KernelBase base, Kmalloc kmalloc, DeviceTreeNode tree) {
        this.memory = base.memory();
        this.kmalloc = kmalloc;
        this.strings = base.strings();
        this.log = base.log();
        this.tree = tree;
        this.root = base.root();
    }

    /** Makes a record for every device, in the order of the tree: a parent is before its children. Boot. */
    void addAll() {
        ListHead.init(memory, RootLayout.DEVICES.at(root));
        add(tree);
    }

    private void add(DeviceTreeNode node) {
        if (isDevice(node)) {
            addDevice(node);
        }
        node.children().forEach(this::add);
    }

    /** Returns whether a driver could serve a node: it has registers, and boot does not serve it. */
    private static boolean isDevice(DeviceTreeNode node) {
        return node.has("compatible") && node.has("reg") && BOOT_SERVES.stream().noneMatch(node::isCompatible);
    }

    private void addDevice(DeviceTreeNode node) {
        long record = kmalloc.kzalloc(DeviceLayout.SIZE, Gfp.GFP_KERNEL);
        if (record == 0) {
            log.print(KERN_ERR + "no memory for device " + node.name());
            return;
        }
        DeviceLayout.PATH.set(memory, record, strings.intern(node.path()));
        DmaDeviceLayout.NAME.set(memory, DeviceLayout.DMA.at(record), strings.intern(node.name()));
        ListHead.init(memory, DeviceLayout.DEVRES.at(record));
        ListHead.addTail(memory, DeviceLayout.NODE.at(record), RootLayout.DEVICES.at(root));
    }

    /** Lists all records. Only looks, if the view does. */
    List<Long> all(ReadableMemory view) {
        return new ArrayList<>(ListHead.nodes(view, RootLayout.DEVICES.at(root), MAX_DEVICES));
    }

    List<Long> all() {
        return all(memory);
    }

    /** Returns the device's node of the device tree. */
    DeviceTreeNode node(long record) {
        String path = path(record);
        return tree.find(path).orElseThrow(() -> new IllegalStateException("the device tree has lost " + path));
    }

    /** Finds a device by name; 0 if there is none. */
    long find(String name) {
        return all().stream().filter(record -> name(record).equals(name)).findFirst().orElse(0L);
    }

    String name(long record) {
        return StringTable.read(memory, DmaDeviceLayout.NAME.get(memory, DeviceLayout.DMA.at(record)));
    }

    boolean isBound(long record) {
        return DeviceLayout.BOUND.get(memory, record) != 0;
    }

    /** Returns the name of the driver that serves the device, or probes it; null if there is none. */
    String driver(long record) {
        long name = DmaDeviceLayout.DRIVER.get(memory, DeviceLayout.DMA.at(record));
        return name == 0 ? null : StringTable.read(memory, name);
    }

    boolean isBoundTo(String driver, long record) {
        return isBound(record) && driver.equals(driver(record));
    }

    boolean isDeferred(long record) {
        return DeviceLayout.DEFERRED.get(memory, record) != 0;
    }

    /** Returns the reason of a deferral; empty if its driver gave none. */
    String deferralReason(long record) {
        long reason = DeviceLayout.DEFERRAL_REASON.get(memory, record);
        return reason == 0 ? "" : StringTable.read(memory, reason);
    }

    /** Notes the reason of a deferral. */
    void setDeferralReason(long record, String reason) {
        DeviceLayout.DEFERRAL_REASON.set(memory, record, strings.intern(reason));
    }

    /** Notes whether a device waits for another one. */
    void setDeferred(long record, boolean deferred) {
        DeviceLayout.DEFERRED.set(memory, record, deferred ? 1 : 0);
        if (!deferred) {
            DeviceLayout.DEFERRAL_REASON.set(memory, record, 0);
        }
    }

    /** Returns the name of the only driver that may serve the device; null for any that is compatible with it. */
    String driverOverride(long record) {
        long name = DeviceLayout.DRIVER_OVERRIDE.get(memory, record);
        return name == 0 ? null : StringTable.read(memory, name);
    }

    /** Sets the name of the only driver that may serve the device; empty for any. */
    void setDriverOverride(long record, String name) {
        DeviceLayout.DRIVER_OVERRIDE.set(memory, record, name.isEmpty() ? 0 : strings.intern(name));
    }

    boolean isSuspended(long record) {
        return DeviceLayout.SUSPENDED.get(memory, record) != 0;
    }

    void setSuspended(long record, boolean suspended) {
        DeviceLayout.SUSPENDED.set(memory, record, suspended ? 1 : 0);
    }

    /** Makes a device the last one of the list, and then its children, as Linux's {@code device_pm_move_to_tail}. */
    void moveToTail(long record) {
        String path = path(record);
        for (long other : all()) {
            if (other == record || path(other).startsWith(path + "/")) {
                ListHead.delete(memory, DeviceLayout.NODE.at(other));
                ListHead.addTail(memory, DeviceLayout.NODE.at(other), RootLayout.DEVICES.at(root));
            }
        }
    }

    private String path(long record) {
        return StringTable.read(memory, DeviceLayout.PATH.get(memory, record));
    }

    /** Notes the driver that serves or probes the device; null for none. */
    void setDriver(long record, Driver driver) {
        DmaDeviceLayout.DRIVER.set(memory, DeviceLayout.DMA.at(record),
                driver == null ? 0 : strings.intern(driver.name()));
    }

    /**
     * Finds the record of a {@code struct device}. Any context.
     *
     * @throws KernelBug if it is none of a device tree's device
     */
    long of(String call, long dev) {
        long record = dev - DeviceLayout.DMA.offset();
        long head = RootLayout.DEVICES.at(root);
        int seen = 0;
        for (long at = ListHead.first(memory, head); at != head && seen < MAX_DEVICES; at = ListHead.next(memory, at)) {
            if (at == record) {
                return record;
            }
            seen++;
        }
        throw new KernelBug(call + " for " + Hex.grouped(dev) + ", which is no device of the device tree; give it "
                + "dev() of the device that was probed");
    }
}

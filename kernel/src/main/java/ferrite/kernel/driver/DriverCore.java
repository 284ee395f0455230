package ferrite.kernel.driver;

import static ferrite.kernel.log.KernLevels.KERN_ERR;

import ferrite.hardware.devicetree.DeviceTreeNode;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.CommandLine;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.check.Rule;
import ferrite.kernel.check.Violations;
import ferrite.kernel.core.Context;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.dma.DmaDeviceLayout;
import ferrite.kernel.log.KernelLog;
import ferrite.kernel.log.StringTable;
import ferrite.kernel.mm.Kmalloc;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;

/** Matches devices of the device tree with drivers (LDD3 chapter 14), by {@code compatible}. */
public final class DriverCore {

    private static final int MAX_DEVICES = 256;
    /** The devices that boot maps, and the harts. */
    private static final List<String> BOOT_SERVES = List.of("riscv", "sifive,plic-1.0.0", "riscv,plic0",
            "riscv,aclint-sswi", "intel,8237a");

    private final KernelMemory memory;
    private final Kmalloc kmalloc;
    private final StringTable strings;
    private final KernelLog log;
    private final Context context;
    private final Violations violations;
    private final Holdings holdings;
    private final DeviceTreeNode tree;
    private final CommandLine commandLine;
    /** The drivers that are linked in, then the loaded ones; RAM holds the list of the loaded ones. */
    private final List<Driver> drivers;
    private final Map<Driver, String> typedParameters = new IdentityHashMap<>();
    private final RunTimeParameters runTime;
    private final long root;

    /** @param drivers the drivers that are linked in, in the order in which they probe */
    DriverCore(KernelBase base, Kmalloc kmalloc, DeviceTreeNode tree, List<Driver> drivers, Holdings holdings) {
        this.violations = base.violations();
        this.holdings = holdings;
        this.memory = base.memory();
        this.kmalloc = kmalloc;
        this.strings = base.strings();
        this.log = base.log();
        this.context = base.context();
        this.tree = tree;
        this.commandLine = base.commandLine();
        this.drivers = new ArrayList<>(drivers);
        this.root = base.root();
        this.runTime = new RunTimeParameters(base, kmalloc, this);
    }

    /** The parameters in {@code /sys/module}. */
    RunTimeParameters runTime() {
        return runTime;
    }

    /** Links every driver, in order. */
    void link(KernelCalls kernel, TextTable text) {
        drivers.forEach(driver -> driver.link(kernel, text.newModule()));
    }

    /** Makes a record for every device that has a driver, and probes these devices. */
    void probeAll() {
        ListHead.init(memory, RootLayout.DEVICES.at(root));
        for (DeviceTreeNode node : nodes()) {
            if (driverOf(node) != null) {
                addDevice(node);
            } else if (isDevice(node)) {
                log.info(node.name() + ": no driver for " + node.string("compatible"));
            }
        }
        for (Driver driver : drivers) {
            int result = attempt(driver, "init", driver::init);
            if (result < 0) {
                log.print(KERN_ERR + driver.name() + ": init failed: " + Errno.message(result));
                continue;
            }
            for (long record : ListHead.nodes(memory, RootLayout.DEVICES.at(root), MAX_DEVICES)) {
                if (driverOf(nodeOf(record)) == driver) {
                    probe(driver, record);
                }
            }
        }
    }

    /** Adds a loaded driver, with the parameters of its {@code insmod}. */
    void add(Driver driver, String parameters) {
        drivers.add(driver);
        typedParameters.put(driver, parameters);
    }

    /** Forgets a loaded driver. */
    void drop(Driver driver) {
        runTime.forget(driver);
        drivers.remove(driver);
        typedParameters.remove(driver);
    }

    /** The drivers that are linked in, then the loaded ones. */
    public List<Driver> drivers() {
        return List.copyOf(drivers);
    }

    /** Finds a driver by name; null if there is none. */
    Driver find(String name) {
        return drivers.stream().filter(driver -> driver.name().equals(name)).findFirst().orElse(null);
    }

    /** Probes the devices that a loaded driver is compatible with, and that have no driver yet. */
    void probe(Driver driver) {
        for (DeviceTreeNode node : nodes()) {
            boolean wanted = driver.compatible().stream().anyMatch(node::isCompatible);
            if (wanted && recordOf(node) == 0) {
                addDevice(node);
            }
            long record = wanted ? recordOf(node) : 0;
            if (record != 0 && Device.BOUND.get(memory, record) == 0) {
                probe(driver, record);
            }
        }
    }

    /** Returns the addresses of all {@code struct device}. Only looks. */
    List<Long> devices(ReadableMemory view) {
        return ListHead.nodes(view, RootLayout.DEVICES.at(root), MAX_DEVICES).stream().map(Device.DMA::at).toList();
    }

    private long recordOf(DeviceTreeNode node) {
        for (long record : ListHead.nodes(memory, RootLayout.DEVICES.at(root), MAX_DEVICES)) {
            if (nodeOf(record) == node) {
                return record;
            }
        }
        return 0;
    }

    private void addDevice(DeviceTreeNode node) {
        long record = kmalloc.kzalloc(Device.SIZE, Gfp.GFP_KERNEL);
        if (record == 0) {
            log.print(KERN_ERR + "no memory for device " + node.name());
            return;
        }
        Device.PATH.set(memory, record, strings.intern(node.path()));
        DmaDeviceLayout.NAME.set(memory, Device.DMA.at(record), strings.intern(node.name()));
        ListHead.addTail(memory, Device.NODE.at(record), RootLayout.DEVICES.at(root));
    }

    private void probe(Driver driver, long record) {
        DeviceTreeNode node = nodeOf(record);
        DmaDeviceLayout.DRIVER.set(memory, Device.DMA.at(record), strings.intern(driver.name()));
        int result = attempt(driver, "probe of " + node.name(), () -> driver.probe(device(driver, record, node)));
        Device.BOUND.set(memory, record, result == 0 ? 1 : 0);
        if (result != 0) {
            DmaDeviceLayout.DRIVER.set(memory, Device.DMA.at(record), 0);
            log.print(KERN_ERR + driver.name() + " " + node.name() + ": probe failed: " + Errno.message(result));
        }
    }

    /** Calls a driver's init or probe. If it fails, each resource that it has taken and not given back is reported. */
    private int attempt(Driver driver, String function, IntSupplier call) {
        Context.Entered entered = context.enter();
        holdings.beginAttempt();
        int result = -1;
        try {
            result = call.getAsInt();
            context.leave(function + " of " + driver.name(), entered);
        } finally {
            List<Holdings.Held> left = holdings.endAttempt();
            if (result < 0) {
                left.forEach(held -> report(driver.name(), held, "its " + function + " failed"));
            }
        }
        return result;
    }

    /** Reports a resource that a driver should have given back. */
    void report(String driver, Holdings.Held held, String when) {
        violations.at(Rule.HELD_AT_REMOVAL, driver + " still held " + held.text() + " when " + when, held.site(),
                "task " + held.pid() + " '" + held.task() + "'")
                .line("instead", Rule.HELD_AT_REMOVAL.right()).text("driver", driver).report();
    }

    /** Removes a driver from all devices that it serves. May sleep. */
    void removeFromAll(Driver driver) {
        for (long record : ListHead.nodes(memory, RootLayout.DEVICES.at(root), MAX_DEVICES)) {
            DeviceTreeNode node = nodeOf(record);
            if (driverOf(node) == driver && Device.BOUND.get(memory, record) != 0) {
                Context.Entered entered = context.enter();
                driver.remove(device(driver, record, node));
                context.leave("remove of " + driver.name(), entered);
                Device.BOUND.set(memory, record, 0);
                DmaDeviceLayout.DRIVER.set(memory, Device.DMA.at(record), 0);
            }
        }
    }

    private Device device(Driver driver, long record, DeviceTreeNode node) {
        return new Device(memory, record, node, parametersOf(driver));
    }

    /** Returns the values of a driver's parameters. */
    DriverParameters parametersOf(Driver driver) {
        return new DriverParameters(driver, commandLine, typedParameters.getOrDefault(driver, ""), runTime);
    }

    private DeviceTreeNode nodeOf(long record) {
        String path = StringTable.read(memory, Device.PATH.get(memory, record));
        return tree.find(path).orElseThrow(() -> new IllegalStateException("the device tree has lost " + path));
    }

    private Driver driverOf(DeviceTreeNode node) {
        for (Driver driver : drivers) {
            if (driver.compatible().stream().anyMatch(node::isCompatible)) {
                return driver;
            }
        }
        return null;
    }

    private List<DeviceTreeNode> nodes() {
        List<DeviceTreeNode> all = new ArrayList<>();
        collect(tree, all);
        return all;
    }

    /** Returns whether a driver could serve a node: it has registers, and boot does not serve it. */
    private static boolean isDevice(DeviceTreeNode node) {
        return node.has("compatible") && node.has("reg") && BOOT_SERVES.stream().noneMatch(node::isCompatible);
    }

    private static void collect(DeviceTreeNode node, List<DeviceTreeNode> all) {
        all.add(node);
        node.children().forEach(child -> collect(child, all));
    }
}

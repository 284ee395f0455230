package ferrite.kernel.driver;

import ferrite.hardware.devicetree.DeviceTreeNode;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.block.Block;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.dma.DmaLayer;
import ferrite.kernel.mm.Bootmem;
import ferrite.kernel.net.Net;
import java.util.List;

/** Drivers, linked in and loaded, and the door through which they call the kernel. */
public final class DriverSystem {

    private final KernelBase base;
    private final KernelCalls door;
    private final List<Driver> linkedIn;
    private final DriverCore core;
    private final Modules modules;
    private final DmaLayer dma;
    private final Net net;
    private final Block block;

    /**
     * @param linkedIn the drivers that are linked in, in the order in which they probe
     * @param source   loads drivers from files
     * @param holdings records the resources of loaded drivers
     */
    public DriverSystem(KernelBase base, Subsystems subsystems, DeviceTreeNode tree, List<Driver> linkedIn,
            ModuleSource source, Holdings holdings) {
        this.base = base;
        this.dma = subsystems.dma();
        this.net = subsystems.net();
        DeviceRecords records = new DeviceRecords(base, subsystems.memory().kmalloc(), tree);
        KernelDoor calls = new KernelDoor(base, subsystems, records);
        this.door = calls;
        this.block = calls.block();
        this.linkedIn = linkedIn;
        this.core = new DriverCore(base, subsystems, linkedIn, records, calls.devres(), holdings);
        this.modules = new Modules(base, subsystems, door, core, source, holdings);
        subsystems.files().proc().add(new ModulesFile(modules));
        subsystems.files().sysfs().mount("module", core.runTime());
        subsystems.files().sysfs().mount("bus", new PlatformBus(core, records));
        subsystems.files().sysfs().mount("devices", new PlatformDevices(core, records));
        subsystems.files().sysfs().mount("kernel", new DeferredDevices(records));
        subsystems.files().sysfs().mount("power", new SystemSleep(base, subsystems.tasks().sleep(), core, records));
    }

    /** Lets the drivers that are linked in allocate boot-time memory. Boot, before {@link #boot}. */
    public void reserveMemory(Bootmem bootmem) {
        linkedIn.forEach(driver -> bootmem.reserveFor(driver.name(), () -> driver.reserveMemory(door)));
    }

    /** Makes the list of modules. Files can be opened afterwards. */
    public void init() {
        modules.init();
        core.init();
        core.runTime().init();
    }

    /** Gives the drivers that are linked in their text addresses. */
    public void link() {
        core.link(door, base.text());
    }

    /** Probes the devices of the drivers that are linked in. */
    public void boot() {
        core.probeAll();
    }

    /**
     * Loads the files of all modules again, and tells the shadow what their devices may access, for a kernel that
     * attaches. Only looks.
     */
    public void attach(ReadableMemory view) {
        modules.attach(view);
        dma.attach(view, core.devices(view));
    }

    /** The calls of drivers. */
    public KernelCalls calls() {
        return door;
    }

    public DriverCore core() {
        return core;
    }

    /** The network devices of the drivers. */
    public Net net() {
        return net;
    }

    /** The block devices of the drivers. */
    public Block block() {
        return block;
    }

    /** {@code insmod} and {@code rmmod}. */
    public Modules modules() {
        return modules;
    }
}

package ferrite.kernel.driver;

import static ferrite.kernel.log.KernLevels.KERN_ERR;

import ferrite.hardware.devicetree.DeviceTreeNode;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.CommandLine;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.fs.ModuleUse;
import ferrite.kernel.log.KernelLog;
import ferrite.kernel.mm.Kmalloc;
import ferrite.kernel.sched.Mutex;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The drivers, and the matching of devices with them by {@code compatible} (LDD3 chapter 14). */
public final class DriverCore {

    private final KernelMemory memory;
    private final KernelLog log;
    private final Mutex mutexes;
    private final CommandLine commandLine;
    /** The drivers that are linked in, then the loaded ones; RAM holds the list of the loaded ones. */
    private final List<Driver> drivers;
    private final Map<Driver, String> typedParameters = new IdentityHashMap<>();
    private final RunTimeParameters runTime;
    private final DeviceRecords records;
    private final Binding binding;
    private final ModuleUse use;
    private final long lock;

    /** @param drivers the drivers that are linked in, in the order in which they probe */
    DriverCore(KernelBase base, Subsystems subsystems, List<Driver> drivers, DeviceRecords records, Devres devres,
            Holdings holdings) {
        Kmalloc kmalloc = subsystems.memory().kmalloc();
        this.memory = base.memory();
        this.log = base.log();
        this.mutexes = subsystems.tasks().mutexes();
        this.commandLine = base.commandLine();
        this.drivers = new ArrayList<>(drivers);
        this.runTime = new RunTimeParameters(base, kmalloc, this);
        this.records = records;
        this.binding = new Binding(base, holdings, records, devres, this::parametersOf);
        this.use = new ModuleUse(base);
        this.lock = RootLayout.DEVICE_LOCK.at(base.root());
    }

    /** The parameters in {@code /sys/module}. */
    RunTimeParameters runTime() {
        return runTime;
    }

    Binding binding() {
        return binding;
    }

    // ---- boot ----

    /** Prepares the lock. Boot. */
    void init() {
        mutexes.init(lock);
    }

    /** Links every driver, in order. */
    void link(KernelCalls kernel, TextTable text) {
        drivers.forEach(driver -> driver.link(kernel, text.newModule()));
    }

    /** Makes a record for every device, and probes those that have a driver. Boot. */
    void probeAll() {
        records.addAll();
        for (long record : records.all()) {
            if (drivers.stream().noneMatch(driver -> matches(driver, record))) {
                DeviceTreeNode node = records.node(record);
                log.info(node.name() + ": no driver for " + node.string("compatible"));
            }
        }
        for (Driver driver : drivers) {
            int result = binding.init(driver);
            if (result < 0) {
                log.print(KERN_ERR + driver.name() + ": init failed: " + Errno.message(result));
            } else if (leavesDevices(driver)) {
                log.info(driver.name() + ": leaves its devices to other drivers, as the command line says");
            } else {
                probeUnbound(driver);
            }
        }
        retryDeferred();
    }

    /** Tells whether a driver that is linked in serves no device at boot: {@code disk.driver=none}. */
    private boolean leavesDevices(Driver driver) {
        return commandLine.get(driver.name() + ".driver", "").equals("none");
    }

    // ---- drivers ----

    /** Adds a loaded driver, with the parameters of its {@code insmod}. */
    void add(Driver driver, String parameters) {
        drivers.add(driver);
        typedParameters.put(driver, parameters);
    }

    /** Probes the devices that a loaded driver matches, and that have no driver yet. Task context; may sleep. */
    void probe(Driver driver) {
        locked(() -> {
            if (probeUnbound(driver)) {
                retryDeferred();
            }
            return 0;
        });
    }

    /** Returns whether the driver serves another device now. */
    private boolean probeUnbound(Driver driver) {
        boolean probed = false;
        for (long record : records.all()) {
            if (!records.isBound(record) && matches(driver, record)) {
                probed |= binding.probe(driver, record) == 0;
            }
        }
        return probed;
    }

    /** Removes a loaded driver from all devices that it serves, and forgets it. Task context; may sleep. */
    void unregister(Driver driver) {
        locked(() -> {
            records.all().stream().filter(record -> records.isBoundTo(driver.name(), record))
                    .forEach(record -> binding.remove(driver, record));
            drop(driver);
            return 0;
        });
    }

    /** Forgets a loaded driver that serves no device. */
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

    /** The drivers that serve devices of the device tree. */
    List<Driver> platformDrivers() {
        return drivers.stream().filter(driver -> !driver.compatible().isEmpty()).toList();
    }

    /** Finds one of {@link #platformDrivers} by name; null if there is none. */
    Driver platformDriver(String name) {
        return platformDrivers().stream().filter(driver -> driver.name().equals(name)).findFirst().orElse(null);
    }

    /** Returns the driver that serves a device, or null. */
    Driver driverOf(long record) {
        return records.isBound(record) ? find(records.driver(record)) : null;
    }

    private boolean matches(Driver driver, long record) {
        String override = records.driverOverride(record);
        return override == null ? driver.compatible().stream().anyMatch(records.node(record)::isCompatible)
                : driver.name().equals(override) && !driver.compatible().isEmpty();
    }

    // ---- one device: the caller holds the lock ----

    /** Binds a device to a driver; 0 and null stand for names that do not exist. Returns 0 or a negative errno. */
    int bind(Driver driver, long record) {
        if (driver == null || record == 0 || !matches(driver, record)) {
            return -Errno.ENODEV;
        }
        int result = records.isBound(record) ? -Errno.EBUSY : binding.probe(driver, record);
        if (result == 0) {
            retryDeferred();
        }
        return result == -Errno.EPROBE_DEFER ? -Errno.EAGAIN : result;
    }

    /** Unbinds a device from its driver; 0 and null stand for names that do not exist. Returns 0 or -ENODEV. */
    int unbind(Driver driver, long record) {
        if (driver == null || record == 0 || !records.isBoundTo(driver.name(), record)) {
            return -Errno.ENODEV;
        }
        if (!driver.isUnbindable(binding.device(driver, record))) {
            return -Errno.EBUSY;
        }
        binding.remove(driver, record);
        long text = use.textOf(driver.name());
        if (text != 0 && records.all().stream().noneMatch(other -> records.isBoundTo(driver.name(), other))) {
            binding.reportHeld(driver, TextTable.moduleOf(text), records.name(record));
        }
        return 0;
    }

    /** Binds a device to the first driver that matches and takes it, if it has none. Returns 0 or -ENODEV. */
    int attach(long record) {
        if (record == 0) {
            return -Errno.ENODEV;
        }
        if (probeByAll(record)) {
            retryDeferred();
        }
        return 0;
    }

    /** Returns whether a driver serves the device now that did not before. */
    private boolean probeByAll(long record) {
        boolean wasBound = records.isBound(record);
        records.setDeferred(record, false);            // unless a probe defers it again
        for (Driver driver : List.copyOf(drivers)) {
            if (!records.isBound(record) && matches(driver, record)) {
                binding.probe(driver, record);
            }
        }
        return !wasBound && records.isBound(record);
    }

    /** Probes the devices again that wait for others, until none of them gets a driver any more. */
    private void retryDeferred() {
        boolean probed = true;
        while (probed) {
            probed = false;
            for (long record : records.all()) {
                if (records.isDeferred(record)) {
                    probed |= probeByAll(record);
                }
            }
        }
    }

    /** Calls a function while no device gets or loses its driver. Task context; may sleep. */
    <T> T locked(Supplier<T> function) {
        mutexes.lock(lock);
        try {
            return function.get();
        } finally {
            mutexes.unlock(lock);
        }
    }

    /** Returns the values of a driver's parameters. */
    DriverParameters parametersOf(Driver driver) {
        return parametersOf(driver, typedParameters.getOrDefault(driver, ""));
    }

    /** Returns the values of the parameters of a driver that is being loaded, with those of its {@code insmod}. */
    DriverParameters parametersOf(Driver driver, String typed) {
        return new DriverParameters(driver, commandLine, typed, runTime);
    }

    // ---- looking ----

    /** Returns the addresses of all {@code struct device}. Only looks. */
    List<Long> devices(ReadableMemory view) {
        return records.all(view).stream().map(DeviceLayout.DMA::at).toList();
    }
}

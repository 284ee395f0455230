package ferrite.kernel.driver;

import static ferrite.kernel.log.KernLevels.KERN_DEBUG;
import static ferrite.kernel.log.KernLevels.KERN_ERR;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.check.Rule;
import ferrite.kernel.check.Violations;
import ferrite.kernel.core.Context;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.log.KernelLog;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntSupplier;

/** Gives devices to drivers, and takes them away (LDD3 chapter 14). Task context or boot; may sleep. */
final class Binding {

    private final KernelMemory memory;
    private final KernelLog log;
    private final Context context;
    private final Violations violations;
    private final Holdings holdings;
    private final DeviceRecords records;
    private final Devres devres;
    private final Function<Driver, DriverParameters> parameters;

    /** @param parameters returns the values of a driver's parameters */
    Binding(KernelBase base, Holdings holdings, DeviceRecords records, Devres devres,
            Function<Driver, DriverParameters> parameters) {
        this.memory = base.memory();
        this.log = base.log();
        this.context = base.context();
        this.violations = base.violations();
        this.holdings = holdings;
        this.records = records;
        this.devres = devres;
        this.parameters = parameters;
    }

    /** Makes a driver's view of a device. */
    Device device(Driver driver, long record) {
        return new Device(memory, record, records.node(record), parameters.apply(driver));
    }

    /**
     * Probes a device that has no driver. Managed resources of a probe that fails are released.
     *
     * @return 0 if the driver serves the device now, or a negative {@link Errno}
     */
    int probe(Driver driver, long record) {
        String name = records.name(record);
        if (!devres.isEmpty(record)) {
            log.print(KERN_ERR + driver.name() + " " + name + ": Resources present before probing");
            return -Errno.EBUSY;
        }
        records.setDriver(record, driver);
        records.setDeferred(record, false);
        holdings.beginAttempt(true);
        int result = attempt(driver, "probe of " + name, () -> driver.probe(device(driver, record)),
                () -> devres.releaseAll(record));
        DeviceLayout.BOUND.set(memory, record, result == 0 ? 1 : 0);
        if (result == 0) {
            records.moveToTail(record);
        }
        if (result == -Errno.EPROBE_DEFER) {
            records.setDeferred(record, true);
            log.print(KERN_DEBUG + name + ": Driver " + driver.name() + " requests probe deferral");
        } else if (result != 0) {
            log.print(KERN_ERR + driver.name() + " " + name + ": probe failed: " + Errno.message(result));
        }
        if (result != 0) {
            clear(record);
        }
        return Math.min(result, 0);
    }

    /** Calls a driver's init. */
    int init(Driver driver) {
        holdings.beginAttempt(false);
        return attempt(driver, "init", () -> driver.init(parameters.apply(driver)), () -> { });
    }

    /**
     * Calls a driver's init or probe, and ends the attempt. If it fails, each resource that it has taken and not given
     * back is reported.
     *
     * @param undo runs before the report if it fails
     */
    private int attempt(Driver driver, String function, IntSupplier call, Runnable undo) {
        Context.Entered entered = context.enter();
        int result = -1;
        try {
            result = call.getAsInt();
            context.leave(function + " of " + driver.name(), entered);
            if (result != 0) {
                undo.run();
            }
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

    /** Reports the resources of probes that a loaded driver still holds after it has lost its last device. */
    void reportHeld(Driver driver, int module, String device) {
        for (Holdings.Held held : holdings.ofProbes(memory, module)) {
            report(driver.name(), held, "it was unbound from " + device);
        }
    }

    /** Takes a device from its driver, and releases its managed resources. */
    void remove(Driver driver, long record) {
        Context.Entered entered = context.enter();
        driver.remove(device(driver, record));
        context.leave("remove of " + driver.name(), entered);
        devres.releaseAll(record);
        DeviceLayout.BOUND.set(memory, record, 0);
        clear(record);
    }

    /**
     * Suspends a device. Task context; may sleep.
     *
     * @return 0 or a negative {@link Errno}
     */
    int suspend(Driver driver, long record) {
        return inSleep("suspend", driver, () -> driver.suspend(device(driver, record)));
    }

    /** Resumes a device, see {@link #suspend}. */
    int resume(Driver driver, long record) {
        return inSleep("resume", driver, () -> driver.resume(device(driver, record)));
    }

    private int inSleep(String function, Driver driver, IntSupplier call) {
        Context.Entered entered = context.enter();
        int result = call.getAsInt();
        context.leave(function + " of " + driver.name(), entered);
        return result;
    }

    /** Forgets the driver of a device, and its data. */
    private void clear(long record) {
        records.setDriver(record, null);
        DeviceLayout.DRIVER_DATA.set(memory, record, 0);
    }
}

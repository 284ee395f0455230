package ferrite.kernel.driver;

import static ferrite.kernel.log.KernLevels.KERN_ERR;

import ferrite.hardware.clock.Clock;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.fs.Sysfs;
import ferrite.kernel.fs.SysfsTree;
import ferrite.kernel.log.KernelLog;
import ferrite.kernel.sched.Sleep;
import java.util.Collections;
import java.util.List;

/**
 * {@code /sys/power}: suspends all devices and resumes them, as Linux does at {@code pm_test} level {@code devices}.
 * Tasks go on. A child is suspended before its parent and resumed after it; otherwise, the device that got its driver
 * last is suspended first and resumed last.
 */
final class SystemSleep implements SysfsTree {

    private static final int READ_WRITE = 0644;
    private static final String STATE = "state";
    private static final List<String> STATES = List.of("freeze", "mem");
    private static final String LEVEL = "devices";
    private static final int SECONDS = 5;

    private final KernelLog log;
    private final Sleep sleep;
    private final DriverCore core;
    private final DeviceRecords records;

    SystemSleep(KernelBase base, Sleep sleep, DriverCore core, DeviceRecords records) {
        this.log = base.log();
        this.sleep = sleep;
        this.core = core;
        this.records = records;
    }

    @Override
    public List<Sysfs.Node> list(List<String> path) {
        return !path.isEmpty() ? null
                : List.of(Sysfs.Node.file(STATE, READ_WRITE), Sysfs.Node.file("pm_test", READ_WRITE));
    }

    @Override
    public String show(List<String> path) {
        return path.get(0).equals(STATE) ? String.join(" ", STATES) + "\n" : "[" + LEVEL + "]\n";
    }

    @Override
    public int store(List<String> path, String text) {
        if (path.get(0).equals(STATE)) {
            return STATES.contains(text) ? core.locked(() -> enter(text)) : -Errno.EINVAL;
        }
        return text.equals(LEVEL) ? 0 : -Errno.EINVAL;
    }

    private int enter(String state) {
        log.print("PM: suspend entry (" + (state.equals("mem") ? "deep" : "s2idle") + ")");
        int result;
        try {
            result = suspendAll();
            if (result == 0) {
                log.print("PM: suspend debug: Waiting for " + SECONDS + " second(s).");
                sleep.timeout("msleep", (long) SECONDS * Clock.TICKS_PER_SECOND, TaskLayout.UNINTERRUPTIBLE);
            } else {
                log.print(KERN_ERR + "PM: Some devices failed to suspend, or early wake event detected");
            }
        } finally {
            resumeAll();
        }
        log.print("PM: suspend exit");
        return result;
    }

    private int suspendAll() {
        List<Long> all = records.all();
        Collections.reverse(all);
        for (long record : all) {
            Driver driver = core.driverOf(record);
            int result = driver == null ? 0 : core.binding().suspend(driver, record);
            if (result < 0) {
                log.print(KERN_ERR + driver.name() + " " + records.name(record) + ": PM: failed to suspend: error "
                        + result);
                return result;
            }
            records.setSuspended(record, driver != null);
        }
        return 0;
    }

    private void resumeAll() {
        for (long record : records.all()) {
            Driver driver = records.isSuspended(record) ? core.driverOf(record) : null;
            if (driver != null) {
                records.setSuspended(record, false);
                int result = core.binding().resume(driver, record);
                if (result < 0) {
                    log.print(KERN_ERR + driver.name() + " " + records.name(record)
                            + ": PM: failed to resume: error " + result);
                }
            }
        }
    }
}

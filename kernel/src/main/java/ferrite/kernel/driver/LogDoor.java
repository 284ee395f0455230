package ferrite.kernel.driver;

import static ferrite.kernel.log.KernLevels.KERN_DEBUG;
import static ferrite.kernel.log.KernLevels.KERN_ERR;
import static ferrite.kernel.log.KernLevels.KERN_INFO;
import static ferrite.kernel.log.KernLevels.KERN_NOTICE;
import static ferrite.kernel.log.KernLevels.KERN_WARNING;

import ferrite.kernel.base.Plumbing;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.dma.DmaDeviceLayout;
import ferrite.kernel.log.KernelLog;
import ferrite.kernel.log.RateLimitLayout;
import ferrite.kernel.log.StringTable;

/** The calls for the kernel log. */
@Plumbing
abstract class LogDoor extends CheckedDoor implements LogCalls {

    private final KernelLog log;
    private final RateLimitSites sites;

    LogDoor(KernelBase base, Subsystems subsystems) {
        super(base, subsystems);
        this.log = base.log();
        this.sites = new RateLimitSites(base, subsystems.memory().kmalloc());
    }

    @Override public void printk(String message) { log.print(message); }
    @Override public void prErr(String message) { log.print(KERN_ERR + message); }
    @Override public void prWarn(String message) { log.print(KERN_WARNING + message); }
    @Override public void prNotice(String message) { log.print(KERN_NOTICE + message); }
    @Override public void prInfo(String message) { log.print(KERN_INFO + message); }
    @Override public void prDebug(String message) { log.print(KERN_DEBUG + message); }
    @Override public void devErr(long dev, String message) { log.print(KERN_ERR + prefix(dev) + message); }
    @Override public void devWarn(long dev, String message) { log.print(KERN_WARNING + prefix(dev) + message); }
    @Override public void devNotice(long dev, String message) { log.print(KERN_NOTICE + prefix(dev) + message); }
    @Override public void devInfo(long dev, String message) { log.print(KERN_INFO + prefix(dev) + message); }
    @Override public void devDbg(long dev, String message) { log.print(KERN_DEBUG + prefix(dev) + message); }

    /** Returns the beginning of Linux's {@code dev_printk}. Without a driver it is the name of the bus. */
    private String prefix(long dev) {
        if (dev == 0) {
            return "(NULL device *): ";
        }
        long driver = DmaDeviceLayout.DRIVER.get(memory, dev);
        return (driver == 0 ? "platform" : StringTable.read(memory, driver)) + " "
                + StringTable.read(memory, DmaDeviceLayout.NAME.get(memory, dev)) + ": ";
    }

    @Override public boolean printkRatelimit() { return log.ratelimit(); }
    @Override public void printkRatelimited(String message) {
        if (sites.allows()) {
            log.print(message);
        }
    }
    @Override public void ratelimitStateInit(long state, long interval, int burst) {
        log.limits().init(used(state, RateLimitLayout.SIZE), interval, burst);
    }
    @Override public boolean __ratelimit(long state) {
        return log.limits().allows(checkedRecord(state, RateLimitLayout.SIZE, 0));
    }
}

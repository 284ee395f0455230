package ferrite.kernel.driver;

import ferrite.kernel.fs.Sysfs;
import ferrite.kernel.fs.SysfsTree;
import java.util.List;

/** {@code /sys/kernel/debug/devices_deferred}: the devices that wait for another one, with the reasons. */
final class DeferredDevices implements SysfsTree {

    private static final int READ_ONLY = 0444;

    private final DeviceRecords records;

    DeferredDevices(DeviceRecords records) {
        this.records = records;
    }

    @Override
    public List<Sysfs.Node> list(List<String> path) {
        return path.isEmpty() ? List.of(Sysfs.Node.directory("debug"))
                : path.equals(List.of("debug")) ? List.of(Sysfs.Node.file("devices_deferred", READ_ONLY)) : null;
    }

    @Override
    public String show(List<String> path) {
        StringBuilder out = new StringBuilder();
        for (long record : records.all()) {
            if (records.isDeferred(record)) {
                out.append(records.name(record)).append('\t').append(records.deferralReason(record)).append('\n');
            }
        }
        return out.toString();
    }

    @Override
    public int store(List<String> path, String text) {
        throw new IllegalStateException("the file can only be read");
    }
}

package ferrite.kernel.driver;

import ferrite.kernel.base.Errno;
import ferrite.kernel.fs.Sysfs;
import ferrite.kernel.fs.SysfsTree;
import java.util.ArrayList;
import java.util.List;

/** {@code /sys/devices/platform}: the devices of the device tree, each with a link to its driver. */
final class PlatformDevices implements SysfsTree {

    private static final int READ_WRITE = 0644;
    private static final String PLATFORM = "platform";
    private static final String DRIVER = "driver";
    private static final String SUBSYSTEM = "subsystem";
    /** Names of a path to a file: the bus, a device, and a file of it. */
    private static final int FILE = 3;

    private final DriverCore core;
    private final DeviceRecords records;

    PlatformDevices(DriverCore core, DeviceRecords records) {
        this.core = core;
        this.records = records;
    }

    @Override
    public List<Sysfs.Node> list(List<String> path) {
        if (path.isEmpty()) {
            return List.of(Sysfs.Node.directory(PLATFORM));
        }
        long record = path.get(0).equals(PLATFORM) && path.size() == 2 ? records.find(path.get(1)) : 0;
        if (record != 0) {
            List<Sysfs.Node> nodes = new ArrayList<>(List.of(Sysfs.Node.file("driver_override", READ_WRITE),
                    Sysfs.Node.link(SUBSYSTEM)));
            nodes.addAll(records.isBound(record) ? List.of(Sysfs.Node.link(DRIVER)) : List.of());
            return nodes;
        }
        return path.equals(List.of(PLATFORM))
                ? records.all().stream().map(records::name).map(Sysfs.Node::directory).toList() : null;
    }

    @Override
    public String target(List<String> path) {
        long record = path.size() == FILE && path.get(0).equals(PLATFORM) ? records.find(path.get(1)) : 0;
        return record == 0 ? null : switch (path.get(2)) {
            case SUBSYSTEM -> "../../../bus/platform";
            case DRIVER -> records.isBound(record) ? "../../../bus/platform/drivers/" + records.driver(record) : null;
            default -> null;
        };
    }

    /** Returns the text of {@code driver_override}. */
    @Override
    public String show(List<String> path) {
        String name = records.driverOverride(records.find(path.get(1)));
        return (name == null ? "(null)" : name) + "\n";
    }

    @Override
    public int store(List<String> path, String text) {
        return core.locked(() -> {
            long record = records.find(path.get(1));
            if (record == 0) {
                return -Errno.ENODEV;
            }
            records.setDriverOverride(record, text);
            return 0;
        });
    }
}

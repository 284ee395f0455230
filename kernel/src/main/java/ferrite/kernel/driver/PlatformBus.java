package ferrite.kernel.driver;

import ferrite.kernel.fs.Sysfs;
import ferrite.kernel.fs.SysfsTree;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code /sys/bus/platform}: its devices and drivers, and the files that bind and unbind them (LDD3 pages 379-381).
 * Its devices are links to {@code /sys/devices/platform}.
 */
final class PlatformBus implements SysfsTree {

    private static final int WRITE_ONLY = 0200;
    private static final String DEVICES = "devices";
    private static final String DRIVERS = "drivers";
    /** Names of a path: the bus, devices or drivers, one of them, and a file of it. */
    private static final int OBJECT = 3;

    private final DriverCore core;
    private final DeviceRecords records;

    PlatformBus(DriverCore core, DeviceRecords records) {
        this.core = core;
        this.records = records;
    }

    /** The links are those of Linux: a device is a directory in {@link PlatformDevices}. */
    @Override
    public String target(List<String> path) {
        if (path.size() == OBJECT && path.get(1).equals(DEVICES)) {
            return records.find(path.get(2)) == 0 ? null : "../../../devices/platform/" + path.get(2);
        }
        return path.size() == OBJECT + 1 && path.get(1).equals(DRIVERS)
                && boundTo(path.get(2)).contains(path.get(OBJECT)) ? "../../../../devices/platform/" + path.get(OBJECT)
                : null;
    }

    private List<String> boundTo(String driver) {
        return records.all().stream().filter(record -> records.isBoundTo(driver, record)).map(records::name).toList();
    }

    // ---- looking ----

    @Override
    public List<Sysfs.Node> list(List<String> path) {
        if (path.isEmpty()) {
            return List.of(Sysfs.Node.directory("platform"));
        }
        if (!path.get(0).equals("platform")) {
            return null;
        }
        return switch (path.size()) {
            case 1 -> List.of(Sysfs.Node.directory(DEVICES), Sysfs.Node.directory(DRIVERS),
                    Sysfs.Node.file("drivers_probe", WRITE_ONLY));
            case 2 -> objects(path.get(1));
            case OBJECT -> path.get(1).equals(DRIVERS) ? filesOfDriver(core.platformDriver(path.get(2))) : null;
            default -> null;
        };
    }

    private List<Sysfs.Node> objects(String kind) {
        return switch (kind) {
            case DEVICES -> records.all().stream().map(records::name).map(Sysfs.Node::link).toList();
            case DRIVERS -> core.platformDrivers().stream().map(Driver::name).map(Sysfs.Node::directory).toList();
            default -> null;
        };
    }

    private List<Sysfs.Node> filesOfDriver(Driver driver) {
        if (driver == null) {
            return null;
        }
        List<Sysfs.Node> nodes = new ArrayList<>();
        if (!driver.suppressBindAttrs()) {
            nodes.add(Sysfs.Node.file("bind", WRITE_ONLY));
            nodes.add(Sysfs.Node.file("unbind", WRITE_ONLY));
        }
        boundTo(driver.name()).forEach(name -> nodes.add(Sysfs.Node.link(name)));
        return nodes;
    }

    /** No file here can be read. */
    @Override
    public String show(List<String> path) {
        return null;
    }

    // ---- binding ----

    @Override
    public int store(List<String> path, String text) {
        return core.locked(() -> {
            if (path.size() == 2) {
                return core.attach(records.find(text));
            }
            return path.get(OBJECT).equals("bind") ? core.bind(core.platformDriver(path.get(2)), records.find(text))
                    : core.unbind(core.platformDriver(path.get(2)), records.find(text));
        });
    }
}

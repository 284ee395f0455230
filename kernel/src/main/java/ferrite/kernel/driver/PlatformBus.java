package ferrite.kernel.driver;

import ferrite.kernel.base.Errno;
import ferrite.kernel.fs.Sysfs;
import ferrite.kernel.fs.SysfsTree;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code /sys/bus/platform}: its devices and drivers, and the files that bind and unbind them (LDD3 pages 379-381).
 * Where Linux has a symbolic link, from a device to its driver or back, the target's files are found too.
 */
final class PlatformBus implements SysfsTree {

    private static final int WRITE_ONLY = 0200;
    private static final int READ_WRITE = 0644;
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

    // ---- paths ----

    /** Follows the links in a path, from the left. */
    private List<String> resolved(List<String> path) {
        List<String> at = path;
        while (at.size() > OBJECT) {
            String link = target(at);
            if (link == null) {
                return at;
            }
            List<String> followed = new ArrayList<>(List.of(at.get(0), at.get(1).equals(DEVICES) ? DRIVERS : DEVICES,
                    link));
            followed.addAll(at.subList(OBJECT + 1, at.size()));
            at = followed;
        }
        return at;
    }

    @Override
    public boolean isLink(List<String> path) {
        return path.size() == OBJECT + 1 && target(path) != null;
    }

    /** Returns the name that the fourth name of a path is a link to; null if it is none. */
    private String target(List<String> path) {
        if (path.get(1).equals(DEVICES)) {
            long record = records.find(path.get(2));
            return record != 0 && records.isBound(record) && path.get(OBJECT).equals("driver")
                    ? records.driver(record) : null;
        }
        return boundTo(path.get(2)).contains(path.get(OBJECT)) ? path.get(OBJECT) : null;
    }

    private List<String> boundTo(String driver) {
        return records.all().stream().filter(record -> records.isBoundTo(driver, record)).map(records::name).toList();
    }

    // ---- looking ----

    @Override
    public List<Sysfs.Node> list(List<String> path) {
        List<String> at = resolved(path);
        if (at.isEmpty()) {
            return List.of(Sysfs.Node.directory("platform"));
        }
        if (!at.get(0).equals("platform")) {
            return null;
        }
        return switch (at.size()) {
            case 1 -> List.of(Sysfs.Node.directory(DEVICES), Sysfs.Node.directory(DRIVERS),
                    Sysfs.Node.file("drivers_probe", WRITE_ONLY));
            case 2 -> objects(at.get(1));
            case OBJECT -> at.get(1).equals(DEVICES) ? filesOfDevice(records.find(at.get(2)))
                    : at.get(1).equals(DRIVERS) ? filesOfDriver(core.platformDriver(at.get(2))) : null;
            default -> null;
        };
    }

    private List<Sysfs.Node> objects(String kind) {
        return switch (kind) {
            case DEVICES -> records.all().stream().map(records::name).map(Sysfs.Node::directory).toList();
            case DRIVERS -> core.platformDrivers().stream().map(Driver::name).map(Sysfs.Node::directory).toList();
            default -> null;
        };
    }

    private List<Sysfs.Node> filesOfDevice(long record) {
        List<Sysfs.Node> nodes = new ArrayList<>(List.of(Sysfs.Node.file("driver_override", READ_WRITE)));
        if (record != 0 && records.isBound(record)) {
            nodes.add(Sysfs.Node.directory("driver"));
        }
        return record == 0 ? null : nodes;
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
        boundTo(driver.name()).forEach(name -> nodes.add(Sysfs.Node.directory(name)));
        return nodes;
    }

    /** Returns the text of {@code driver_override}, the only file that can be read. */
    @Override
    public String show(List<String> path) {
        List<String> at = resolved(path);
        if (at.size() > OBJECT + 1) {
            return null;                               // a link led there when the file was opened
        }
        String name = records.driverOverride(records.find(at.get(2)));
        return (name == null ? "(null)" : name) + "\n";
    }

    // ---- binding ----

    @Override
    public int store(List<String> path, String text) {
        return core.locked(() -> {
            List<String> at = resolved(path);
            if (at.size() == 2) {
                return core.attach(records.find(text));
            }
            return switch (at.get(OBJECT)) {
                case "bind" -> core.bind(core.platformDriver(at.get(2)), records.find(text));
                case "unbind" -> core.unbind(core.platformDriver(at.get(2)), records.find(text));
                case "driver_override" -> {
                    records.setDriverOverride(records.find(at.get(2)), text);
                    yield 0;
                }
                default -> -Errno.ENODEV;              // the link led there when the file was opened
            };
        });
    }
}

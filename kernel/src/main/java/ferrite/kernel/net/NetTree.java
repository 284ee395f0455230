package ferrite.kernel.net;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.ULong;
import ferrite.kernel.fs.Sysfs;
import ferrite.kernel.fs.SysfsTree;
import java.util.ArrayList;
import java.util.List;

/** {@code /sys/class/net/DEVICE}: {@code address mtu operstate}, and the counters in {@code statistics}. */
final class NetTree implements SysfsTree {

    private static final int FOR_READING = 0444;
    private static final String STATISTICS = "statistics";
    private static final List<ULong> COUNTERS = List.of(NetStatsLayout.COLLISIONS, NetStatsLayout.MULTICAST,
            NetStatsLayout.RX_BYTES, NetStatsLayout.RX_DROPPED, NetStatsLayout.RX_ERRORS, NetStatsLayout.RX_PACKETS,
            NetStatsLayout.TX_BYTES, NetStatsLayout.TX_DROPPED, NetStatsLayout.TX_ERRORS, NetStatsLayout.TX_PACKETS);

    private final KernelMemory memory;
    private final NetDevices devices;

    NetTree(NetState state, NetDevices devices) {
        this.memory = state.base().memory();
        this.devices = devices;
    }

    private NetDevices.View device(String name) {
        NetDevices.View[] found = new NetDevices.View[1];
        devices.forEach(dev -> found[0] = dev.name().equals(name) ? dev : found[0]);
        return found[0];
    }

    @Override
    public List<Sysfs.Node> list(List<String> path) {
        if (path.isEmpty()) {
            List<Sysfs.Node> names = new ArrayList<>();
            devices.forEach(dev -> names.add(Sysfs.Node.directory(dev.name())));
            return names;
        }
        if (device(path.get(0)) == null) {
            return null;
        }
        return path.size() == 1 ? List.of(file("address"), file("mtu"), file("operstate"),
                Sysfs.Node.directory(STATISTICS))
                : path.size() == 2 && path.get(1).equals(STATISTICS)
                        ? COUNTERS.stream().map(counter -> file(counter.name())).toList() : null;
    }

    private static Sysfs.Node file(String name) {
        return Sysfs.Node.file(name, FOR_READING);
    }

    @Override
    public String show(List<String> path) {
        String[] text = new String[1];
        devices.forEach(dev -> text[0] = dev.name().equals(path.get(0)) ? text(dev, path.get(path.size() - 1))
                : text[0]);
        return text[0];
    }

    private String text(NetDevices.View dev, String name) {
        return switch (name) {
            case "address" -> dev.hardware();
            case "mtu" -> Integer.toString(dev.mtu());
            case "operstate" -> (dev.flags() & NetDeviceLayout.IFF_RUNNING) != 0 ? "up" : "down";
            default -> Long.toString(COUNTERS.stream().filter(counter -> counter.name().equals(name)).findFirst()
                    .orElseThrow().get(memory, dev.stats()));
        } + "\n";
    }

    @Override
    public int store(List<String> path, String text) {
        return -Errno.EACCES;
    }
}

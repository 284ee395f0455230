package ferrite.board.devicetree;

import ferrite.board.layout.BoardKind;
import ferrite.board.options.BoardOptions;
import ferrite.hardware.devicetree.DeviceTreeNode;
import ferrite.hardware.devicetree.FlattenedDeviceTree;
import ferrite.hardware.devicetree.Region;
import ferrite.hardware.report.Report;

/** The devices of a board as a report, read from its device tree as software reads them. */
public final class DeviceList {

    private DeviceList() { }

    /** Returns a child for each device with registers. Its children are the ranges of the registers. */
    public static Report of(BoardKind kind) {
        BoardOptions options = new BoardOptions().kind(kind);
        byte[] blob = kind == BoardKind.VIRT ? VirtDeviceTree.flatten(options, Chosen.arguments(""))
                : FerriteDeviceTree.flatten(options);
        Report devices = Report.of(kind.label());
        add(devices, FlattenedDeviceTree.parse(blob));
        return devices;
    }

    private static void add(Report devices, DeviceTreeNode node) {
        if (node.has("reg") && node.has("compatible") && !node.name().startsWith("cpu")) {
            devices.child(describe(node));
        }
        node.children().forEach(child -> add(devices, child));
    }

    private static Report describe(DeviceTreeNode node) {
        Report device = Report.of(node.name()).texts("compatible", node.strings("compatible"));
        if (node.has("interrupts")) {
            device.number("irq", node.cell("interrupts"));
        }
        for (Region region : node.regions()) {
            device.child(Report.of("registers").address("start", region.address())
                    .address("end", region.address() + region.size() - 1).number("bytes", region.size()));
        }
        return device;
    }
}

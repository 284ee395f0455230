package ferrite.board.devicetree;

import ferrite.board.options.BoardOptions;
import ferrite.board.plug.JarCode;
import ferrite.board.plug.PluggedDevices;
import ferrite.hardware.devicetree.DeviceTreeNode;
import ferrite.hardware.devicetree.FlattenedDeviceTree;
import ferrite.hardware.devicetree.Region;
import ferrite.hardware.report.Report;
import java.util.Arrays;

/** The devices of a board as a report, read from its device tree as software reads them. */
public final class DeviceList {

    private DeviceList() { }

    /**
     * Returns a child for each device with registers. Its children are the ranges of the registers; for a
     * device of a user, the rows of its data sheet too.
     *
     * @throws JarCode.Unusable with a sentence, if the jar of a device is unusable
     * @throws IllegalArgumentException with a sentence, if a device has no place, or a wrong parameter
     */
    public static Report of(BoardOptions options) throws JarCode.Unusable {
        try (PluggedDevices plugged = PluggedDevices.load(options, () -> BoardTree.builtIn(options))) {
            byte[] blob = BoardTree.flatten(options, Chosen.arguments(""), plugged.all());
            Report devices = Report.of(options.kind().label());
            add(devices, FlattenedDeviceTree.parse(blob));
            plugged.all().forEach(device -> devices.children().stream()
                    .filter(report -> report.name().equals(device.node())).findFirst().orElseThrow()
                    .add(device.device().dataSheet()));
            return devices;
        }
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
            int[] numbers = node.cells("interrupts");
            if (numbers.length == 1) {
                device.number("irq", numbers[0]);
            } else {
                device.numbers("irq", Arrays.stream(numbers).asLongStream().boxed().toList());
            }
        }
        for (Region region : node.regions()) {
            device.child(Report.of("registers").address("start", region.address())
                    .address("end", region.address() + region.size() - 1).number("bytes", region.size()));
        }
        return device;
    }
}

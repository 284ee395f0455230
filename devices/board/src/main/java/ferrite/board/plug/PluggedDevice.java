package ferrite.board.plug;

import ferrite.hardware.devicetree.DeviceTreeNode;
import ferrite.hardware.model.ModelDevice;
import java.util.List;

/**
 * A device of a user's with its place on the board.
 *
 * @param device     the device, not yet connected
 * @param name       the name in the machine, such as {@code dice0}
 * @param base       the first physical address
 * @param interrupts the numbers of its interrupts
 * @param channel    its DMA channel; -1 for none
 * @param parameters the parameters that were given, each after a comma
 */
public record PluggedDevice(ModelDevice device, String name, long base, List<Integer> interrupts, int channel,
        String parameters) {

    /** Tells whether the device is on the ISA bus. */
    public boolean isIsa() {
        return device.dmaWidth() != 0;
    }

    /** Returns the name of the device's node in the device tree. */
    public String node() {
        return device.kind() + "@" + Long.toHexString(base);
    }

    /** Adds the device's node to its bus in the device tree. */
    public void describe(DeviceTreeNode bus, int interruptController, int dmaController) {
        DeviceTreeNode node = bus.child(node());
        device.describe(node);
        if (bus.cell("#address-cells") == 2) {
            node.set("reg", 0, (int) base, 0, device.bytes());
        } else {
            node.set("reg", (int) base, device.bytes());
        }
        if (!interrupts.isEmpty()) {
            node.set("interrupt-parent", interruptController)
                    .set("interrupts", interrupts.stream().mapToInt(Integer::intValue).toArray());
        }
        if (isIsa()) {
            node.set("dmas", dmaController, channel).set("dma-names", "data");
        }
    }

    /** Describes the device for a snapshot, whose machine must have an equal one. */
    public String description() {
        return name + " (" + device.modelName() + ") at 0x" + Long.toHexString(base) + ", " + device.bytes()
                + " bytes, irq " + interrupts + (isIsa() ? ", dma " + channel : "")
                + (parameters.isEmpty() ? "" : " with " + parameters.substring(1));
    }
}

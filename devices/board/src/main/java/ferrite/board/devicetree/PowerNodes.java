package ferrite.board.devicetree;

import ferrite.hardware.devicetree.DeviceTreeNode;
import ferrite.peripherals.finisher.Finisher;

/** The nodes that tell software how to use the test finisher: Linux's syscon-poweroff and syscon-reboot. */
final class PowerNodes {

    private PowerNodes() { }

    /** @param finisher the phandle of the test finisher */
    static void add(DeviceTreeNode root, int finisher) {
        root.child("poweroff").set("compatible", "syscon-poweroff").set("regmap", finisher).set("offset", 0)
                .set("value", Finisher.PASS);
        root.child("reboot").set("compatible", "syscon-reboot").set("regmap", finisher).set("offset", 0)
                .set("value", Finisher.RESET);
    }
}

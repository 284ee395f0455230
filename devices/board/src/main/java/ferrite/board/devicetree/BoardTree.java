package ferrite.board.devicetree;

import ferrite.board.layout.BoardKind;
import ferrite.board.options.BoardOptions;
import ferrite.board.plug.PluggedDevice;
import ferrite.hardware.devicetree.DeviceTreeNode;
import java.util.List;

/** The device tree of either board. */
public final class BoardTree {

    private BoardTree() { }

    /** @param plugged the devices that users plug in */
    public static byte[] flatten(BoardOptions options, Chosen chosen, List<PluggedDevice> plugged) {
        return options.kind() == BoardKind.VIRT ? VirtDeviceTree.flatten(options, chosen, plugged)
                : FerriteDeviceTree.flatten(options, chosen, plugged);
    }

    /** Returns the tree without the devices that users plug in. */
    public static DeviceTreeNode builtIn(BoardOptions options) {
        Chosen nothing = Chosen.arguments("");
        return options.kind() == BoardKind.VIRT ? VirtDeviceTree.tree(options, nothing, List.of())
                : FerriteDeviceTree.tree(options, nothing, List.of());
    }
}

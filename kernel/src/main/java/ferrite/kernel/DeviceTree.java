package ferrite.kernel;

import ferrite.hardware.devicetree.DeviceTreeNode;
import ferrite.hardware.devicetree.FlattenedDeviceTree;
import ferrite.hardware.devicetree.Region;
import ferrite.hardware.report.Hex;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.CommandLine;
import ferrite.kernel.base.KernelPanic;
import ferrite.kernel.core.DeviceMapper;
import ferrite.kernel.mm.Vmalloc;

/** The device tree that firmware hands to the kernel. */
record DeviceTree(DeviceTreeNode root) {

    private static final int HEADER_BYTES = 8;

    /** Reads a flattened device tree from memory. */
    static DeviceTree read(ReadableMemory view, long at) {
        byte[] header = new byte[HEADER_BYTES];
        view.read(at, header, 0, header.length);
        int size = (header[4] & 0xff) << 24 | (header[5] & 0xff) << 16 | (header[6] & 0xff) << 8 | header[7] & 0xff;
        byte[] blob = new byte[Math.max(header.length, Math.min(size, FlattenedDeviceTree.MAX_BYTES))];
        view.read(at, blob, 0, blob.length);
        return new DeviceTree(FlattenedDeviceTree.parse(blob));
    }

    /** The text of {@code /chosen/bootargs}. */
    String bootArguments() {
        DeviceTreeNode chosen = root.find("/chosen").orElse(DeviceTreeNode.root());
        return chosen.has("bootargs") ? chosen.string("bootargs") : "";
    }

    /** The place of the root file system's archive in RAM; null if there is none. */
    Region initrd() {
        DeviceTreeNode chosen = root.find("/chosen").orElse(DeviceTreeNode.root());
        if (!chosen.has("linux,initrd-start") || !chosen.has("linux,initrd-end")) {
            return null;
        }
        long start = chosen.cells("linux,initrd-start")[0] & 0xffff_ffffL;
        return new Region(start, (chosen.cells("linux,initrd-end")[0] & 0xffff_ffffL) - start);
    }

    CommandLine commandLine() {
        return CommandLine.of(bootArguments());
    }

    /** Maps the registers of devices that boot needs. */
    DeviceMapper mapper(Vmalloc vmalloc) {
        return (caller, compatibles) -> {
            Region registers = find(compatibles);
            long va = vmalloc.ioremap(registers.address(), registers.size(), caller);
            if (va == 0) {
                throw new KernelPanic("no room to map the registers at " + Hex.grouped(registers.address()));
            }
            return va;
        };
    }

    /** Returns the addresses from a device's first range to the end of its last one. */
    private Region find(String... compatibles) {
        for (String compatible : compatibles) {
            DeviceTreeNode node = find(root, compatible);
            if (node != null) {
                long first = node.regions().get(0).address();
                return new Region(first, node.regions().stream()
                        .mapToLong(region -> region.address() + region.size() - first).max().orElseThrow());
            }
        }
        throw new KernelPanic("the device tree has no device compatible with " + String.join(" or ", compatibles));
    }

    private static DeviceTreeNode find(DeviceTreeNode node, String compatible) {
        if (node.isCompatible(compatible)) {
            return node;
        }
        for (DeviceTreeNode child : node.children()) {
            DeviceTreeNode found = find(child, compatible);
            if (found != null) {
                return found;
            }
        }
        return null;
    }
}

package ferrite.kernel.proc;

import ferrite.hardware.devicetree.DeviceTreeNode;
import ferrite.hardware.devicetree.Region;
import ferrite.hardware.report.Hex;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.mm.Memblock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** {@code /proc/iomem}: who has which physical addresses, from the device tree and what boot reserved. */
public final class IoMem implements ProcFile {

    private record Resource(long start, long end, String name) { }

    private final DeviceTreeNode tree;
    private final long memblock;

    /** @param memblock address of the early allocator's table */
    public IoMem(DeviceTreeNode tree, long memblock) {
        this.tree = tree;
        this.memblock = memblock;
    }

    @Override
    public String name() {
        return "iomem";
    }

    @Override
    public String text(ReadableMemory view) {
        List<Resource> resources = new ArrayList<>();
        collect(tree, resources);
        resources.sort(Comparator.comparingLong(Resource::start));
        StringBuilder out = new StringBuilder();
        for (Resource resource : resources) {
            line(out, "", resource);
            if (resource.name.equals("System RAM")) {
                for (Memblock.Piece piece : Memblock.reserved(view, memblock)) {
                    line(out, "  ", new Resource(piece.pa(), piece.pa() + piece.bytes() - 1, "Reserved"));
                }
            }
        }
        return out.toString();
    }

    private static void collect(DeviceTreeNode node, List<Resource> into) {
        boolean isMemory = node.has("device_type") && node.string("device_type").equals("memory");
        if (isMemory || node.has("compatible")) {
            for (Region region : node.regions()) {
                if (region.size() > 0) {
                    into.add(new Resource(region.address(), region.address() + region.size() - 1, isMemory ? "System RAM" : node.name()));
                }
            }
        }
        node.children().forEach(child -> collect(child, into));
    }

    private static void line(StringBuilder out, String indent, Resource resource) {
        out.append(indent).append(Hex.digits(resource.start, 8)).append('-').append(Hex.digits(resource.end, 8))
           .append(" : ").append(resource.name).append('\n');
    }
}

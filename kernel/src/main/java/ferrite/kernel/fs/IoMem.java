package ferrite.kernel.fs;

import ferrite.hardware.devicetree.DeviceTreeNode;
import ferrite.hardware.devicetree.Region;
import ferrite.hardware.report.Hex;
import ferrite.hardware.report.Report;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.mm.Memblock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** {@code /proc/iomem}: the use of physical addresses, from the device tree and boot's reservations. */
public final class IoMem implements ProcFile {

    private static final String SYSTEM_RAM = "System RAM";

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
        StringBuilder out = new StringBuilder();
        for (Resource resource : resources()) {
            line(out, "", resource);
            parts(view, resource).forEach(part -> line(out, "  ", part));
        }
        return out.toString();
    }

    @Override
    public Report report(ReadableMemory view) {
        Report report = Report.of(name());
        for (Resource resource : resources()) {
            Report described = describe(resource);
            parts(view, resource).forEach(part -> described.child(describe(part)));
            report.child(described);
        }
        return report;
    }

    private static Report describe(Resource resource) {
        return Report.of(resource.name).address("start", resource.start).address("end", resource.end);
    }

    private List<Resource> resources() {
        List<Resource> resources = new ArrayList<>();
        collect(tree, resources);
        resources.sort(Comparator.comparingLong(Resource::start));
        return resources;
    }

    /** Returns boot's reservations in a resource. */
    private List<Resource> parts(ReadableMemory view, Resource resource) {
        if (!resource.name.equals(SYSTEM_RAM)) {
            return List.of();
        }
        return Memblock.reserved(view, memblock).stream()
                .map(piece -> new Resource(piece.pa(), piece.pa() + piece.bytes() - 1, "Reserved")).toList();
    }

    private static void collect(DeviceTreeNode node, List<Resource> into) {
        boolean isMemory = node.has("device_type") && node.string("device_type").equals("memory");
        if (isMemory || node.has("compatible")) {
            for (Region region : node.regions()) {
                if (region.size() > 0) {
                    into.add(new Resource(region.address(), region.address() + region.size() - 1,
                            isMemory ? SYSTEM_RAM : node.name()));
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

package ferrite.kernel.fs;

import ferrite.hardware.report.Report;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.fs.Resources.Range;
import ferrite.kernel.mm.Memblock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * {@code /proc/iomem} and {@code /proc/ioports}: the use of physical addresses or I/O ports, from the device tree,
 * boot's reservations and the requests of drivers.
 */
final class ResourceFile implements ProcFile {

    /** A range, with those inside it. */
    private record Entry(Range range, List<Range> parts) { }

    private final String name;
    private final Resources resources;
    private final long memblock;

    /** @param memblock address of the early allocator's table */
    ResourceFile(String name, Resources resources, long memblock) {
        this.name = name;
        this.resources = resources;
        this.memblock = memblock;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public long lock() {
        return resources.lock();
    }

    @Override
    public String text(ReadableMemory view) {
        StringBuilder out = new StringBuilder();
        for (Entry entry : entries(view)) {
            line(out, "", entry.range);
            entry.parts.forEach(part -> line(out, "  ", part));
        }
        return out.toString();
    }

    @Override
    public Report report(ReadableMemory view) {
        Report report = Report.of(name());
        for (Entry entry : entries(view)) {
            Report described = describe(entry.range);
            entry.parts.forEach(part -> described.child(describe(part)));
            report.child(described);
        }
        return report;
    }

    private static Report describe(Range range) {
        return Report.of(range.name()).address("start", range.start()).address("end", range.end());
    }

    /** Returns the regions of the device tree, each with its parts, and the requested regions outside of them. */
    private List<Entry> entries(ReadableMemory view) {
        List<Range> requested = new ArrayList<>(resources.requested(view));
        List<Entry> entries = new ArrayList<>();
        for (Range device : resources.devices()) {
            List<Range> parts = device.name().equals(Resources.SYSTEM_RAM) ? reservedAtBoot(view)
                    : requested.stream().filter(region -> device.contains(region.start(), region.end())).toList();
            entries.add(new Entry(device, parts));
            requested.removeAll(parts);
        }
        requested.forEach(region -> entries.add(new Entry(region, List.of())));
        entries.sort(Comparator.comparingLong(entry -> entry.range.start()));
        return entries;
    }

    private List<Range> reservedAtBoot(ReadableMemory view) {
        return Memblock.reserved(view, memblock).stream()
                .map(piece -> new Range(piece.pa(), piece.pa() + piece.bytes() - 1, "Reserved")).toList();
    }

    private void line(StringBuilder out, String indent, Range range) {
        out.append(indent).append(resources.space().text(range.start())).append('-')
           .append(resources.space().text(range.end())).append(" : ").append(range.name()).append('\n');
    }
}

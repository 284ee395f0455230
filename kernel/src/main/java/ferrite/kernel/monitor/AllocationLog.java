package ferrite.kernel.monitor;

import ferrite.hardware.Machine;
import ferrite.hardware.report.Report;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.core.MemoryEvent;
import ferrite.kernel.core.MemoryEvent.Kind;
import ferrite.kernel.core.MemoryEvent.Source;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Events of memory over a span of time: the first ones as lines, and sums over all. It keeps a bounded number of them.
 */
public final class AllocationLog implements Consumer<MemoryEvent> {

    /** Lines that are kept. */
    public static final int MAX_LINES = 200;
    /** Allocations whose free is awaited; more are counted, but not matched with their frees. */
    private static final int MAX_HELD = 1 << 16;
    /** Sites in the list of memory that is still held. */
    private static final int MAX_SITES = 20;

    private record Line(String text, Report report) { }

    private record Place(Source source, long address) { }

    private record Held(long bytes, String site) { }

    /** The counts of one allocator. */
    private static final class Sum {
        private long allocated;
        private long allocatedBytes;
        private long freed;
        private long freedBytes;
        private long older;
        private long failed;
    }

    private final KernelEventText text;
    private final List<Line> lines = new ArrayList<>();
    private final Map<Source, Sum> sums = new TreeMap<>();
    private final Map<Place, Held> held = new LinkedHashMap<>();
    private long count;
    private long unmatched;

    public AllocationLog(Machine machine) {
        this.text = new KernelEventText(machine);
        for (Source source : Source.values()) {
            sums.put(source, new Sum());
        }
    }

    /** Adds an event that happens now. Only looks. */
    @Override
    public void accept(MemoryEvent event) {
        count++;
        if (lines.size() < MAX_LINES) {
            lines.add(new Line(line(event), text.report(event)));
        }
        Sum sum = sums.get(event.source());
        Place place = new Place(event.source(), event.va() != 0 ? event.va() : event.pa());
        switch (event.kind()) {
            case ALLOC -> {
                sum.allocated++;
                sum.allocatedBytes += event.bytes();
                if (held.size() < MAX_HELD) {
                    held.put(place, new Held(event.bytes(), event.site()));
                } else {
                    unmatched++;
                }
            }
            case FREE -> {
                Held before = held.remove(place);
                sum.freed++;
                sum.freedBytes += before == null ? event.bytes() : before.bytes;
                sum.older += before == null ? 1 : 0;
            }
            case FAIL -> sum.failed++;
        }
    }

    private String line(MemoryEvent event) {
        String what = event.kind() == Kind.ALLOC ? "+" : event.kind() == Kind.FREE ? "-" : "!";
        String where = event.kind() == Kind.FAIL ? "failed" : KernelEventText.address(event);
        StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%s %-7s  %-10s  %8d  ", what,
                name(event.source()), where, event.bytes()));
        line.append(event.cache() != null ? event.cache() : event.source() == Source.PAGE ? "order " + event.order()
                : "area");
        if (event.kind() != Kind.FREE) {
            line.append("  ").append(Gfp.names(event.gfp()));
        }
        return line.append("  ").append(event.site()).append("  ").append(text.currentTask()).append('\n').toString();
    }

    private static String name(Source source) {
        return source.name().toLowerCase(Locale.ROOT);
    }

    /** Returns the lines and the sums. */
    public Report report() {
        StringBuilder out = new StringBuilder();
        lines.forEach(line -> out.append(line.text));
        long left = count - lines.size();
        if (left > 0) {
            out.append("... and ").append(left).append(" more events, counted below\n");
        }
        List<Report> parts = new ArrayList<>();
        sums.forEach((source, sum) -> parts.add(summary(out, source, sum)));
        if (unmatched > 0) {
            out.append(unmatched).append(" allocations were too many to be matched with their frees\n");
        }
        Report report = Report.ofText("kmem-trace", out.toString()).number("events", count).number("left_out", left)
                .number("unmatched", unmatched);
        lines.forEach(line -> report.child(line.report));
        parts.forEach(report::child);
        return report;
    }

    private Report summary(StringBuilder out, Source source, Sum sum) {
        Map<String, Sum> sites = new TreeMap<>();
        long bytes = 0;
        for (Map.Entry<Place, Held> entry : held.entrySet()) {
            if (entry.getKey().source == source) {
                Sum site = sites.computeIfAbsent(entry.getValue().site, unused -> new Sum());
                site.allocated++;
                site.allocatedBytes += entry.getValue().bytes;
                bytes += entry.getValue().bytes;
            }
        }
        long pieces = sites.values().stream().mapToLong(site -> site.allocated).sum();
        out.append(String.format(Locale.ROOT, "%-8s %d allocated (%d bytes), %d freed (%d bytes, %d of them older), "
                + "%d failed, %d still held (%d bytes)%n", name(source) + ":", sum.allocated, sum.allocatedBytes,
                sum.freed, sum.freedBytes, sum.older, sum.failed, pieces, bytes).replace("\r", ""));
        Report report = Report.of(name(source)).number("allocated", sum.allocated)
                .number("allocated_bytes", sum.allocatedBytes).number("freed", sum.freed)
                .number("freed_bytes", sum.freedBytes).number("freed_older", sum.older).number("failed", sum.failed)
                .number("held", pieces).number("held_bytes", bytes);
        int shown = 0;
        for (Map.Entry<String, Sum> site : sites.entrySet()) {
            if (shown++ == MAX_SITES) {
                out.append("  ... and ").append(sites.size() - MAX_SITES).append(" more lines of source\n");
                break;
            }
            out.append("  held  ").append(site.getKey()).append("  ").append(site.getValue().allocated).append(" (")
               .append(site.getValue().allocatedBytes).append(" bytes)\n");
            report.child(Report.of(site.getKey()).number("held", site.getValue().allocated)
                    .number("held_bytes", site.getValue().allocatedBytes));
        }
        return report;
    }
}

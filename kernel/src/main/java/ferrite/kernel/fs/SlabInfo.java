package ferrite.kernel.fs;

import ferrite.hardware.report.Report;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.mm.SlabView;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code /proc/slabinfo}, version 2.1 (Linux's slabinfo(5)): the caches, newest first. There are no tunables, so that
 * these columns are zero. As in Linux with SLUB, every slab counts as active.
 */
public final class SlabInfo implements ProcFile {

    private static final String HEADER = """
            slabinfo - version: 2.1
            # name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables <limit> \
            <batchcount> <sharedfactor> \
            : slabdata <active_slabs> <num_slabs> <sharedavail>
            """;

    private final SlabView slabs;

    public SlabInfo(SlabView slabs) {
        this.slabs = slabs;
    }

    @Override
    public String name() {
        return "slabinfo";
    }

    @Override
    public long lock() {
        return slabs.lock();
    }

    /**
     * Linux's {@code seq_printf}: {@code "%-17s %6lu %6lu %6u %4u %4d"}, {@code " : tunables %4u %4u %4u"},
     * {@code " : slabdata %6lu %6lu %6lu"}.
     */
    @Override
    public String text(ReadableMemory view) {
        StringBuilder out = new StringBuilder(HEADER);
        for (SlabView.Usage cache : newestFirst(view)) {
            out.append(cache.name()).append(" ".repeat(Math.max(0, 17 - cache.name().length())));
            number(out, cache.active(), 6);
            number(out, cache.objects(), 6);
            number(out, cache.size(), 6);
            number(out, cache.objectsPerSlab(), 4);
            number(out, cache.pagesPerSlab(), 4);
            out.append(" : tunables    0    0    0 : slabdata");
            number(out, cache.slabs(), 6);
            number(out, cache.slabs(), 6);
            number(out, 0, 6);
            out.append('\n');
        }
        return out.toString();
    }

    private static void number(StringBuilder out, long value, int width) {
        out.append(' ').append(ProcText.right(value, width));
    }

    private List<SlabView.Usage> newestFirst(ReadableMemory view) {
        List<SlabView.Usage> caches = new ArrayList<>();
        slabs.caches(view).forEach(cache -> caches.add(0, slabs.usage(view, cache)));
        return caches;
    }

    @Override
    public Report report(ReadableMemory view) {
        Report report = Report.of(name());
        for (SlabView.Usage cache : newestFirst(view)) {
            report.child(Report.of(cache.name()).number("active_objs", cache.active())
                    .number("num_objs", cache.objects()).number("objsize", cache.size())
                    .number("objperslab", cache.objectsPerSlab()).number("pagesperslab", cache.pagesPerSlab())
                    .number("active_slabs", cache.slabs()).number("num_slabs", cache.slabs()));
        }
        return report;
    }
}

package ferrite.kernel.fs;

import ferrite.hardware.report.Report;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.mm.Kmalloc;
import ferrite.kernel.mm.PageSets;
import ferrite.kernel.mm.ZoneLayout;
import ferrite.kernel.mm.Zones;
import java.util.ArrayList;
import java.util.List;

/** {@code /proc/zoneinfo}, as Linux 6.1 prints it for a machine without NUMA, swap and huge pages. */
public final class ZoneInfo implements ProcFile {

    private static final String[] NODE_STATS = {"nr_inactive_anon", "nr_active_anon", "nr_inactive_file",
            "nr_active_file", "nr_unevictable", "nr_slab_reclaimable", "nr_slab_unreclaimable", "nr_isolated_anon",
            "nr_isolated_file", "workingset_nodes", "workingset_refault_anon",
            "workingset_refault_file", "workingset_activate_anon", "workingset_activate_file",
            "workingset_restore_anon", "workingset_restore_file",
            "workingset_nodereclaim", "nr_anon_pages", "nr_mapped", "nr_file_pages", "nr_dirty", "nr_writeback",
            "nr_writeback_temp", "nr_shmem", "nr_shmem_hugepages", "nr_shmem_pmdmapped", "nr_file_hugepages",
            "nr_file_pmdmapped", "nr_anon_transparent_hugepages", "nr_vmscan_write", "nr_vmscan_immediate_reclaim",
            "nr_dirtied", "nr_written", "nr_throttled_written", "nr_kernel_misc_reclaimable", "nr_foll_pin_acquired",
            "nr_foll_pin_released", "nr_kernel_stack", "nr_page_table_pages", "nr_sec_page_table_pages"};
    private static final String SLAB_STAT = "nr_slab_unreclaimable";
    private static final String[] ZONE_STATS = {"nr_free_pages", "nr_zone_inactive_anon", "nr_zone_active_anon",
            "nr_zone_inactive_file", "nr_zone_active_file", "nr_zone_unevictable", "nr_zone_write_pending", "nr_mlock",
            "nr_bounce", "nr_free_cma"};

    private final Zones zones;
    private final PageSets pageSets;
    private final Kmalloc kmalloc;
    private final int harts;

    public ZoneInfo(Zones zones, PageSets pageSets, Kmalloc kmalloc, int harts) {
        this.zones = zones;
        this.pageSets = pageSets;
        this.kmalloc = kmalloc;
        this.harts = harts;
    }

    @Override
    public String name() {
        return "zoneinfo";
    }

    @Override
    public long lock() {
        return kmalloc.cachesLock();
    }

    @Override
    public String text(ReadableMemory view) {
        StringBuilder out = new StringBuilder();
        boolean first = true;
        for (int zone = 0; zone < Zones.COUNT; zone++) {
            appendZone(out, view, zone, first && isPopulated(view, zone));
            first &= !isPopulated(view, zone);
        }
        return out.toString();
    }

    /** Returns whether a zone has pages. For an empty zone Linux prints only the sizes. */
    private boolean isPopulated(ReadableMemory view, int zone) {
        return zones.spanned(view, zone) > 0;
    }

    private void appendZone(StringBuilder out, ReadableMemory view, int zone, boolean withNode) {
        long record = zones.record(zone);
        out.append("Node 0, zone ").append(ProcText.right(Zones.name(zone), 8));
        if (withNode) {
            out.append("\n  per-node stats");
            for (String stat : NODE_STATS) {
                stat(out, stat, stat.equals(SLAB_STAT) ? kmalloc.slabPages(view) : 0);
            }
        }
        out.append("\n  pages free     ").append(zones.free(view, zone))
           .append("\n        boost    0")
           .append("\n        min      ").append(ZoneLayout.WATERMARK_MIN.get(view, record))
           .append("\n        low      ").append(ZoneLayout.WATERMARK_LOW.get(view, record))
           .append("\n        high     ").append(ZoneLayout.WATERMARK_HIGH.get(view, record))
           .append("\n        spanned  ").append(zones.spanned(view, zone))
           .append("\n        present  ").append(ZoneLayout.PRESENT.get(view, record))
           .append("\n        managed  ").append(zones.managed(view, zone))
           .append("\n        cma      0")
           .append("\n        protection: (").append(ZoneLayout.LOWMEM_RESERVE.get(view, record, 0));
        for (int wanted = 1; wanted < Zones.COUNT; wanted++) {
            out.append(", ").append(ZoneLayout.LOWMEM_RESERVE.get(view, record, wanted));
        }
        out.append(')');
        if (!isPopulated(view, zone)) {
            out.append('\n');
            return;
        }
        for (String stat : ZONE_STATS) {
            stat(out, stat, stat.equals("nr_free_pages") ? zones.free(view, zone) : 0);
        }
        out.append("\n  pagesets");
        for (int hart = 0; hart < harts; hart++) {
            out.append("\n    cpu: ").append(hart)
               .append("\n              count: ").append(pageSets.count(view, hart, zone))
               .append("\n              high:  ").append(pageSets.high(view, hart, zone))
               .append("\n              batch: ").append(pageSets.batch(view, hart, zone))
               .append("\n  vm stats threshold: 0");
        }
        out.append("\n  node_unreclaimable:  0\n  start_pfn:           ")
                .append(zones.startPfn(view, zone)).append('\n');
    }

    private static void stat(StringBuilder out, String name, long value) {
        out.append("\n      ").append(ProcText.left(name, 12)).append(' ').append(value);
    }

    @Override
    public Report report(ReadableMemory view) {
        Report report = Report.of(name());
        for (int zone = 0; zone < Zones.COUNT; zone++) {
            report.child(describe(view, zone));
        }
        Report node = Report.of("per-node stats");
        for (String stat : NODE_STATS) {
            node.number(stat, stat.equals(SLAB_STAT) ? kmalloc.slabPages(view) : 0);
        }
        return report.child(node);
    }

    private Report describe(ReadableMemory view, int zone) {
        long record = zones.record(zone);
        List<Long> protection = new ArrayList<>();
        for (int wanted = 0; wanted < Zones.COUNT; wanted++) {
            protection.add(ZoneLayout.LOWMEM_RESERVE.get(view, record, wanted));
        }
        Report report = Report.of(Zones.name(zone))
                .number("node", 0)
                .number("free", zones.free(view, zone))
                .number("boost", 0)
                .number("min", ZoneLayout.WATERMARK_MIN.get(view, record))
                .number("low", ZoneLayout.WATERMARK_LOW.get(view, record))
                .number("high", ZoneLayout.WATERMARK_HIGH.get(view, record))
                .number("spanned", zones.spanned(view, zone))
                .number("present", ZoneLayout.PRESENT.get(view, record))
                .number("managed", zones.managed(view, zone))
                .number("cma", 0)
                .numbers("protection", protection);
        if (!isPopulated(view, zone)) {
            return report;
        }
        for (String stat : ZONE_STATS) {
            report.number(stat, stat.equals("nr_free_pages") ? zones.free(view, zone) : 0);
        }
        for (int hart = 0; hart < harts; hart++) {
            report.child(Report.of("cpu" + hart).number("count", pageSets.count(view, hart, zone))
                    .number("high", pageSets.high(view, hart, zone))
                    .number("batch", pageSets.batch(view, hart, zone)));
        }
        return report.number("node_unreclaimable", 0).number("start_pfn", zones.startPfn(view, zone));
    }
}

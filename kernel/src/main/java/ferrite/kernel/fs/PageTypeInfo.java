package ferrite.kernel.fs;

import ferrite.hardware.report.Report;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.mm.Zones;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code /proc/pagetypeinfo}, as Linux 6.1 prints it without grouping by mobility ({@code
 * page_group_by_mobility_disabled}, as on its smallest machines): all pages are unmovable.
 */
public final class PageTypeInfo implements ProcFile {

    private static final String[] TYPES = {"Unmovable", "Movable", "Reclaimable", "HighAtomic"};
    /** Linux's {@code pageblock_order} without huge pages. */
    private static final int BLOCK_ORDER = Zones.MAX_ORDER - 1;

    private final Zones zones;

    public PageTypeInfo(Zones zones) {
        this.zones = zones;
    }

    @Override
    public String name() {
        return "pagetypeinfo";
    }

    @Override
    public String text(ReadableMemory view) {
        StringBuilder out = new StringBuilder();
        out.append("Page block order: ").append(BLOCK_ORDER).append("\nPages per block:  ")
                .append(1 << BLOCK_ORDER).append("\n\n");
        out.append(ProcText.left("Free pages count per migrate type at order", 43)).append(' ');
        for (int order = 0; order < Zones.MAX_ORDER; order++) {
            out.append(ProcText.right(order, 6)).append(' ');
        }
        out.append('\n');
        for (int zone = 0; zone < Zones.COUNT; zone++) {
            for (int type = 0; type < TYPES.length && zones.spanned(view, zone) > 0; type++) {
                out.append("Node    0, zone ").append(ProcText.right(Zones.name(zone), 8)).append(", type ")
                        .append(ProcText.right(TYPES[type], 12)).append(' ');
                for (int order = 0; order < Zones.MAX_ORDER; order++) {
                    out.append(ProcText.right(type == 0 ? zones.freeBlocks(view, zone, order) : 0, 6)).append(' ');
                }
                out.append('\n');
            }
        }
        out.append('\n').append(ProcText.left("Number of blocks type ", 23));
        for (String type : TYPES) {
            out.append(ProcText.right(type, 12)).append(' ');
        }
        out.append('\n');
        for (int zone = 0; zone < Zones.COUNT; zone++) {
            if (zones.spanned(view, zone) > 0) {
                out.append("Node 0, zone ").append(ProcText.right(Zones.name(zone), 8)).append(' ');
                for (int type = 0; type < TYPES.length; type++) {
                    out.append(ProcText.right(type == 0 ? pageBlocks(view, zone) : 0, 12)).append(' ');
                }
                out.append('\n');
            }
        }
        return out.toString();
    }

    /** Returns the number of aligned blocks that a zone overlaps. */
    private long pageBlocks(ReadableMemory view, int zone) {
        long start = zones.startPfn(view, zone);
        long end = start + zones.spanned(view, zone);
        return (end - 1 >> BLOCK_ORDER) - (start >> BLOCK_ORDER) + 1;
    }

    @Override
    public Report report(ReadableMemory view) {
        Report report = Report.of(name()).number("page_block_order", BLOCK_ORDER)
                .number("pages_per_block", 1 << BLOCK_ORDER);
        for (int zone = 0; zone < Zones.COUNT; zone++) {
            if (zones.spanned(view, zone) > 0) {
                List<Long> blocks = new ArrayList<>();
                for (int order = 0; order < Zones.MAX_ORDER; order++) {
                    blocks.add(zones.freeBlocks(view, zone, order));
                }
                report.child(Report.of(Zones.name(zone)).number("node", 0)
                        .text("type", TYPES[0]).numbers("free_blocks_by_order", blocks)
                        .number("page_blocks", pageBlocks(view, zone)));
            }
        }
        return report;
    }
}

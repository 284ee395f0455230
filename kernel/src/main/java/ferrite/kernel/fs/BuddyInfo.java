package ferrite.kernel.fs;

import ferrite.hardware.report.Report;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.mm.Zones;
import java.util.ArrayList;
import java.util.List;

/** {@code /proc/buddyinfo}: free blocks by zone and order. */
public final class BuddyInfo implements ProcFile {

    private final Zones zones;

    public BuddyInfo(Zones zones) {
        this.zones = zones;
    }

    @Override
    public String name() {
        return "buddyinfo";
    }

    @Override
    public String text(ReadableMemory view) {
        StringBuilder out = new StringBuilder();
        for (int zone = 0; zone < Zones.COUNT; zone++) {
            if (zones.spanned(view, zone) > 0) {
                out.append("Node 0, zone ").append(ProcText.right(Zones.name(zone), 8)).append(' ');
                for (int order = 0; order < Zones.MAX_ORDER; order++) {
                    out.append(ProcText.right(zones.freeBlocks(view, zone, order), 6)).append(' ');
                }
                out.append('\n');
            }
        }
        return out.toString();
    }

    @Override
    public Report report(ReadableMemory view) {
        Report report = Report.of(name());
        for (int zone = 0; zone < Zones.COUNT; zone++) {
            if (zones.spanned(view, zone) > 0) {
                List<Long> blocks = new ArrayList<>();
                for (int order = 0; order < Zones.MAX_ORDER; order++) {
                    blocks.add(zones.freeBlocks(view, zone, order));
                }
                report.child(Report.of(Zones.name(zone)).number("node", 0).numbers("free_blocks_by_order", blocks));
            }
        }
        return report;
    }
}

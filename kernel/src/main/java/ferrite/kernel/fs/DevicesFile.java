package ferrite.kernel.fs;

import ferrite.hardware.report.Report;
import ferrite.hardware.turn.ReadableMemory;

/** {@code /proc/devices}: the regions of device numbers (LDD3 page 47). */
public final class DevicesFile implements ProcFile {

    private static final int WIDTH = 3;

    private final ChrdevRegions regions;

    public DevicesFile(ChrdevRegions regions) {
        this.regions = regions;
    }

    @Override
    public String name() {
        return "devices";
    }

    @Override
    public String text(ReadableMemory view) {
        StringBuilder out = new StringBuilder("Character devices:\n");
        regions.all(view).forEach(region -> out.append(ProcText.right(region.major(), WIDTH)).append(' ')
                .append(region.name()).append('\n'));
        return out.append("\nBlock devices:\n").toString();
    }

    @Override
    public Report report(ReadableMemory view) {
        Report report = Report.of(name());
        regions.all(view).forEach(region -> report.child(Report.of(region.name()).number("major", region.major())
                .number("baseminor", region.baseMinor()).number("minors", region.count())));
        return report;
    }
}

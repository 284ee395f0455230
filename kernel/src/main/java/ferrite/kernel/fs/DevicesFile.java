package ferrite.kernel.fs;

import ferrite.hardware.report.Report;
import ferrite.hardware.turn.ReadableMemory;

/** {@code /proc/devices}: the regions of device numbers (LDD3 page 47), and the major numbers of block devices. */
public final class DevicesFile implements ProcFile {

    private static final int WIDTH = 3;

    private final CharDevices devices;
    private final ChrdevRegions regions;

    DevicesFile(CharDevices devices) {
        this.devices = devices;
        this.regions = devices.regions();
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
        out.append("\nBlock devices:\n");
        devices.blockDevices().majors(view).forEach((major, name) -> out.append(ProcText.right(major, WIDTH))
                .append(' ').append(name).append('\n'));
        return out.toString();
    }

    @Override
    public Report report(ReadableMemory view) {
        Report report = Report.of(name());
        regions.all(view).forEach(region -> report.child(Report.of(region.name()).number("major", region.major())
                .number("baseminor", region.baseMinor()).number("minors", region.count())));
        devices.blockDevices().majors(view).forEach((major, name) -> report.child(Report.of(name)
                .number("block_major", major)));
        return report;
    }
}

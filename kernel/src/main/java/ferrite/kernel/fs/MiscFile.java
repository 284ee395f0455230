package ferrite.kernel.fs;

import ferrite.hardware.report.Report;
import ferrite.hardware.turn.ReadableMemory;

/** {@code /proc/misc}: the minor numbers and names of misc devices. */
public final class MiscFile implements ProcFile {

    private static final int WIDTH = 3;

    private final MiscDevices misc;

    public MiscFile(MiscDevices misc) {
        this.misc = misc;
    }

    @Override
    public String name() {
        return "misc";
    }

    @Override
    public String text(ReadableMemory view) {
        StringBuilder out = new StringBuilder();
        misc.all(view).forEach(device -> out.append(ProcText.right(device.minor(), WIDTH)).append(' ')
                .append(device.name()).append('\n'));
        return out.toString();
    }

    @Override
    public Report report(ReadableMemory view) {
        Report report = Report.of(name());
        misc.all(view).forEach(device -> report.child(Report.of(device.name()).number("minor", device.minor())));
        return report;
    }
}

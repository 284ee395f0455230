package ferrite.kernel.fs;

import ferrite.hardware.report.Hex;
import ferrite.hardware.report.Report;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.mm.VmallocView;

/**
 * {@code /proc/vmallocinfo}: the areas by address, with sizes (guard page included) and callers, in the format of
 * Linux's {@code s_show} in mm/vmalloc.c. Linux prints the caller's symbol, this kernel its source line.
 */
public final class VmallocInfo implements ProcFile {

    private final VmallocView areas;

    public VmallocInfo(VmallocView areas) {
        this.areas = areas;
    }

    @Override
    public String name() {
        return "vmallocinfo";
    }

    @Override
    public String text(ReadableMemory view) {
        StringBuilder out = new StringBuilder();
        for (VmallocView.Area area : areas.areas(view)) {
            out.append("0x").append(Hex.digits(area.start(), 8)).append("-0x")
                    .append(Hex.digits(area.start() + area.size(), 8))
                    .append(' ').append(ProcText.right(area.size(), 7)).append(' ').append(area.made().site());
            if (area.pages() != 0) {
                out.append(" pages=").append(area.pages());
            }
            if (area.phys() != 0) {
                out.append(" phys=0x").append(Hex.digits(area.phys(), 8));
            }
            out.append(' ').append(area.kind()).append('\n');
        }
        return out.toString();
    }

    @Override
    public Report report(ReadableMemory view) {
        Report report = Report.of(name());
        for (VmallocView.Area area : areas.areas(view)) {
            Report one = Report.of(Hex.address(area.start())).address("start", area.start())
                    .number("size", area.size()).text("kind", area.kind())
                    .text("caller", area.made().site()).number("pages", area.pages());
            report.child(area.phys() == 0 ? one : one.address("phys", area.phys()));
        }
        return report;
    }
}

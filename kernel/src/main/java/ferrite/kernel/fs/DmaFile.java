package ferrite.kernel.fs;

import ferrite.hardware.report.Report;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.dma.IsaDma;

/** {@code /proc/dma}: the ISA DMA channels in use, with their owners. Channel 4 is always in use. */
public final class DmaFile implements ProcFile {

    private final IsaDma dma;

    public DmaFile(IsaDma dma) {
        this.dma = dma;
    }

    @Override
    public String name() {
        return "dma";
    }

    @Override
    public String text(ReadableMemory view) {
        StringBuilder out = new StringBuilder();
        for (int channel = 0; channel < IsaDma.CHANNELS; channel++) {
            String owner = dma.owner(view, channel);
            if (owner != null) {
                out.append(ProcText.right(channel, 2)).append(": ").append(owner).append('\n');
            }
        }
        return out.toString();
    }

    @Override
    public Report report(ReadableMemory view) {
        Report report = Report.of(name());
        for (int channel = 0; channel < IsaDma.CHANNELS; channel++) {
            String owner = dma.owner(view, channel);
            if (owner != null) {
                report.child(Report.of(owner).number("channel", channel));
            }
        }
        return report;
    }
}

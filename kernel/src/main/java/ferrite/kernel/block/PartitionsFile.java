package ferrite.kernel.block;

import ferrite.hardware.report.Report;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.fs.ProcFile;
import ferrite.kernel.fs.ProcText;

/** {@code /proc/partitions}: the disks and their sizes in KiB. There are no partitions. */
final class PartitionsFile implements ProcFile {

    private static final int SECTORS_PER_KB = 2;

    private final Gendisks disks;

    PartitionsFile(Gendisks disks) {
        this.disks = disks;
    }

    @Override
    public String name() {
        return "partitions";
    }

    @Override
    public String text(ReadableMemory view) {
        StringBuilder text = new StringBuilder();
        for (long disk : disks.listed(view)) {
            text.append(text.isEmpty() ? "major minor  #blocks  name\n\n" : "")
                    .append(ProcText.right(GendiskLayout.MAJOR.get(view, disk), 4)).append("  ")
                    .append(ProcText.right(GendiskLayout.FIRST_MINOR.get(view, disk), 7)).append(' ')
                    .append(ProcText.right(GendiskLayout.CAPACITY.get(view, disk) / SECTORS_PER_KB, 10)).append(' ')
                    .append(GendiskLayout.NAME.get(view, disk)).append('\n');
        }
        return text.toString();
    }

    @Override
    public Report report(ReadableMemory view) {
        Report report = Report.of(name());
        for (long disk : disks.listed(view)) {
            report.child(Report.of(GendiskLayout.NAME.get(view, disk))
                    .number("major", GendiskLayout.MAJOR.get(view, disk))
                    .number("minor", GendiskLayout.FIRST_MINOR.get(view, disk))
                    .number("blocks", GendiskLayout.CAPACITY.get(view, disk) / SECTORS_PER_KB));
        }
        return report;
    }
}

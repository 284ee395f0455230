package ferrite.kernel.block;

import ferrite.hardware.report.Report;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.fs.ProcFile;
import ferrite.kernel.fs.ProcText;

/** {@code /proc/diskstats}: the counts of all disks, in the 20 columns of Linux's admin-guide/iostats.rst. */
final class DiskStatsFile implements ProcFile {

    private static final int MICROSECONDS = 1000;
    /** The columns of discards, of which there are none. */
    private static final String DISCARDS = " 0 0 0 0";

    private final Gendisks disks;

    DiskStatsFile(Gendisks disks) {
        this.disks = disks;
    }

    @Override
    public String name() {
        return "diskstats";
    }

    @Override
    public String text(ReadableMemory view) {
        StringBuilder text = new StringBuilder();
        for (long disk : disks.listed(view)) {
            text.append(ProcText.right(GendiskLayout.MAJOR.get(view, disk), 4)).append(' ')
                    .append(ProcText.right(GendiskLayout.FIRST_MINOR.get(view, disk), 7)).append(' ')
                    .append(GendiskLayout.NAME.get(view, disk)).append(columns(view, disk)).append('\n');
        }
        return text.toString();
    }

    /** Returns the counts of a disk with a blank before each. */
    static String columns(ReadableMemory view, long disk) {
        long stats = GendiskLayout.STATS.at(disk);
        StringBuilder columns = new StringBuilder();
        for (int i = 0; i < 2; i++) {
            columns.append(' ').append(DiskStatsLayout.IOS.get(view, stats, i))
                    .append(' ').append(DiskStatsLayout.MERGES.get(view, stats, i))
                    .append(' ').append(DiskStatsLayout.SECTORS.get(view, stats, i))
                    .append(' ').append(DiskStatsLayout.TIMES.get(view, stats, i) / MICROSECONDS);
        }
        return columns.append(' ').append(DiskStatsLayout.IN_FLIGHT.get(view, stats))
                .append(' ').append(DiskStatsLayout.IO_TIME.get(view, stats) / MICROSECONDS)
                .append(' ').append(DiskStatsLayout.QUEUE_TIME.get(view, stats) / MICROSECONDS).append(DISCARDS)
                .append(' ').append(DiskStatsLayout.IOS.get(view, stats, DiskStatsLayout.FLUSHES))
                .append(' ').append(DiskStatsLayout.TIMES.get(view, stats, DiskStatsLayout.FLUSHES) / MICROSECONDS)
                .toString();
    }

    @Override
    public Report report(ReadableMemory view) {
        Report report = Report.of(name());
        for (long disk : disks.listed(view)) {
            long stats = GendiskLayout.STATS.at(disk);
            report.child(Report.of(GendiskLayout.NAME.get(view, disk))
                    .number("reads", DiskStatsLayout.IOS.get(view, stats, 0))
                    .number("reads_merged", DiskStatsLayout.MERGES.get(view, stats, 0))
                    .number("sectors_read", DiskStatsLayout.SECTORS.get(view, stats, 0))
                    .number("writes", DiskStatsLayout.IOS.get(view, stats, 1))
                    .number("writes_merged", DiskStatsLayout.MERGES.get(view, stats, 1))
                    .number("sectors_written", DiskStatsLayout.SECTORS.get(view, stats, 1))
                    .number("flushes", DiskStatsLayout.IOS.get(view, stats, DiskStatsLayout.FLUSHES)));
        }
        return report;
    }
}

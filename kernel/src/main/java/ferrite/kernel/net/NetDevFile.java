package ferrite.kernel.net;

import ferrite.hardware.report.Report;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.ULong;
import ferrite.kernel.fs.ProcFile;
import java.util.Locale;

/** {@code /proc/net/dev}: the counters of all network devices. */
final class NetDevFile implements ProcFile {

    private static final String TITLE = "Inter-|   Receive                                                |  Transmit\n"
            + " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls "
            + "carrier compressed\n";
    private static final String LINE = "%6s: %7d %7d %4d %4d %4d %5d %10d %9d %8d %7d %4d %4d %4d %5d %7d %10d\n";

    private final NetDevices devices;

    NetDevFile(NetDevices devices) {
        this.devices = devices;
    }

    @Override
    public String name() {
        return "net/dev";
    }

    @Override
    public long lock() {
        return devices.listLock();
    }

    @Override
    public String text(ReadableMemory view) {
        StringBuilder text = new StringBuilder(TITLE);
        for (NetDevices.View dev : devices.views(view)) {
            text.append(String.format(Locale.ROOT, LINE, dev.name(), count(view, dev, NetStatsLayout.RX_BYTES),
                    count(view, dev, NetStatsLayout.RX_PACKETS), count(view, dev, NetStatsLayout.RX_ERRORS),
                    count(view, dev, NetStatsLayout.RX_DROPPED), 0, 0, 0, count(view, dev, NetStatsLayout.MULTICAST),
                    count(view, dev, NetStatsLayout.TX_BYTES), count(view, dev, NetStatsLayout.TX_PACKETS),
                    count(view, dev, NetStatsLayout.TX_ERRORS), count(view, dev, NetStatsLayout.TX_DROPPED), 0,
                    count(view, dev, NetStatsLayout.COLLISIONS), 0, 0));
        }
        return text.toString();
    }

    private static long count(ReadableMemory view, NetDevices.View dev, ULong counter) {
        return counter.get(view, dev.stats());
    }

    @Override
    public Report report(ReadableMemory view) {
        Report report = Report.of(name());
        for (NetDevices.View dev : devices.views(view)) {
            report.child(Report.of(dev.name())
                    .number("rx_bytes", count(view, dev, NetStatsLayout.RX_BYTES))
                    .number("rx_packets", count(view, dev, NetStatsLayout.RX_PACKETS))
                    .number("rx_errors", count(view, dev, NetStatsLayout.RX_ERRORS))
                    .number("rx_dropped", count(view, dev, NetStatsLayout.RX_DROPPED))
                    .number("tx_bytes", count(view, dev, NetStatsLayout.TX_BYTES))
                    .number("tx_packets", count(view, dev, NetStatsLayout.TX_PACKETS))
                    .number("tx_errors", count(view, dev, NetStatsLayout.TX_ERRORS))
                    .number("tx_dropped", count(view, dev, NetStatsLayout.TX_DROPPED)));
        }
        return report;
    }
}

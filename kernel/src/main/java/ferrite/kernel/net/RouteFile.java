package ferrite.kernel.net;

import ferrite.hardware.report.Report;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.fs.ProcFile;
import java.util.List;
import java.util.Locale;

/** {@code /proc/net/route}: the nets of the devices that are up. Linux's numbers are in network byte order. */
final class RouteFile implements ProcFile {

    private static final String TITLE = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU"
            + "\tWindow\tIRTT";
    /** Each line is filled with blanks. */
    private static final String LINE = "%-127s\n";
    private static final int RTF_UP = 1;

    private final NetDevices devices;

    RouteFile(NetDevices devices) {
        this.devices = devices;
    }

    @Override
    public String name() {
        return "net/route";
    }

    @Override
    public long lock() {
        return devices.listLock();
    }

    private List<NetDevices.View> routes(ReadableMemory view) {
        return devices.views(view).stream()
                .filter(dev -> (dev.flags() & NetDeviceLayout.IFF_UP) != 0 && dev.address() != 0).toList();
    }

    @Override
    public String text(ReadableMemory view) {
        StringBuilder text = new StringBuilder(String.format(Locale.ROOT, LINE, TITLE));
        for (NetDevices.View dev : routes(view)) {
            text.append(String.format(Locale.ROOT, LINE, String.format(Locale.ROOT,
                    "%s\t%08X\t%08X\t%04X\t0\t0\t0\t%08X\t0\t0\t0", dev.name(),
                    Integer.reverseBytes(dev.address() & dev.mask()), 0, RTF_UP, Integer.reverseBytes(dev.mask()))));
        }
        return text.toString();
    }

    @Override
    public Report report(ReadableMemory view) {
        Report report = Report.of(name());
        for (NetDevices.View dev : routes(view)) {
            report.child(Report.of(dev.name()).text("destination", InternetAddress.text(dev.address() & dev.mask()))
                    .text("mask", InternetAddress.text(dev.mask())));
        }
        return report;
    }
}

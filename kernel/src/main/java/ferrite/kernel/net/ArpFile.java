package ferrite.kernel.net;

import ferrite.hardware.report.Report;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.fs.ProcFile;
import java.util.Locale;

/** {@code /proc/net/arp}: the hosts, with the hardware addresses that are known. */
final class ArpFile implements ProcFile {

    private final Arp arp;

    ArpFile(Arp arp) {
        this.arp = arp;
    }

    @Override
    public String name() {
        return "net/arp";
    }

    @Override
    public long lock() {
        return arp.tableLock();
    }

    @Override
    public String text(ReadableMemory view) {
        StringBuilder text = new StringBuilder("IP address       HW type     Flags       HW address            "
                + "Mask     Device\n");
        for (Arp.Host host : arp.hosts(view)) {
            text.append(String.format(Locale.ROOT, "%-16s 0x%-10x0x%-10x%-17s     *        %s\n",
                    InternetAddress.text(host.address()), 1, host.isKnown() ? 2 : 0, host.hardware(), host.device()));
        }
        return text.toString();
    }

    @Override
    public Report report(ReadableMemory view) {
        Report report = Report.of(name());
        for (Arp.Host host : arp.hosts(view)) {
            report.child(Report.of(InternetAddress.text(host.address())).text("hardware", host.hardware())
                    .text("device", host.device()).text("state", host.isKnown() ? "reachable" : "incomplete"));
        }
        return report;
    }
}

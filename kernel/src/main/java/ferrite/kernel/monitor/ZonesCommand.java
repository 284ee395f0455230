package ferrite.kernel.monitor;

import ferrite.hardware.Machine;
import ferrite.hardware.monitor.MonitorCommand;
import ferrite.hardware.monitor.MonitorException;
import ferrite.hardware.report.Report;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.Kernel;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.mm.PageSets;
import ferrite.kernel.mm.ZoneLayout;
import ferrite.kernel.mm.Zones;
import java.util.function.Supplier;

/** The monitor's {@code zones}: the free memory of each zone, as numbers and as a bar. */
public final class ZonesCommand implements MonitorCommand {

    private final Machine machine;
    private final Supplier<Kernel> kernel;

    public ZonesCommand(Machine machine, Supplier<Kernel> kernel) {
        this.machine = machine;
        this.kernel = kernel;
    }

    @Override
    public String name() {
        return "zones";
    }

    @Override
    public String usage() {
        return "zones";
    }

    @Override
    public String summary() {
        return "the memory zones, and the free memory of each";
    }

    @Override
    public Report run(String arguments) throws MonitorException {
        if (!kernel.get().isUp()) {
            throw new MonitorException("the kernel has not booted yet: there are no zones");
        }
        Zones zones = kernel.get().mm().zones();
        PageSets pageSets = kernel.get().mm().pages().pageSets();
        ReadableMemory view = machine.peek(0);
        Report report = Report.of("zones");
        for (int zone = 0; zone < Zones.COUNT; zone++) {
            if (zones.spanned(view, zone) > 0) {
                report.child(describe(zones, pageSets, view, zone));
            }
        }
        return report;
    }

    private static Report describe(Zones zones, PageSets pageSets, ReadableMemory view, int zone) {
        long record = zones.record(zone);
        long start = zones.startPfn(view, zone) << AddressSpace.PAGE_SHIFT;
        long free = zones.free(view, zone);
        return Report.of(Zones.name(zone))
                .address("start", start)
                .address("end", start + (zones.spanned(view, zone) << AddressSpace.PAGE_SHIFT) - 1)
                .drawing("free", ZoneBar.of(free, zones.managed(view, zone)) + " " + ZoneBar.mebibytes(free))
                .number("free_pages", free)
                .number("pages_held_by_harts", pageSets.count(view, zone))
                .number("guard_pages", zones.guards(view, zone))
                .number("managed_pages", zones.managed(view, zone))
                .number("min", ZoneLayout.WATERMARK_MIN.get(view, record))
                .number("low", ZoneLayout.WATERMARK_LOW.get(view, record))
                .number("high", ZoneLayout.WATERMARK_HIGH.get(view, record));
    }
}

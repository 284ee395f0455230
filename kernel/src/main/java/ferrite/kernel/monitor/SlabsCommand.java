package ferrite.kernel.monitor;

import ferrite.hardware.Machine;
import ferrite.hardware.monitor.MonitorCommand;
import ferrite.hardware.monitor.MonitorException;
import ferrite.hardware.report.Report;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.Kernel;
import ferrite.kernel.mm.SlabView;
import java.util.List;
import java.util.function.Supplier;

/**
 * The monitor's {@code slabs}: the lookaside caches with slabs, and the used share of the slabs, as numbers and as a
 * bar.
 */
public final class SlabsCommand implements MonitorCommand {

    private final Machine machine;
    private final Supplier<Kernel> kernel;

    public SlabsCommand(Machine machine, Supplier<Kernel> kernel) {
        this.machine = machine;
        this.kernel = kernel;
    }

    @Override
    public String name() {
        return "slabs";
    }

    @Override
    public String usage() {
        return "slabs [CACHE]";
    }

    @Override
    public String summary() {
        return "the lookaside caches, and the used share of their slabs";
    }

    @Override
    public List<String> examples() {
        return List.of("slabs", "slabs kmalloc-64");
    }

    @Override
    public Report run(String arguments) throws MonitorException {
        if (!kernel.get().isUp()) {
            throw new MonitorException("the kernel has not booted yet: there are no lookaside caches");
        }
        String wanted = arguments.strip();
        SlabView slabs = kernel.get().mm().caches().view();
        ReadableMemory view = machine.peek(0);
        Report report = Report.of("slabs");
        for (long cache : slabs.caches(view)) {
            SlabView.Usage usage = slabs.usage(view, cache);
            if (wanted.isEmpty() ? usage.slabs() > 0 : usage.name().equals(wanted)) {
                report.child(describe(usage));
            }
        }
        if (report.children().isEmpty() && !wanted.isEmpty()) {
            throw new MonitorException("there is no lookaside cache '" + wanted + "'; cat /proc/slabinfo lists them");
        }
        return report;
    }

    private static Report describe(SlabView.Usage usage) {
        return Report.of(usage.name())
                .drawing("used",
                        ZoneBar.of(usage.active(), usage.objects()) + " " + usage.active() + " of " + usage.objects())
                .number("active", usage.active())
                .number("objects", usage.objects())
                .number("object_size", usage.objectSize())
                .number("size", usage.size())
                .number("slabs", usage.slabs())
                .number("partial", usage.partial())
                .number("pages", usage.slabs() * usage.pagesPerSlab());
    }
}

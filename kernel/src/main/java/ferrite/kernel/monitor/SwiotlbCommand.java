package ferrite.kernel.monitor;

import ferrite.hardware.Machine;
import ferrite.hardware.monitor.MonitorCommand;
import ferrite.hardware.monitor.MonitorException;
import ferrite.hardware.report.Report;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.Kernel;
import ferrite.kernel.dma.DmaMapping;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * The monitor's {@code swiotlb}: the numbers of live mappings and bounced mappings, and the slots of the pool, which
 * Linux shows in debugfs as {@code io_tlb_nslabs} and {@code io_tlb_used}.
 */
public final class SwiotlbCommand implements MonitorCommand {

    private final Machine machine;
    private final Supplier<Kernel> kernel;

    public SwiotlbCommand(Machine machine, Supplier<Kernel> kernel) {
        this.machine = machine;
        this.kernel = kernel;
    }

    @Override
    public String name() {
        return "swiotlb";
    }

    @Override
    public String usage() {
        return "swiotlb";
    }

    @Override
    public String summary() {
        return "mappings for devices: live ones, those bounced since boot, and the slots of the bounce buffers";
    }

    @Override
    public Report run(String arguments) throws MonitorException {
        if (!kernel.get().isUp()) {
            throw new MonitorException("the kernel has not booted yet: there are no mappings");
        }
        DmaMapping dma = kernel.get().dma().mapping();
        ReadableMemory view = machine.peek(0);
        return Report.of("swiotlb").text("mode", dma.swiotlb().mode().name().toLowerCase(Locale.ROOT))
                .number("live", dma.liveMappings(view)).number("bounced", dma.swiotlb().bounced(view))
                .number("slots", dma.swiotlb().total(view)).number("used", dma.swiotlb().used(view));
    }
}

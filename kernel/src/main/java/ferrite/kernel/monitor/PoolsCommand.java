package ferrite.kernel.monitor;

import ferrite.hardware.Machine;
import ferrite.hardware.monitor.MonitorCommand;
import ferrite.hardware.monitor.MonitorException;
import ferrite.hardware.report.Report;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.Kernel;
import ferrite.kernel.dma.DmaPoolView;
import java.util.function.Supplier;

/**
 * The monitor's {@code pools}: the DMA pools of all devices, with the numbers of Linux's {@code pools} file in a
 * device's directory of sysfs.
 */
public final class PoolsCommand implements MonitorCommand {

    private final Machine machine;
    private final Supplier<Kernel> kernel;

    public PoolsCommand(Machine machine, Supplier<Kernel> kernel) {
        this.machine = machine;
        this.kernel = kernel;
    }

    @Override
    public String name() {
        return "pools";
    }

    @Override
    public String usage() {
        return "pools";
    }

    @Override
    public String summary() {
        return "the DMA pools: allocated blocks, all blocks, block size and pages";
    }

    @Override
    public Report run(String arguments) throws MonitorException {
        if (!kernel.get().isUp()) {
            throw new MonitorException("the kernel has not booted yet: there are no DMA pools");
        }
        DmaPoolView pools = kernel.get().dma().pools().view();
        ReadableMemory view = machine.peek(0);
        Report report = Report.of("pools");
        for (long pool : pools.pools(view)) {
            DmaPoolView.Usage usage = pools.usage(view, pool);
            report.child(Report.of(usage.name()).text("device", usage.device())
                    .number("blocks", usage.blocks()).number("capacity", usage.capacity())
                    .number("size", usage.size()).number("pages", usage.pages()));
        }
        return report;
    }
}

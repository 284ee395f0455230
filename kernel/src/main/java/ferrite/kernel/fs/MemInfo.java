package ferrite.kernel.fs;

import ferrite.hardware.report.Report;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.mm.KernelStacks;
import ferrite.kernel.mm.Kmalloc;
import ferrite.kernel.mm.PerCpu;
import ferrite.kernel.mm.Vmalloc;
import ferrite.kernel.mm.ZoneLayout;
import ferrite.kernel.mm.Zones;
import java.util.LinkedHashMap;
import java.util.Map;

/** {@code /proc/meminfo}, as Linux 6.1 prints it for a 32-bit machine with high memory and no swap. */
public final class MemInfo implements ProcFile {

    private static final int KB_PER_PAGE = AddressSpace.PAGE_SIZE / 1024;

    private final Zones zones;
    private final Kmalloc kmalloc;
    private final Vmalloc vmalloc;
    private final PerCpu perCpu;
    private final KernelStacks stacks;

    public MemInfo(Zones zones, Kmalloc kmalloc, Vmalloc vmalloc, PerCpu perCpu, KernelStacks stacks) {
        this.zones = zones;
        this.kmalloc = kmalloc;
        this.vmalloc = vmalloc;
        this.perCpu = perCpu;
        this.stacks = stacks;
    }

    @Override
    public String name() {
        return "meminfo";
    }

    @Override
    public long lock() {
        return kmalloc.cachesLock();
    }

    @Override
    public String text(ReadableMemory view) {
        StringBuilder out = new StringBuilder();
        pages(view).forEach((name, pages) ->
                out.append(ProcText.left(name + ":", 16))
                .append(ProcText.right(pages * KB_PER_PAGE, 8)).append(" kB\n"));
        return out.toString();
    }

    @Override
    public Report report(ReadableMemory view) {
        Report report = Report.of(name()).text("unit", "kB");
        pages(view).forEach((name, pages) -> report.number(name, pages * KB_PER_PAGE));
        return report;
    }

    /** Returns the pages of every line, in Linux's order. */
    private Map<String, Long> pages(ReadableMemory view) {
        long lowTotal = zones.managed(view, Zones.DMA) + zones.managed(view, Zones.NORMAL);
        long highTotal = zones.managed(view, Zones.HIGHMEM);
        long lowFree = zones.free(view, Zones.DMA) + zones.free(view, Zones.NORMAL);
        long highFree = zones.free(view, Zones.HIGHMEM);
        long slab = kmalloc.slabPages(view);
        Map<String, Long> out = new LinkedHashMap<>();
        out.put("MemTotal", lowTotal + highTotal);
        out.put("MemFree", lowFree + highFree);
        out.put("MemAvailable", Math.max(0, lowFree + highFree - reserved(view)));
        zeros(out, "Buffers", "Cached", "SwapCached", "Active", "Inactive", "Active(anon)", "Inactive(anon)",
                "Active(file)", "Inactive(file)", "Unevictable", "Mlocked");
        out.put("HighTotal", highTotal);
        out.put("HighFree", highFree);
        out.put("LowTotal", lowTotal);
        out.put("LowFree", lowFree);
        zeros(out, "SwapTotal", "SwapFree", "Dirty", "Writeback", "AnonPages", "Mapped", "Shmem", "KReclaimable");
        out.put("Slab", slab);
        zeros(out, "SReclaimable");
        out.put("SUnreclaim", slab);
        out.put("KernelStack", stacks.pages(view));
        zeros(out, "PageTables", "SecPageTables", "NFS_Unstable", "Bounce", "WritebackTmp");
        out.put("CommitLimit", (lowTotal + highTotal) / 2);
        zeros(out, "Committed_AS");
        out.put("VmallocTotal", AddressSpace.VMALLOC_END - AddressSpace.VMALLOC_START >>> AddressSpace.PAGE_SHIFT);
        out.put("VmallocUsed", vmalloc.usedPages(view));
        zeros(out, "VmallocChunk");
        out.put("Percpu", perCpu.pages(view));
        return out;
    }

    /**
     * Returns the sum of the low watermarks. Linux subtracts it, because ordinary allocations do not get these pages.
     */
    private long reserved(ReadableMemory view) {
        long sum = 0;
        for (int zone = 0; zone < Zones.COUNT; zone++) {
            sum += ZoneLayout.WATERMARK_LOW.get(view, zones.record(zone));
        }
        return sum;
    }

    private static void zeros(Map<String, Long> out, String... names) {
        for (String name : names) {
            out.put(name, 0L);
        }
    }
}

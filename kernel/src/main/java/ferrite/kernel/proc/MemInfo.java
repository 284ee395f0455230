package ferrite.kernel.proc;

import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.mm.AddressSpace;
import ferrite.kernel.mm.Kmalloc;
import ferrite.kernel.mm.ZoneLayout;
import ferrite.kernel.mm.Zones;

/** {@code /proc/meminfo}, as Linux 6.1 prints it for a 32-bit machine with high memory and no swap. */
public final class MemInfo implements ProcFile {

    private final Zones zones;
    private final Kmalloc kmalloc;

    public MemInfo(Zones zones, Kmalloc kmalloc) {
        this.zones = zones;
        this.kmalloc = kmalloc;
    }

    @Override
    public String name() {
        return "meminfo";
    }

    @Override
    public String text(ReadableMemory view) {
        long lowTotal = zones.managed(view, Zones.DMA) + zones.managed(view, Zones.NORMAL);
        long highTotal = zones.managed(view, Zones.HIGHMEM);
        long lowFree = zones.free(view, Zones.DMA) + zones.free(view, Zones.NORMAL);
        long highFree = zones.free(view, Zones.HIGHMEM);
        long slab = kmalloc.slabPages(view);
        StringBuilder out = new StringBuilder();
        line(out, "MemTotal:", lowTotal + highTotal);
        line(out, "MemFree:", lowFree + highFree);
        line(out, "MemAvailable:", Math.max(0, lowFree + highFree - reserved(view)));
        zeros(out, "Buffers:", "Cached:", "SwapCached:", "Active:", "Inactive:", "Active(anon):", "Inactive(anon):", "Active(file):",
                "Inactive(file):", "Unevictable:", "Mlocked:");
        line(out, "HighTotal:", highTotal);
        line(out, "HighFree:", highFree);
        line(out, "LowTotal:", lowTotal);
        line(out, "LowFree:", lowFree);
        zeros(out, "SwapTotal:", "SwapFree:", "Dirty:", "Writeback:", "AnonPages:", "Mapped:", "Shmem:", "KReclaimable:");
        line(out, "Slab:", slab);
        zeros(out, "SReclaimable:");
        line(out, "SUnreclaim:", slab);
        zeros(out, "KernelStack:", "PageTables:", "SecPageTables:", "NFS_Unstable:", "Bounce:", "WritebackTmp:");
        line(out, "CommitLimit:", (lowTotal + highTotal) / 2);
        zeros(out, "Committed_AS:");
        line(out, "VmallocTotal:", AddressSpace.VMALLOC_END - AddressSpace.VMALLOC_START >>> AddressSpace.PAGE_SHIFT);
        zeros(out, "VmallocUsed:", "VmallocChunk:", "Percpu:");
        return out.toString();
    }

    /** What Linux subtracts: the low watermarks, which nobody gets. */
    private long reserved(ReadableMemory view) {
        long sum = 0;
        for (int zone = 0; zone < Zones.COUNT; zone++) {
            sum += view.load32(zones.record(zone) + ZoneLayout.WATERMARK_LOW);
        }
        return sum;
    }

    private static void zeros(StringBuilder out, String... names) {
        for (String name : names) {
            line(out, name, 0);
        }
    }

    private static void line(StringBuilder out, String name, long pages) {
        out.append(ProcText.left(name, 16)).append(ProcText.right(pages * 4, 8)).append(" kB\n");
    }
}

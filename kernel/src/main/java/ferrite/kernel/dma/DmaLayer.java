package ferrite.kernel.dma;

import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.CommandLine;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.check.Violations;
import ferrite.kernel.driver.Holdings;
import ferrite.kernel.log.KernelLog;
import ferrite.kernel.log.StringTable;
import ferrite.kernel.mm.AddressSpace;
import ferrite.kernel.mm.BuddyAllocator;
import ferrite.kernel.mm.HighPages;
import ferrite.kernel.mm.Kmalloc;
import ferrite.kernel.mm.MemMap;
import ferrite.kernel.mm.PageOwner;
import ferrite.kernel.mm.SlabFlags;
import ferrite.kernel.mm.Zones;
import ferrite.kernel.sched.Context;

/** The generic DMA layer, put together: mappings, pools, and copying by a device. */
public final class DmaLayer {

    private final DmaMapping mapping;
    private final DmaPool pools;
    private final DmaEngine engine;

    /** @param owners whether it is recorded who has what */
    public DmaLayer(KernelMemory memory, KernelCpu cpu, Context context, TextTable text, AddressSpace space, MemMap memMap, Zones zones, BuddyAllocator pages,
                    Kmalloc kmalloc, HighPages highPages, PageOwner pageOwners, StringTable strings, KernelLog log, Violations violations, Holdings.Tracker holdings,
                    CommandLine words, boolean owners, long root) {
        DmaCoherent coherent = new DmaCoherent(memory, space, zones, pages);
        Swiotlb swiotlb = new Swiotlb(memory, cpu, space, memMap, pages, kmalloc, highPages, log, words, root);
        DmaDebug debug = new DmaDebug(memory, cpu, pages, kmalloc, pageOwners, log, new DmaDebugReports(violations), words, root);
        mapping = new DmaMapping(memory, context, space, memMap, coherent, swiotlb, debug, violations, log, holdings);
        pools = new DmaPool(memory, cpu, context, kmalloc, coherent, strings, pageOwners, violations, holdings,
                SlabFlags.poisons(words.get("slub_debug", SlabFlags.DEFAULT_SLUB_DEBUG), "dma_pool"), owners, root);
        engine = new DmaEngine(memory, context, text, root);
    }

    public DmaMapping mapping() {
        return mapping;
    }

    public DmaPool pools() {
        return pools;
    }

    public DmaEngine engine() {
        return engine;
    }
}

package ferrite.kernel.dma;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.core.Context;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.mm.BuddyAllocator;
import ferrite.kernel.mm.Kmalloc;
import ferrite.kernel.mm.Zones;
import ferrite.kernel.shadow.Blocks;
import ferrite.kernel.shadow.MemoryStates;

/** The allocator of coherent memory: whole pages, zeroed, from a zone that the device's coherent mask reaches. */
final class DmaCoherent {

    private final KernelMemory memory;
    private final Context context;
    private final AddressSpace space;
    private final Zones zones;
    private final BuddyAllocator pages;
    private final MemoryStates states;

    DmaCoherent(KernelBase base, BuddyAllocator pages) {
        this.memory = base.memory();
        this.context = base.context();
        this.space = base.space();
        this.zones = pages.frames().zones();
        this.pages = pages;
        this.states = base.states();
    }

    long endOfDmaZone() {
        return zones.startPfn(memory, Zones.DMA) + zones.spanned(memory, Zones.DMA) << AddressSpace.PAGE_SHIFT;
    }

    /**
     * Allocates memory at or below {@code mask}. May sleep if the flags allow it.
     *
     * @param kind     what it is allocated as
     * @param handleVa address of a word that receives the bus address
     * @return the memory's linear map address, or 0
     */
    long alloc(Blocks.Kind kind, long mask, int bytes, long handleVa, int gfp) {
        int order = bytes <= 0 ? Zones.MAX_ORDER : Kmalloc.order(bytes);
        if (order >= Zones.MAX_ORDER) {
            context.mightAlloc(gfp, "dma_alloc_coherent");
            return 0;
        }
        int flags = (gfp & ~(Gfp.__GFP_DMA | Gfp.__GFP_HIGHMEM)) | Gfp.__GFP_ZERO;
        long va = pages.getFreePages(mask < endOfDmaZone() ? flags | Gfp.__GFP_DMA : flags, order);
        if (va != 0 && space.phys(va) + bytes - 1 > mask) {
            pages.freePagesAt(va, order);              // memory of the Normal zone, above the mask
            va = pages.getFreePages(flags | Gfp.__GFP_DMA, order);
        }
        if (va != 0) {
            states.block(kind, va, space.phys(va), bytes, (long) AddressSpace.PAGE_SIZE << order);
            memory.storeAddress(handleVa, space.phys(va));
        }
        return va;
    }

    /** Frees coherent memory. Returns whether the free was legal. */
    boolean free(long va, int bytes) {
        return pages.freePagesAt(va, Kmalloc.order(bytes));
    }
}

package ferrite.kernel.mm;

import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.KernelBug;
import ferrite.kernel.ListHead;
import ferrite.kernel.sched.Context;
import ferrite.kernel.sched.SpinLock;

/**
 * The page allocator: blocks of 2^order pages, split when a smaller one is wanted, merged with their buddy when both are free (LDD3 pages
 * 221-223). The one place that heeds {@link Gfp}.
 *
 * <p>May be called in any context; it does not sleep yet, since nothing can be reclaimed. A zone's lists are protected by the zone's lock, with interrupts off.
 */
public final class BuddyAllocator {

    private final KernelMemory memory;
    private final Context context;
    private final SpinLock locks;
    private final Zones zones;
    private final MemMap memMap;
    private final PageOwner owners;

    public BuddyAllocator(KernelMemory memory, KernelCpu cpu, Context context, Zones zones, MemMap memMap, PageOwner owners) {
        this.memory = memory;
        this.context = context;
        this.locks = new SpinLock(memory, cpu);
        this.zones = zones;
        this.memMap = memMap;
        this.owners = owners;
    }

    // ---- allocating ----

    /**
     * {@code alloc_pages}: a block of 2^order pages.
     *
     * @return the {@code struct page} of its first frame, or 0
     */
    public long allocPages(int gfp, int order) {
        context.mightAlloc(gfp, "alloc_pages");
        return allocBlock(gfp, order);
    }

    /** For callers in this package, which have said already whether they may sleep. */
    long allocBlock(int gfp, int order) {
        if (order < 0 || order >= Zones.MAX_ORDER) {
            return 0;
        }
        int wanted = highestZone(gfp);
        for (int zone = wanted; zone >= Zones.DMA; zone--) {
            long page = allocFrom(zone, wanted, gfp, order);
            if (page != 0) {
                prepare(page, gfp, order);
                return page;
            }
        }
        return 0;
    }

    /** The zone that is searched first; those below it follow. */
    private static int highestZone(int gfp) {
        return (gfp & Gfp.__GFP_DMA) != 0 ? Zones.DMA : Zones.NORMAL;
    }

    private long allocFrom(int zone, int wanted, int gfp, int order) {
        long record = zones.record(zone);
        if (memory.load32(record + ZoneLayout.MANAGED) == 0) {
            return 0;
        }
        int flags = locks.lockIrqSave(record);
        long page = watermarkAllows(record, wanted, gfp, order) ? takeBlock(record, order) : 0;
        locks.unlockIrqRestore(record, flags);
        return page;
    }

    /** Linux's {@code zone_watermark_ok}: enough is left for the emergency, and for those who can live in no other zone. */
    private boolean watermarkAllows(long zone, int wanted, int gfp, int order) {
        long min = memory.load32(zone + ZoneLayout.WATERMARK_MIN);
        if ((gfp & Gfp.__GFP_HIGH) != 0) {
            min -= min / 2;
        }
        if (!Gfp.maySleep(gfp)) {
            min -= min / 4;
        }
        long left = memory.loadAddress(zone + ZoneLayout.FREE) - (1L << order);
        return left >= min + memory.load32(zone + ZoneLayout.LOWMEM_RESERVE + 4 * wanted);
    }

    /** Takes the smallest block that is large enough, and gives back the halves that are not needed. */
    private long takeBlock(long zone, int order) {
        for (int found = order; found < Zones.MAX_ORDER; found++) {
            long area = ZoneLayout.freeArea(zone, found);
            long node = ListHead.first(memory, area);
            if (node != area) {
                long page = node - PageLayout.LRU;
                removeFree(area, page);
                split(zone, page, found, order);
                changeFree(zone, -(1 << order));
                return page;
            }
        }
        return 0;
    }

    private void split(long zone, long page, int from, int to) {
        for (int order = from - 1; order >= to; order--) {
            long upperHalf = page + ((long) PageLayout.SIZE << order);
            addFree(zone, upperHalf, order);
        }
    }

    private void prepare(long page, int gfp, int order) {
        memory.store32(page + PageLayout.FLAGS, PageLayout.HEAD);
        memory.store32(page + PageLayout.ORDER, order);
        memory.store32(page + PageLayout.COUNT, 1);
        owners.set(page, gfp);
        if ((gfp & Gfp.__GFP_ZERO) != 0) {
            memory.fill(memMap.pageAddress(page), 0, AddressSpace.PAGE_SIZE << order);
        }
    }

    /** {@code __get_free_pages}: as {@link #allocPages}, but the linear address of the memory. */
    public long getFreePages(int gfp, int order) {
        context.mightAlloc(gfp, "__get_free_pages");
        long page = allocBlock(gfp, order);
        return page == 0 ? 0 : memMap.pageAddress(page);
    }

    // ---- freeing ----

    /**
     * {@code __free_pages}. The order has to be the one it was allocated with.
     *
     * @throws KernelBug when the page does not head an allocated block of that order
     */
    public void freePages(long page, int order) {
        long pfn = memMap.pageToPfn(page);
        long zone = zones.record(zones.zoneOf(memory, pfn));
        int irqs = locks.lockIrqSave(zone);
        int flags = memory.load32(page + PageLayout.FLAGS);
        int allocated = memory.load32(page + PageLayout.ORDER);
        boolean ours = flags == PageLayout.HEAD && allocated == order;
        if (ours) {
            clear(page);
            changeFree(zone, 1 << order);
            merge(zone, pfn, order);
        }
        locks.unlockIrqRestore(zone, irqs);
        if (!ours) {
            throw new KernelBug("free of page frame 0x" + Long.toHexString(pfn) + " with order " + order
                    + ", which is not an allocated block of that order (flags " + PageLayout.flags(flags) + ", order " + allocated + ")");
        }
    }

    /** {@code free_pages}, by linear address; 0 is legal. */
    public void freePagesAt(long va, int order) {
        if (va == 0) {
            return;
        }
        long page = memMap.virtToPage(va);
        if (page == 0) {
            throw new KernelBug("free_pages of 0x" + Long.toHexString(va) + ", which is not an address of the linear map");
        }
        freePages(page, order);
    }

    /** Boot's way in: frames that nobody has had before. */
    void release(long pfn, int order) {
        long zone = zones.record(zones.zoneOf(memory, pfn));
        int flags = locks.lockIrqSave(zone);
        changeFree(zone, 1 << order);
        memory.store32(zone + ZoneLayout.MANAGED, memory.load32(zone + ZoneLayout.MANAGED) + (1 << order));
        merge(zone, pfn, order);
        locks.unlockIrqRestore(zone, flags);
    }

    private void clear(long page) {
        memory.store32(page + PageLayout.FLAGS, 0);
        memory.store32(page + PageLayout.ORDER, 0);
        memory.store32(page + PageLayout.COUNT, 0);
    }

    /** As long as the buddy is a free block of the same order, the two become one of the next. */
    private void merge(long zone, long pfn, int order) {
        while (order < Zones.MAX_ORDER - 1) {
            long buddyPfn = pfn ^ 1L << order;
            if (!isFreeBlock(zone, buddyPfn, order)) {
                break;
            }
            removeFree(ZoneLayout.freeArea(zone, order), memMap.pfnToPage(buddyPfn));
            pfn &= ~(1L << order);
            order++;
        }
        addFree(zone, memMap.pfnToPage(pfn), order);
    }

    private boolean isFreeBlock(long zone, long pfn, int order) {
        long start = memory.loadAddress(zone + ZoneLayout.START_PFN);
        long end = start + memory.loadAddress(zone + ZoneLayout.SPANNED);
        if (pfn < start || pfn + (1L << order) > end) {
            return false;
        }
        long page = memMap.pfnToPage(pfn);
        return (memory.load32(page + PageLayout.FLAGS) & PageLayout.BUDDY) != 0 && memory.load32(page + PageLayout.ORDER) == order;
    }

    // ---- the free lists; the zone's lock is held ----

    private void addFree(long zone, long page, int order) {
        long area = ZoneLayout.freeArea(zone, order);
        memory.store32(page + PageLayout.FLAGS, PageLayout.BUDDY);
        memory.store32(page + PageLayout.ORDER, order);
        ListHead.add(memory, page + PageLayout.LRU, area);
        memory.store32(area + ZoneLayout.NR_FREE, memory.load32(area + ZoneLayout.NR_FREE) + 1);
    }

    private void removeFree(long area, long page) {
        ListHead.delete(memory, page + PageLayout.LRU);
        memory.store32(page + PageLayout.FLAGS, 0);
        memory.store32(page + PageLayout.ORDER, 0);
        memory.store32(area + ZoneLayout.NR_FREE, memory.load32(area + ZoneLayout.NR_FREE) - 1);
    }

    private void changeFree(long zone, int pages) {
        memory.store32(zone + ZoneLayout.FREE, memory.load32(zone + ZoneLayout.FREE) + pages);
    }
}

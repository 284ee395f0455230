package ferrite.kernel.mm;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.ListHead;

/**
 * {@code free_area}: a zone's free blocks by order. A block is split when a smaller one is wanted, and merged with its buddy when both are free
 * (LDD3 pages 221-223). The caller holds the zone's lock, with interrupts off.
 */
final class FreeAreas {

    private final KernelMemory memory;
    private final MemMap memMap;

    FreeAreas(KernelMemory memory, MemMap memMap) {
        this.memory = memory;
        this.memMap = memMap;
    }

    /** Takes the smallest block that is large enough, and gives back the halves that are not needed. Returns its head, or 0. */
    long take(long zone, int order) {
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

    /** Gives a block back, whose record is all zero; as long as its buddy is a free block of the same order, the two become one of the next. */
    void giveBack(long zone, long page, int order) {
        changeFree(zone, 1 << order);
        long pfn = memMap.pageToPfn(page);
        int size = order;
        while (size < Zones.MAX_ORDER - 1) {
            long buddyPfn = pfn ^ 1L << size;
            if (!isFreeBlock(zone, buddyPfn, size)) {
                break;
            }
            removeFree(ZoneLayout.freeArea(zone, size), memMap.pfnToPage(buddyPfn));
            pfn &= ~(1L << size);
            size++;
        }
        addFree(zone, memMap.pfnToPage(pfn), size);
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

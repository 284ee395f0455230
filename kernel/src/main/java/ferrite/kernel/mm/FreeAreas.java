package ferrite.kernel.mm;

import static ferrite.kernel.mm.FreeAreaLayout.NR_FREE;
import static ferrite.kernel.mm.PageLayout.FLAGS;
import static ferrite.kernel.mm.PageLayout.LRU;
import static ferrite.kernel.mm.PageLayout.ORDER;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.core.AllocatorEvent;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.core.Tracepoint;

/**
 * {@code free_area}: a zone's free blocks by order. A block is split for a smaller request, and merged with its buddy
 * when both are free (LDD3 pages 221-223). The caller holds the zone's lock, with interrupts off.
 *
 * <p>While a zone has plenty of memory, the frame after an allocated block is kept out of use as its <i>guard</i>, so
 * that {@link PageAccessChecks} notices writes past the block. It is released with the block, or when memory is short.
 * Guards are not counted as free.
 */
final class FreeAreas {

    private final KernelMemory memory;
    private final MemMap memMap;
    private final Tracepoint<AllocatorEvent> events;
    private final boolean guarding;

    FreeAreas(KernelBase base, MemMap memMap) {
        this.memory = base.memory();
        this.memMap = memMap;
        this.events = base.events().allocators();
        this.guarding = base.commandLine().get("guard_pages", "on").equals("on");
    }

    /** Takes a block, with a guard if possible. Returns its head, or 0. */
    long take(long zone, int order) {
        long page = guarding ? takeGuarded(zone, order) : 0;
        return page != 0 ? page : takeSmallest(zone, order);
    }

    /** Takes the smallest block that is large enough, and puts the unused halves back. */
    private long takeSmallest(long zone, int order) {
        for (int found = order; found < Zones.MAX_ORDER; found++) {
            long area = ZoneLayout.FREE_AREA.at(zone, found);
            long node = ListHead.first(memory, area);
            if (node != area) {
                long page = LRU.containerOf(node);
                removeFree(area, page);
                split(zone, page, found, order);
                changeFree(zone, -(1 << order));
                return page;
            }
        }
        return 0;
    }

    private void split(long zone, long page, int from, int to) {
        if (events.isOn() && from > to) {
            tell(AllocatorEvent.Kind.SPLIT, page, from, to);
        }
        for (int order = from - 1; order >= to; order--) {
            addFree(zone, pageAfter(page, order), order);
        }
    }

    /** Frees a block and its guard. The block's record is all zero. */
    void giveBack(long zone, long page, int order) {
        merge(zone, page, order);
        long after = pageAfter(page, order);
        if (guarding && memMap.isPage(after) && FLAGS.get(memory, after) == PageLayout.GUARD) {
            lift(zone, after);
        }
    }

    /** Merges a free block with its buddy, as long as the buddy is free and of the same order. */
    private void merge(long zone, long page, int order) {
        changeFree(zone, 1 << order);
        long pfn = memMap.pageToPfn(page);
        int size = order;
        while (size < Zones.MAX_ORDER - 1) {
            long buddyPfn = pfn ^ 1L << size;
            if (!isFreeBlock(zone, buddyPfn, size)) {
                break;
            }
            removeFree(ZoneLayout.FREE_AREA.at(zone, size), memMap.pfnToPage(buddyPfn));
            if (events.isOn()) {
                tell(AllocatorEvent.Kind.MERGE, memMap.pfnToPage(pfn & ~(1L << size)), size, size + 1);
            }
            pfn &= ~(1L << size);
            size++;
        }
        addFree(zone, memMap.pfnToPage(pfn), size);
    }

    /** Tells debuggers of a step. The zone is locked, so no listener halts the machine here. */
    private void tell(AllocatorEvent.Kind kind, long page, int order, int after) {
        events.tell(new AllocatorEvent(kind, memMap.pageToPfn(page) << AddressSpace.PAGE_SHIFT, order, after, null));
    }

    private boolean isFreeBlock(long zone, long pfn, int order) {
        long page = memMap.pfnToPage(pfn);
        return isInZone(zone, pfn, order) && isFreeHead(page) && ORDER.get(memory, page) == order;
    }

    private boolean isInZone(long zone, long pfn, int order) {
        long start = ZoneLayout.START_PFN.get(memory, zone);
        long end = start + ZoneLayout.SPANNED.get(memory, zone);
        return pfn >= start && pfn + (1L << order) <= end;
    }

    private boolean isFreeHead(long page) {
        return (FLAGS.get(memory, page) & PageLayout.BUDDY) != 0;
    }

    // ---- guards ----

    /**
     * Takes the smallest block that is followed by a free frame. Returns 0 if there is none, or if the zone would fall
     * to its high watermark.
     */
    private long takeGuarded(long zone, int order) {
        long left = ZoneLayout.FREE.get(memory, zone) - (1L << order);
        for (int found = order; found < Zones.MAX_ORDER
                && left > ZoneLayout.WATERMARK_HIGH.get(memory, zone); found++) {
            long area = ZoneLayout.FREE_AREA.at(zone, found);
            long node = ListHead.first(memory, area);
            long page = LRU.containerOf(node);
            if (node != area && (found > order || canBeGuarded(zone, page, order))) {
                removeFree(area, page);
                split(zone, page, found, order);
                changeFree(zone, -(1 << order));
                guard(zone, pageAfter(page, order));
                return page;
            }
        }
        return 0;
    }

    private boolean canBeGuarded(long zone, long page, int order) {
        long after = pageAfter(page, order);
        return isInZone(zone, memMap.pageToPfn(after), 0) && isFreeHead(after);
    }

    private static long pageAfter(long page, int order) {
        return page + ((long) PageLayout.SIZE << order);
    }

    /** Turns the first frame of a free block into a guard; the others stay free, in blocks of growing order. */
    private void guard(long zone, long page) {
        int order = ORDER.get(memory, page);
        removeFree(ZoneLayout.FREE_AREA.at(zone, order), page);
        if (order > 0) {
            tell(AllocatorEvent.Kind.SPLIT, page, order, 0);
        }
        for (int rest = 0; rest < order; rest++) {
            addFree(zone, page + ((long) PageLayout.SIZE << rest), rest);
        }
        FLAGS.set(memory, page, PageLayout.GUARD);
        ListHead.add(memory, LRU.at(page), ZoneLayout.GUARDS.at(zone));
        changeFree(zone, -1);
        changeGuards(zone, 1);
    }

    /** Turns a guard into a free page. */
    private void lift(long zone, long page) {
        ListHead.delete(memory, LRU.at(page));
        FLAGS.set(memory, page, 0);
        changeGuards(zone, -1);
        merge(zone, page, 0);
    }

    /** Lifts any guard of a zone. Returns false if it has none. */
    boolean liftOne(long zone) {
        long node = ListHead.first(memory, ZoneLayout.GUARDS.at(zone));
        if (node == ZoneLayout.GUARDS.at(zone)) {
            return false;
        }
        lift(zone, LRU.containerOf(node));
        return true;
    }

    private void changeGuards(long zone, int change) {
        ZoneLayout.NR_GUARDS.add(memory, zone, change);
    }

    // ---- lists and counts ----

    private void addFree(long zone, long page, int order) {
        long area = ZoneLayout.FREE_AREA.at(zone, order);
        FLAGS.set(memory, page, PageLayout.BUDDY);
        ORDER.set(memory, page, order);
        ListHead.add(memory, LRU.at(page), area);
        NR_FREE.add(memory, area, 1);
    }

    private void removeFree(long area, long page) {
        ListHead.delete(memory, LRU.at(page));
        FLAGS.set(memory, page, 0);
        ORDER.set(memory, page, 0);
        NR_FREE.add(memory, area, -1);
    }

    private void changeFree(long zone, int pages) {
        ZoneLayout.FREE.add(memory, zone, pages);
    }
}

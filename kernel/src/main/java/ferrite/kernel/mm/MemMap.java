package ferrite.kernel.mm;

import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.AddressSpace;

/** {@code mem_map}: converts between frames, their {@code struct page} and, in low memory, their linear addresses. */
public final class MemMap {

    private final long base;
    private final long firstPfn;
    private final long frames;
    private final long lowFrames;

    /**
     * @param base      address of the first frame's record
     * @param frames    frames of RAM
     * @param lowFrames frames that the linear map shows
     */
    public MemMap(AddressSpace space, long base, long frames, long lowFrames) {
        this.base = base;
        this.firstPfn = space.physOffset() >>> AddressSpace.PAGE_SHIFT;
        this.frames = frames;
        this.lowFrames = lowFrames;
    }

    public long firstPfn() {
        return firstPfn;
    }

    public long endPfn() {
        return firstPfn + frames;
    }

    public long lowEndPfn() {
        return firstPfn + lowFrames;
    }

    public boolean isValid(long pfn) {
        return pfn >= firstPfn && pfn < endPfn();
    }

    public long pfnToPage(long pfn) {
        return base + (pfn - firstPfn << PageLayout.SHIFT);
    }

    public long pageToPfn(long page) {
        return (page - base >>> PageLayout.SHIFT) + firstPfn;
    }

    /** Whether this is the address of a frame's record. */
    public boolean isPage(long page) {
        return page >= base && page < base + (frames << PageLayout.SHIFT) && (page - base) % PageLayout.SIZE == 0;
    }

    /** Returns the linear address of a page's memory; 0 for high memory, which has none. */
    public long pageAddress(long page) {
        long frame = page - base >>> PageLayout.SHIFT;
        return frame < lowFrames ? AddressSpace.PAGE_OFFSET + (frame << AddressSpace.PAGE_SHIFT) : 0;
    }

    /** Returns the page at a linear address; 0 for other addresses. */
    public long virtToPage(long va) {
        long frame = va - AddressSpace.PAGE_OFFSET >>> AddressSpace.PAGE_SHIFT;
        return frame < lowFrames ? base + (frame << PageLayout.SHIFT) : 0;
    }

    /**
     * Returns the head of the block that a page lies in, free or allocated; a reserved page is its own head. Blocks are
     * aligned to their size, so each order has one candidate. Returns 0 if no block contains the page, which happens
     * only in a corrupt map.
     */
    public long head(ReadableMemory memory, long page) {
        long pfn = pageToPfn(page);
        for (int order = 0; order < Zones.MAX_ORDER; order++) {
            long candidatePfn = pfn & -1L << order;
            if (!isValid(candidatePfn)) {
                break;
            }
            long candidate = pfnToPage(candidatePfn);
            int flags = PageLayout.FLAGS.get(memory, candidate);
            if ((flags & PageLayout.RESERVED) != 0) {
                return candidate == page ? page : 0;
            }
            if (flags != 0) {
                return PageLayout.ORDER.get(memory, candidate) >= order ? candidate : 0;
            }
        }
        return 0;
    }
}

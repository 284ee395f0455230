package ferrite.kernel.dma;

import ferrite.kernel.base.ResourceTracker;
import ferrite.kernel.check.Rule;
import ferrite.kernel.mm.MemMap;

/** Mapping of scatterlists: the part of {@link DmaMapping} that combines entries into segments. */
final class SgMapping {

    private final DmaMapping dma;
    private final ScatterList lists;
    private final MemMap memMap;
    private final Swiotlb swiotlb;
    private final DmaDebug debug;
    private final ResourceTracker tracker;

    SgMapping(DmaMapping dma, ScatterList lists, MemMap memMap, Swiotlb swiotlb, DmaDebug debug,
            ResourceTracker tracker) {
        this.dma = dma;
        this.lists = lists;
        this.memMap = memMap;
        this.swiotlb = swiotlb;
        this.debug = debug;
        this.tracker = tracker;
    }

    /** See {@link DmaMapping#dmaMapSg}. */
    int map(long dev, long sgl, int entries, int direction) {
        if (!mayMapAll(dev, sgl, entries, direction)) {
            return 0;
        }
        long segment = 0;
        int segments = 0;
        long sg = sgl;
        for (int i = 0; i < entries; i++, sg = lists.sgNext(sg)) {
            int length = lists.sgLength(sg);
            long address = dma.mapped(dev, lists.sgPhys(sg), length);
            if (address == DmaAddress.DMA_MAPPING_ERROR) {
                endList(segments == 0 ? 0 : lists.sgNext(segment), sgl, segments);
                forEachSegment(sgl, segments, (each, number) -> release(lists.sgDmaAddress(each), false));
                return 0;
            }
            if (segments > 0 && canMerge(dev, segment, address, length)) {
                lists.setDma(segment, lists.sgDmaAddress(segment), lists.sgDmaLen(segment) + length);
            } else {
                segment = segments == 0 ? sgl : lists.sgNext(segment);
                segments++;
                lists.setDma(segment, address, length);
            }
        }
        endList(segments < entries ? lists.sgNext(segment) : 0, sgl, segments);
        forEachSegment(sgl, segments, (each, number) -> debug.mapped(dev, swiotlb.original(lists.sgDmaAddress(each)),
                lists.sgDmaAddress(each), lists.sgDmaLen(each), direction, DmaDebug.Call.LIST, entries));
        tracker.took(ResourceTracker.Kind.DMA_LIST, sgl, entries);
        return segments;
    }

    /** Marks the end of the segments with a length of 0, where unmapping stops. */
    private void endList(long after, long sgl, int segments) {
        if (after != 0) {
            lists.setDma(after, 0, 0);
        } else if (segments == 0) {
            lists.setDma(sgl, 0, 0);
        }
    }

    /**
     * Returns whether an entry may extend a segment. Bounced entries stay separate segments, because their slots are
     * freed one mapping at a time.
     */
    private boolean canMerge(long dev, long segment, long address, int length) {
        long start = lists.sgDmaAddress(segment);
        long total = (long) lists.sgDmaLen(segment) + length;
        return start + lists.sgDmaLen(segment) == address && total <= (dma.dmaGetMaxSegSize(dev) & 0xffff_ffffL)
                && !DmaMapping.crosses(start, total, dma.dmaGetSegBoundary(dev))
                && !swiotlb.contains(start) && !swiotlb.contains(address);
    }

    private boolean mayMapAll(long dev, long sgl, int entries, int direction) {
        long sg = sgl;
        for (int i = 0; i < entries; i++, sg = lists.sgNext(sg)) {
            String call = "dma_map_sg, entry " + i + ",";
            if (sg == 0 || !memMap.isPage(lists.sgPage(sg))) {
                dma.refuse(dev, Rule.DMA_BAD_ADDRESS, "dma_map_sg of " + entries + " entries; entry " + i
                        + " is " + (sg == 0 ? "not in the list" : "not set"));
                return false;
            }
            long pa = lists.sgPhys(sg);
            int length = lists.sgLength(sg);
            if (!dma.mayMap(dev, pa, length, direction, call)) {
                return false;
            }
            if (length > (dma.dmaGetMaxSegSize(dev) & 0xffff_ffffL)) {
                dma.refuse(dev, Rule.DMA_SEGMENT_TOO_LONG, call + " of " + length
                        + " bytes; the device takes segments of at most " + dma.dmaGetMaxSegSize(dev));
                return false;
            }
            if (DmaMapping.crosses(pa, length, dma.dmaGetSegBoundary(dev))) {
                dma.refuse(dev, Rule.DMA_BOUNDARY_CROSSED, call + " of " + length
                        + " bytes at physical 0x" + Long.toHexString(pa) + ", crosses a boundary of "
                        + (dma.dmaGetSegBoundary(dev) + 1) + " bytes");
                return false;
            }
        }
        if (entries <= 0) {
            dma.refuse(dev, Rule.DMA_EMPTY_MAPPING, "dma_map_sg of " + entries + " entries");
            return false;
        }
        return true;
    }

    /** See {@link DmaMapping#dmaUnmapSg}. If the first segment is not mapped, the list is left unchanged. */
    void unmap(long dev, long sgl, int entries, int direction) {
        boolean[] mapped = {true};
        forEachSegment(sgl, entries, (segment, i) -> {
            long address = lists.sgDmaAddress(segment);
            mapped[0] = mapped[0] && debug.unmapping(dev, swiotlb.original(address), address, lists.sgDmaLen(segment),
                    direction, DmaDebug.Call.LIST, entries, i == 0);
            if (mapped[0]) {
                release(address, DmaDirection.deviceWrites(direction));
            }
        });
        tracker.gaveBack(ResourceTracker.Kind.DMA_LIST, sgl);
    }

    private void release(long address, boolean copyBack) {
        if (swiotlb.contains(address)) {
            swiotlb.unmap(address, copyBack);
        }
    }

    /** Calls {@code each} for every segment, at most {@code max} of them. A length of 0 ends the segments. */
    void forEachSegment(long sgl, int max, ForEachSg each) {
        long sg = sgl;
        for (int i = 0; i < max && sg != 0 && lists.sgDmaLen(sg) != 0; i++, sg = lists.sgNext(sg)) {
            each.entry(sg, i);
        }
    }
}

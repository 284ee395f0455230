package ferrite.kernel.mm;

import ferrite.kernel.base.AddressSpace;

/**
 * The layout of a cache's objects in a slab:
 *
 * <pre>
 *  | left red zone | object | right red zone | link, mark | allocated by | freed by | padding |
 *                  ^ the object's address, aligned                         + size: next object ^
 * </pre>
 *
 * A cache without checks and constructor has only the object; link and mark lie inside it while it is free. The left
 * red zone is left out where alignment would make it longer than a cache line. A write there hits the bytes after the
 * previous object, which are checked too.
 */
record SlabGeometry(int size, int offset, int redLeft, int redEnd, int track, int align, int order, int objects) {

    static final int CACHE_LINE = 64;

    private static final int WORD = 4;
    private static final int LINK_AND_MARK = 8;
    private static final int MIN_ALIGN = 8;
    private static final int FEWEST_OBJECTS = 4;
    private static final int MAX_GOOD_ORDER = 3;

    /** Lays out objects. Returns null if they are too large for any slab. */
    static SlabGeometry of(int objectSize, int align, int flags, boolean constructed) {
        int alignment = Math.max(MIN_ALIGN,
                Math.max(align, (flags & SlabFlags.SLAB_HWCACHE_ALIGN) != 0 ? lineAlignment(objectSize) : 0));
        boolean redZone = (flags & SlabFlags.SLAB_RED_ZONE) != 0;
        boolean outside = constructed || (flags & SlabFlags.DEBUG) != 0;
        int redLeft = redZone && alignment <= CACHE_LINE ? alignment : 0;
        int end = roundUp(objectSize, WORD) + (redZone ? WORD : 0);
        int redEnd = redZone ? end : objectSize;
        int offset = outside ? end : 0;
        end = outside ? end + LINK_AND_MARK : Math.max(end, LINK_AND_MARK);
        int track = end;
        end += (flags & SlabFlags.SLAB_STORE_USER) != 0 ? 2 * TrackLayout.BYTES : 0;
        int size = roundUp(redLeft + end, alignment);
        int order = order(size);
        return order >= Zones.MAX_ORDER ? null
                : new SlabGeometry(size, offset, redLeft, redEnd, track, alignment, order,
                        Math.min((AddressSpace.PAGE_SIZE << order) / size, KmemCacheLayout.OBJECTS_MASK));
    }

    /**
     * Returns a cache line, or the smallest fraction of one that holds the object. Small objects would waste most of a
     * line.
     */
    private static int lineAlignment(int objectSize) {
        int alignment = CACHE_LINE;
        while (objectSize <= alignment / 2) {
            alignment /= 2;
        }
        return alignment;
    }

    private static int roundUp(int bytes, int multiple) {
        return (bytes + multiple - 1) / multiple * multiple;
    }

    /**
     * Linux's {@code calculate_order}: a slab holds a few objects and wastes little. The limits are relaxed until an
     * order fits.
     */
    private static int order(int size) {
        for (int objects = FEWEST_OBJECTS; objects > 1; objects--) {
            for (int fraction = 16; fraction >= 4; fraction /= 2) {
                int order = order(size, objects, fraction);
                if (order <= MAX_GOOD_ORDER) {
                    return order;
                }
            }
        }
        return Kmalloc.order(size);
    }

    private static int order(int size, int objects, int fraction) {
        int order = Kmalloc.order((long) objects * size);
        while (order <= MAX_GOOD_ORDER
                && (AddressSpace.PAGE_SIZE << order) % size > (AddressSpace.PAGE_SIZE << order) / fraction) {
            order++;
        }
        return order;
    }
}

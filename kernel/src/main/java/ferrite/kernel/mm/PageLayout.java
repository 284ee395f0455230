package ferrite.kernel.mm;

/**
 * {@code struct page}: one record of 32 bytes for each page frame. All zero is a valid tail page: a frame inside a block whose head says
 * everything. The first frame of a block, free or not, is its head.
 */
public final class PageLayout {

    public static final int SIZE = 32;
    public static final int SHIFT = 5;

    public static final int FLAGS = 0;
    /** References, {@code _refcount}: 1 when allocated, 0 when free. */
    public static final int COUNT = 4;
    /** The order of the block that this page heads. */
    public static final int ORDER = 8;
    /** Links on a free list (one way only on a hart's own), or on a cache's list of slabs. */
    public static final int LRU = 12;
    /** The cache that this slab belongs to. */
    public static final int SLAB_CACHE = 20;
    /** Of high memory, which is never a slab: where kmap shows the page, or 0. */
    public static final int VIRTUAL = 20;
    /** The first free object of this slab. */
    public static final int FREELIST = 24;
    /** Of a slab: how many objects are taken, how many there are, and who may take them, see {@link KmemCacheLayout}. */
    public static final int COUNTERS = 28;

    /** Never given to the page allocator. */
    public static final int RESERVED = 1;
    /** Heads a free block. */
    public static final int BUDDY = 1 << 1;
    /** Heads an allocated block. */
    public static final int HEAD = 1 << 2;
    /** The block is a slab. */
    public static final int SLAB = 1 << 3;
    /** A free page on a hart's own list, see {@link PageSets}. */
    public static final int PCP = 1 << 4;
    /** Kept free behind an allocated block, see {@link FreeAreas}. */
    public static final int GUARD = 1 << 5;

    private PageLayout() { }

    /** The names of the flags that are set. */
    public static String flags(int flags) {
        StringBuilder names = new StringBuilder();
        String[] all = {"reserved", "buddy", "head", "slab", "pcp", "guard"};
        for (int bit = 0; bit < all.length; bit++) {
            if ((flags >> bit & 1) != 0) {
                names.append(names.isEmpty() ? "" : "|").append(all[bit]);
            }
        }
        return names.isEmpty() ? "tail" : names.toString();
    }
}

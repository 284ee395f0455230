package ferrite.kernel.mm;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;
import java.util.List;

/**
 * {@code struct page}: one record of 32 bytes for each page frame. All zero is a valid tail page: a frame inside a
 * block, described by the block's head. The head is the first frame of a block, free or not.
 */
public final class PageLayout {

    public static final int SIZE = 32;
    public static final int SHIFT = 5;

    public static final Struct STRUCT = Struct.of("page", SIZE);

    /** See {@link #RESERVED} and the others below. */
    public static final Word FLAGS = STRUCT.u32("flags", 0);
    /** References: 1 when allocated, 0 when free. */
    public static final Word COUNT = STRUCT.s32("_refcount", 4);
    /** The order of the block that this page heads. */
    public static final Word ORDER = STRUCT.u32("order", 8);
    /** Links on a zone's free list, or on a cache's list of slabs. */
    public static final Embedded LRU = STRUCT.list("lru", 12);
    /** The next page on a hart's own list, see {@link PageSets}; 0 at its end. */
    static final Pointer PCP_NEXT = STRUCT.union(LRU).pointer("pcp_next", 12, "struct page");
    /** The cache that this slab belongs to. */
    public static final Pointer SLAB_CACHE = STRUCT.pointer("slab_cache", 20, "struct kmem_cache");
    /** For a page of high memory, which is never a slab: the address at which kmap maps it, or 0. */
    public static final Pointer VIRTUAL = STRUCT.union(SLAB_CACHE).pointer("virtual", 20, "void");
    /** The first free object of this slab. */
    public static final Pointer FREELIST = STRUCT.pointer("freelist", 24, "void");
    /** For a page of a program: the page-table entries that lead to it; otherwise 0. */
    public static final Word MAPCOUNT = STRUCT.union(FREELIST).u32("_mapcount", 24);
    /** For a slab: allocated objects, all objects, and whether a hart uses it, see {@link KmemCacheLayout}. */
    public static final Word COUNTERS = STRUCT.u32("counters", 28);
    /** For a page of a program: the pins of {@code pin_user_pages}; otherwise 0. */
    public static final Word PINCOUNT = STRUCT.union(COUNTERS).u32("_pincount", 28);

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
    /** Kept free after an allocated block, see {@link FreeAreas}. */
    public static final int GUARD = 1 << 5;

    /** The memory was written since it was read from its file: see {@code set_page_dirty}. Cleared when it is freed. */
    public static final int DIRTY = 1 << 6;

    /** The names of the flags, from bit 0 on. */
    static final List<String> FLAG_NAMES = List.of("reserved", "buddy", "head", "slab", "pcp", "guard",
            "dirty");

    private PageLayout() { }

    /** Returns the names of the flags that are set. */
    public static String flags(int flags) {
        StringBuilder names = new StringBuilder();
        for (int bit = 0; bit < FLAG_NAMES.size(); bit++) {
            if ((flags >> bit & 1) != 0) {
                names.append(names.isEmpty() ? "" : "|").append(FLAG_NAMES.get(bit));
            }
        }
        return names.isEmpty() ? "tail" : names.toString();
    }
}

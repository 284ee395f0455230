package ferrite.kernel.mm;

/** What {@link Vmalloc} keeps. */
public final class VmallocLayout {

    static final int LOCK = 0;
    /** Root of the tree of areas. */
    static final int TREE = 4;
    /** The lookaside cache of their records. */
    static final int CACHE = 8;
    /** Those whose {@code vfree} was put off, linked. */
    static final int DEFERRED = 12;
    /** How many areas have been given back so far. */
    static final int FREED = 16;
    /** Pages in areas. */
    static final int PAGES = 20;
    /** The record that ends the tree. */
    static final int END = 32;
    /** Descriptions of the areas that were given back last, in a ring. */
    static final int HISTORY = END + 96;
    static final int HISTORY_ENTRIES = 64;

    public static final int BYTES = HISTORY + HISTORY_ENTRIES * VmapAreaLayout.DESCRIPTION;

    private VmallocLayout() { }
}

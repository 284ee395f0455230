package ferrite.hardware.hart;

import ferrite.hardware.bus.CodePage;
import ferrite.hardware.bus.Ram;

/**
 * The short way from a virtual address to a word of RAM, for one privilege mode of one hart. It is a cache of the
 * architectural {@link Tlb}, entry by entry: slot <i>i</i> here holds nothing, or what slot <i>i</i> there translates. An
 * access that hits costs a compare of the tag and an array load.
 *
 * <p>A tag is the address of the page, and {@link #NONE} matches no address. The bits below the page's that an aligned
 * access has clear take part in the compare, so that a misaligned access misses, as does an address of more than 32 bits.
 */
public final class FastPath {

    static final int SLOTS = Tlb.SLOTS;

    private static final long NONE = -1;

    public final long[] loadTag = new long[SLOTS];
    public final long[] storeTag = new long[SLOTS];
    public final long[] fetchTag = new long[SLOTS];
    public final int[][] loadPage = new int[SLOTS][];
    public final int[][] storePage = new int[SLOTS][];
    final CodePage[] fetchPage = new CodePage[SLOTS];
    /** Pages that are code have no {@link #storeTag}, but this one: who stores there has to say so to {@link #codePage}. */
    final long[] codeTag = new long[SLOTS];
    final CodePage[] codePage = new CodePage[SLOTS];
    private boolean used;

    FastPath() {
        used = true;
        dropAll();
    }

    public static int slot(long va) {
        return (int) (va >>> Ram.PAGE_SHIFT) & (SLOTS - 1);
    }

    /** What an aligned access to {@code va} of {@code 1 + low} bytes compares with the tag. */
    public static long tag(long va, int low) {
        return va & (-Ram.PAGE_BYTES | low);
    }

    void putLoads(long va, int[] page) {
        int slot = slot(va);
        used = true;
        loadTag[slot] = tag(va, 0);
        loadPage[slot] = page;
    }

    /**
     * @param code what is decoded of the page, or null
     */
    void putStores(long va, int[] page, CodePage code) {
        int slot = slot(va);
        used = true;
        storeTag[slot] = code == null ? tag(va, 0) : NONE;
        codeTag[slot] = code == null ? NONE : tag(va, 0);
        storePage[slot] = page;
        codePage[slot] = code;
    }

    void putFetches(long va, CodePage page) {
        int slot = slot(va);
        used = true;
        fetchTag[slot] = tag(va, 0);
        fetchPage[slot] = page;
    }

    /**
     * Stores into a page that is code, if this knows the way.
     *
     * @return whether it was stored
     */
    boolean storeToCode(int va, int width, int value) {
        int slot = slot(va);
        if (codeTag[slot] != tag(va & 0xffff_ffffL, width - 1)) {
            return false;
        }
        Ram.insert(storePage[slot], va & 0xffff_ffffL, width, value);
        codePage[slot].stored(va & Ram.PAGE_BYTES - 1, width);
        return true;
    }

    void drop(int slot) {
        loadTag[slot] = NONE;
        storeTag[slot] = NONE;
        codeTag[slot] = NONE;
        fetchTag[slot] = NONE;
    }

    /** Forgets the ways into a page for stores. */
    void dropStores(int[] page) {
        for (int slot = 0; slot < SLOTS; slot++) {
            if (storePage[slot] == page) {
                storeTag[slot] = NONE;
                codeTag[slot] = NONE;
            }
        }
    }

    void dropAll() {
        if (used) {
            java.util.Arrays.fill(loadTag, NONE);
            java.util.Arrays.fill(storeTag, NONE);
            java.util.Arrays.fill(codeTag, NONE);
            java.util.Arrays.fill(fetchTag, NONE);
            used = false;
        }
    }
}

package ferrite.hardware.hart;

import ferrite.hardware.bus.CodePage;
import ferrite.hardware.bus.Ram;
import java.util.Arrays;

/**
 * The fast path from a virtual address to a word of RAM, for one privilege mode of one hart. It is a cache of the
 * architectural {@link Tlb}: a translated address has a slot here only while it has its entry there. An access that
 * hits costs a comparison of the tag and an array load.
 *
 * <p>A tag is the address of the page, and {@link #NONE} matches no address. The comparison includes the low bits that
 * are zero in an aligned access. A misaligned access therefore misses, and so does an address of more than 32 bits.
 */
public final class FastPath {

    /** Enough for 32 MiB. */
    public static final int SLOTS = 8192;

    private static final long NONE = -1;
    /** Number of fills up to which dropping everything looks only at the slots that were filled. */
    private static final int FEW = 256;

    public final long[] loadTag = new long[SLOTS];
    public final long[] storeTag = new long[SLOTS];
    public final long[] fetchTag = new long[SLOTS];
    public final int[][] loadPage = new int[SLOTS][];
    public final int[][] storePage = new int[SLOTS][];
    final CodePage[] fetchPage = new CodePage[SLOTS];
    /**
     * Tags of pages that are code. They have no {@link #storeTag}, because a store there must be reported to {@link
     * #codePage}.
     */
    final long[] codeTag = new long[SLOTS];
    final CodePage[] codePage = new CodePage[SLOTS];
    /** The slots that were filled since all were dropped, if they are few. One may be there several times. */
    private final short[] filled = new short[FEW];
    private int fills = FEW + 1;

    FastPath() {
        dropAll();
    }

    private void noteFill(int slot) {
        if (fills < FEW) {
            filled[fills] = (short) slot;
        }
        fills = Math.min(fills + 1, FEW + 1);
    }

    public static int slot(long va) {
        return (int) (va >>> Ram.PAGE_SHIFT) & (SLOTS - 1);
    }

    /** Returns the value that an aligned access to {@code va} of {@code 1 + low} bytes compares with the tag. */
    public static long tag(long va, int low) {
        return va & (-Ram.PAGE_BYTES | low);
    }

    void putLoads(long va, int[] page) {
        int slot = slot(va);
        noteFill(slot);
        loadTag[slot] = tag(va, 0);
        loadPage[slot] = page;
    }

    /**
     * Enters a page for stores.
     *
     * @param code the code page of the page, or null
     */
    void putStores(long va, int[] page, CodePage code) {
        int slot = slot(va);
        noteFill(slot);
        storeTag[slot] = code == null ? tag(va, 0) : NONE;
        codeTag[slot] = code == null ? NONE : tag(va, 0);
        storePage[slot] = page;
        codePage[slot] = code;
    }

    void putFetches(long va, CodePage page) {
        int slot = slot(va);
        noteFill(slot);
        fetchTag[slot] = tag(va, 0);
        fetchPage[slot] = page;
    }

    /**
     * Stores into a page that is code, if it has an entry.
     *
     * @return whether the value was stored
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

    /** Drops the entries for stores into a page. */
    void dropStores(int[] page) {
        int few = fills <= FEW ? fills : SLOTS;
        for (int i = 0; i < few; i++) {
            int slot = fills <= FEW ? filled[i] : i;
            if (storePage[slot] == page) {
                storeTag[slot] = NONE;
                codeTag[slot] = NONE;
            }
        }
    }

    void dropAll() {
        if (fills <= FEW) {
            for (int i = 0; i < fills; i++) {
                drop(filled[i]);
            }
        } else {
            Arrays.fill(loadTag, NONE);
            Arrays.fill(storeTag, NONE);
            Arrays.fill(codeTag, NONE);
            Arrays.fill(fetchTag, NONE);
        }
        fills = 0;
    }
}

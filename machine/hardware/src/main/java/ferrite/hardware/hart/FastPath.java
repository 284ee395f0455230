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
    /** Pages of the address space. */
    private static final int PAGES = 1 << Integer.SIZE - Ram.PAGE_SHIFT;

    /** Has the highest bit of an offset in a page, which no comparison includes. */
    private static final int NONE = Ram.PAGE_BYTES / 2;
    /** Number of filled slots above which dropping everything does not look for them. */
    private static final int MANY = 1024;

    public final int[] loadTag = new int[SLOTS];
    public final int[] storeTag = new int[SLOTS];
    public final int[] fetchTag = new int[SLOTS];
    public final int[][] loadPage = new int[SLOTS][];
    public final int[][] storePage = new int[SLOTS][];
    final CodePage[] fetchPage = new CodePage[SLOTS];
    /**
     * Tags of pages that are code. They have no {@link #storeTag}, because a store there must be reported to {@link
     * #codePage}.
     */
    final int[] codeTag = new int[SLOTS];
    final CodePage[] codePage = new CodePage[SLOTS];
    /** The slots that were filled since all were dropped. */
    private final SlotSet filled = new SlotSet();
    /** The slots of pages that software can reach only in one address space, or only under SUM. */
    private final SlotSet revocable = new SlotSet();
    /**
     * The pages by the number of the virtual page, for translated code, which needs no tags then. A page is here while
     * a slot leads to it. They are null until there is translated code.
     */
    private int[][] loads;
    private int[][] stores;

    private FastPath() { }

    /**
     * Creates an empty fast path. It is no constructor, which the JVM's compiler would copy into all code that may
     * create one.
     */
    static FastPath create() {
        FastPath path = new FastPath();
        path.fillWithNone();
        return path;
    }

    public static int slot(long va) {
        return (int) (va >>> Ram.PAGE_SHIFT) & (SLOTS - 1);
    }

    /** Returns the value that an aligned access to {@code va} of {@code 1 + low} bytes compares with the tag. */
    public static int tag(int va, int low) {
        return va & (-Ram.PAGE_BYTES | low);
    }

    /** Compares a tag with an address of any size, for an aligned access of {@code 1 + low} bytes. */
    public static boolean matches(int tag, long va, int low) {
        return (tag & 0xffff_ffffL) == (va & (-Ram.PAGE_BYTES | low));
    }

    /** Tells whether a load or store finds a page here. */
    boolean isFast(int op, int va) {
        int slot = slot(va);
        int low = Op.bytes(op) - 1;
        return (Op.isStore(op) ? storeTag[slot] : loadTag[slot]) == tag(va, low);
    }

    void putLoads(long va, int[] page) {
        int slot = slot(va);
        filled.add(slot);
        setLoads(slot, tag((int) va, 0), page);
    }

    /**
     * Enters a page for stores.
     *
     * @param code the code page of the page, or null
     */
    void putStores(long va, int[] page, CodePage code) {
        int slot = slot(va);
        filled.add(slot);
        setStores(slot, code == null ? tag((int) va, 0) : NONE, page);
        codeTag[slot] = code == null ? NONE : tag((int) va, 0);
        codePage[slot] = code;
    }

    void putFetches(long va, CodePage page) {
        int slot = slot(va);
        filled.add(slot);
        fetchTag[slot] = tag((int) va, 0);
        fetchPage[slot] = page;
    }

    /**
     * Stores into a page that is code, if it has an entry.
     *
     * @return whether the value was stored
     */
    boolean storeToCode(int va, int width, int value) {
        int slot = slot(va);
        if (codeTag[slot] != tag(va, width - 1)) {
            return false;
        }
        Ram.insert(storePage[slot], va & 0xffff_ffffL, width, value);
        codePage[slot].stored(va & Ram.PAGE_BYTES - 1, width);
        return true;
    }

    private void setLoads(int slot, int tag, int[] page) {
        set(loads, loadTag[slot], null);
        set(loads, tag, page);
        loadTag[slot] = tag;
        loadPage[slot] = page;
    }

    private void setStores(int slot, int tag, int[] page) {
        set(stores, storeTag[slot], null);
        set(stores, tag, page);
        storeTag[slot] = tag;
        storePage[slot] = page;
    }

    private static void set(int[][] pages, int tag, int[] page) {
        if (pages != null && tag != NONE) {
            pages[tag >>> Ram.PAGE_SHIFT] = page;
        }
    }

    /** Returns the pages for loads by the number of the virtual page; null where loads have no fast path. */
    int[][] loads() {
        if (loads == null) {
            loads = byNumber(loadTag, loadPage, emptyPages());
        }
        return loads;
    }

    /** As {@link #loads}, for stores. */
    int[][] stores() {
        if (stores == null) {
            stores = byNumber(storeTag, storePage, emptyPages());
        }
        return stores;
    }

    /** Creates an empty array for {@link #usePages}. It takes milliseconds, and any thread may do it. */
    static int[][] emptyPages() {
        return new int[PAGES][];
    }

    /** Uses empty arrays for the pages by number, if there are none yet. */
    void usePages(int[][] emptyLoads, int[][] emptyStores) {
        if (loads == null && stores == null) {
            loads = byNumber(loadTag, loadPage, emptyLoads);
            stores = byNumber(storeTag, storePage, emptyStores);
        }
    }

    private static int[][] byNumber(int[] tags, int[][] pages, int[][] all) {
        for (int slot = 0; slot < SLOTS; slot++) {
            set(all, tags[slot], pages[slot]);
        }
        return all;
    }

    void drop(int slot) {
        setLoads(slot, NONE, null);
        setStores(slot, NONE, null);
        codeTag[slot] = NONE;
        fetchTag[slot] = NONE;
    }

    /** Notes that the entry for {@code va} must be dropped when the address space changes, or when SUM is cleared. */
    void noteRevocable(long va) {
        revocable.add(slot(va));
    }

    /** Drops the entries that are noted as revocable. */
    void dropRevocable() {
        if (revocable.size() > MANY) {
            dropAll();
            return;
        }
        for (int i = 0; i < revocable.size(); i++) {
            drop(revocable.get(i));
        }
        revocable.clear();
    }

    /** Drops the entries for stores into a page. */
    void dropStores(int[] page) {
        for (int i = 0; i < filled.size(); i++) {
            int slot = filled.get(i);
            if (storePage[slot] == page) {
                setStores(slot, NONE, null);
                codeTag[slot] = NONE;
            }
        }
    }

    void dropAll() {
        if (filled.size() > MANY && loads == null && stores == null) {
            fillWithNone();
        } else {
            for (int i = 0; i < filled.size(); i++) {
                drop(filled.get(i));
            }
        }
        filled.clear();
        revocable.clear();
    }

    private void fillWithNone() {
        Arrays.fill(loadTag, NONE);
        Arrays.fill(storeTag, NONE);
        Arrays.fill(codeTag, NONE);
        Arrays.fill(fetchTag, NONE);
    }
}

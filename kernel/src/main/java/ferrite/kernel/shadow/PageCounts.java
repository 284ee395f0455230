package ferrite.kernel.shadow;

/** A number for each page of memory, by its address, 0 at first. Constant time. */
final class PageCounts {

    private static final int PAGE_SHIFT = 12;
    private static final int TABLE = 1 << 10;

    private final int[][] tables = new int[TABLE][];
    private final PageChanges changes;
    private int total;

    /** @param changes counts each call of {@link #add} */
    PageCounts(PageChanges changes) {
        this.changes = changes;
    }

    int of(long address) {
        if (total == 0) {
            return 0;
        }
        int[] table = tables[(int) (address >>> 22) & TABLE - 1];
        return table == null ? 0 : table[(int) (address >>> PAGE_SHIFT) & TABLE - 1];
    }

    /** Returns whether no page that a range touches has a number. */
    boolean areNone(long address, long bytes) {
        for (long page = address >>> PAGE_SHIFT; total > 0 && page <= address + bytes - 1 >>> PAGE_SHIFT; page++) {
            if (of(page << PAGE_SHIFT) > 0) {
                return false;
            }
        }
        return true;
    }

    void add(long address, int more) {
        total += more;
        changes.add();
        int high = (int) (address >>> 22) & TABLE - 1;
        if (tables[high] == null) {
            tables[high] = new int[TABLE];
        }
        tables[high][(int) (address >>> PAGE_SHIFT) & TABLE - 1] += more;
    }

    /** Adds a number to each page that a range touches. */
    void add(long address, long bytes, int more) {
        for (long page = address >>> PAGE_SHIFT; page <= address + bytes - 1 >>> PAGE_SHIFT; page++) {
            add(page << PAGE_SHIFT, more);
        }
    }
}

package ferrite.kernel.shadow;

/** A number for each page of memory, by virtual address, 0 at first. Constant time. */
final class PageCounts {

    private static final int PAGE_SHIFT = 12;
    private static final int TABLE = 1 << 10;

    private final int[][] tables = new int[TABLE][];

    int of(long va) {
        int[] table = tables[(int) (va >>> 22) & TABLE - 1];
        return table == null ? 0 : table[(int) (va >>> PAGE_SHIFT) & TABLE - 1];
    }

    void add(long va, int more) {
        int high = (int) (va >>> 22) & TABLE - 1;
        if (tables[high] == null) {
            tables[high] = new int[TABLE];
        }
        tables[high][(int) (va >>> PAGE_SHIFT) & TABLE - 1] += more;
    }
}

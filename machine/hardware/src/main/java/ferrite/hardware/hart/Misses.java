package ferrite.hardware.hart;

/**
 * The loads and stores of translated code that often have no fast path: devices, watched pages, stores into pages that
 * are code. There is room for some; one that has none is counted from the beginning whenever its place is free.
 */
final class Misses {

    /** Misses after which an access is one that often misses. */
    static final int OFTEN = 100;
    private static final int SLOTS = 1 << 10;

    private final int[] pcs = new int[SLOTS];
    private final int[] counts = new int[SLOTS];

    /** Counts a miss. Returns whether the access at {@code pc} is one that often misses since then. */
    boolean note(int pc) {
        int slot = slot(pc);
        if (pcs[slot] != pc) {
            if (counts[slot] >= OFTEN) {
                return false;
            }
            pcs[slot] = pc;
            counts[slot] = 0;
        }
        return counts[slot] < OFTEN && ++counts[slot] == OFTEN;
    }

    boolean areOften(int pc) {
        int slot = slot(pc);
        return pcs[slot] == pc && counts[slot] >= OFTEN;
    }

    private static int slot(int pc) {
        return (pc >>> 1 ^ pc >>> 11) & SLOTS - 1;
    }
}

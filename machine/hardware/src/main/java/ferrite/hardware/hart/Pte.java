package ferrite.hardware.hart;

import ferrite.hardware.bus.Access;

/**
 * An Sv32 page-table entry (privileged specification, section 4.3.1).
 *
 * <pre>
 *  31          20 19          10 9   8 7 6 5 4 3 2 1 0
 * +--------------+--------------+-----+-+-+-+-+-+-+-+-+
 * |    PPN[1]    |    PPN[0]    | RSW |D|A|G|U|X|W|R|V|
 * +--------------+--------------+-----+-+-+-+-+-+-+-+-+
 * </pre>
 */
public final class Pte {

    public static final int V = 1;
    public static final int R = 1 << 1;
    public static final int W = 1 << 2;
    public static final int X = 1 << 3;
    public static final int U = 1 << 4;
    public static final int G = 1 << 5;
    public static final int A = 1 << 6;
    public static final int D = 1 << 7;

    private static final int PPN_SHIFT = 10;

    private Pte() { }

    /** Builds an entry for the page or page table at {@code pa}. */
    public static int of(long pa, int flags) {
        return (int) (pa >>> 12 << PPN_SHIFT) | flags;
    }

    public static boolean isLeaf(int pte) {
        return (pte & (R | W | X)) != 0;
    }

    /** Returns the 34-bit physical address in the entry. */
    public static long pa(int pte) {
        return (pte & 0xffff_ffffL) >>> PPN_SHIFT << 12;
    }

    /**
     * Tells whether the entry is reserved: W without R (table 4.5), or D, A or U in a non-leaf entry (section 4.3.1).
     */
    static boolean isReserved(int pte) {
        return (pte & (R | W)) == W || !isLeaf(pte) && (pte & (D | A | U)) != 0;
    }

    /** Returns the bit that permits an access. */
    static int permission(Access access) {
        return access == Access.FETCH ? X : access == Access.LOAD ? R : W;
    }

    /** Formats the flags that are set, in the order {@code V R W X U G A D}. */
    public static String flags(int pte) {
        StringBuilder out = new StringBuilder();
        for (int bit = 0; bit < 8; bit++) {
            if ((pte >> bit & 1) != 0) {
                out.append(out.isEmpty() ? "" : " ").append("VRWXUGAD".charAt(bit));
            }
        }
        return out.toString();
    }
}

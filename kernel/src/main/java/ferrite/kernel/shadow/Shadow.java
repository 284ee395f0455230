package ferrite.kernel.shadow;

import java.util.Arrays;

/**
 * The state of memory that is allocated in pieces smaller than a page, by virtual address: objects of lookaside caches,
 * blocks of DMA pools, locals on kernel stacks. In pages that are not divided everything may be accessed.
 *
 * <p>A byte of the host holds the state of {@value #GRANULE} bytes. It is 0 if all of them may be accessed, 1 to 3 if
 * only so many of the first may be, and negative if none may:
 *
 * <pre>
 *  object of 10 bytes in a slot of 16      allocated                    freed
 *  +----+----+----+----+                   +---+---+---+-------+        +-------+-------+-------+-------+
 *  | 0-3| 4-7| 8-9 |   |                   | 0 | 0 | 2 | RED   |        | FREED | FREED | FREED | RED   |
 *  +----+----+----+----+                   +---+---+---+-------+        +-------+-------+-------+-------+
 * </pre>
 *
 * <p>The thread that holds the turn may use it. Every call takes constant time for each page.
 */
public final class Shadow {

    /** Bytes of memory for each byte of the shadow. */
    public static final int GRANULE = 4;

    /** Between objects: red zones, padding, and what was not requested. */
    public static final byte RED_ZONE = -1;
    /** An object or block that is free. */
    public static final byte FREED = -2;
    /** The part of a kernel stack below the stack pointer. */
    public static final byte DEAD = -3;

    private static final int PAGE_SHIFT = 12;
    static final int PAGE = 1 << PAGE_SHIFT;
    private static final int GRANULES = PAGE / GRANULE;
    private static final int TABLE = 1 << 10;

    /** The states of a page that is not divided. */
    private static final byte[] WHOLE = {};

    /** The pages' states, in two levels; null for pages of which nothing is known yet. */
    private final byte[][][] tables = new byte[TABLE][][];
    /** The sizes of the pieces that each of these pages is divided into, in two levels. */
    private final int[][] sizes = new int[TABLE][];
    private final PageChanges changes;

    Shadow(PageChanges changes) {
        this.changes = changes;
    }

    private byte[] page(long va) {
        byte[][] table = tables[(int) (va >>> 22) & TABLE - 1];
        return table == null ? null : table[(int) (va >>> PAGE_SHIFT) & TABLE - 1];
    }

    private byte[] makePage(long va) {
        int high = (int) (va >>> 22) & TABLE - 1;
        int low = (int) (va >>> PAGE_SHIFT) & TABLE - 1;
        if (tables[high] == null) {
            tables[high] = new byte[TABLE][];
            sizes[high] = new int[TABLE];
        }
        if (tables[high][low] == null || tables[high][low] == WHOLE) {
            tables[high][low] = new byte[GRANULES];
            changes.add();
        }
        return tables[high][low];
    }

    /**
     * Divides whole pages into pieces, all of which are free. The rest are red zones.
     *
     * @param first  the address of the first piece
     * @param stride the distance from piece to piece
     * @param size   bytes of a piece
     */
    public void divide(long va, int bytes, long first, int stride, int size) {
        mark(va, bytes, RED_ZONE);
        for (long page = va; page < va + bytes; page += PAGE) {
            sizes[(int) (page >>> 22) & TABLE - 1][(int) (page >>> PAGE_SHIFT) & TABLE - 1] = size;
        }
        for (long piece = first; piece + size <= va + bytes; piece += stride) {
            mark(piece, size, FREED);
        }
    }

    /** Returns the size of the pieces that the page of an address is divided into. It has a shadow. */
    public int pieceSize(long va) {
        return sizes[(int) (va >>> 22) & TABLE - 1][(int) (va >>> PAGE_SHIFT) & TABLE - 1];
    }

    /** Marks bytes, from the beginning of a granule to the end of one, with a negative state. */
    public void mark(long va, int bytes, byte state) {
        long end = va + bytes;
        for (long at = va; at < end; at = (at | PAGE - 1) + 1) {
            long stop = Math.min(end, (at | PAGE - 1) + 1);
            int from = (int) (at & PAGE - 1);
            Arrays.fill(makePage(at), from / GRANULE, (from + (int) (stop - at) + GRANULE - 1) / GRANULE, state);
        }
    }

    /** Lets the first bytes of an object be accessed, and marks the rest of it as not requested. */
    public void allow(long va, int bytes, int size) {
        int at = (int) (va & PAGE - 1);
        if (at + size <= PAGE) {
            allow(makePage(va), at / GRANULE, bytes, size);
            return;
        }
        int whole = bytes & -GRANULE;
        if (whole > 0) {
            mark(va, whole, (byte) 0);
        }
        if (size > whole) {
            mark(va + whole, size - whole, RED_ZONE);
        }
        if (bytes > whole) {
            makePage(va + whole)[(int) ((va + whole & PAGE - 1) / GRANULE)] = (byte) (bytes - whole);
        }
    }

    /** The same inside a page, from a granule on. */
    private static void allow(byte[] page, int from, int bytes, int size) {
        int whole = from + bytes / GRANULE;
        int end = from + (size + GRANULE - 1) / GRANULE;
        Arrays.fill(page, from, whole, (byte) 0);
        if (whole < end) {
            Arrays.fill(page, whole, end, RED_ZONE);
            if (bytes % GRANULE != 0) {
                page[whole] = (byte) (bytes % GRANULE);
            }
        }
    }

    /** Notes that the page of an address is not divided. */
    public void setWhole(long va) {
        makePage(va);
        tables[(int) (va >>> 22) & TABLE - 1][(int) (va >>> PAGE_SHIFT) & TABLE - 1] = WHOLE;
        changes.add();
    }

    /** Forgets whole pages, because they are about to hold something else. */
    public void forget(long va, long bytes) {
        changes.add();
        for (long at = va; at < va + bytes; at += PAGE) {
            byte[][] table = tables[(int) (at >>> 22) & TABLE - 1];
            if (table != null) {
                table[(int) (at >>> PAGE_SHIFT) & TABLE - 1] = null;
            }
        }
    }

    /** Tells whether some bytes inside a page are known, and may all be accessed. */
    public boolean isFine(long va, int bytes) {
        byte[] states = page(va);
        int at = (int) (va & PAGE - 1);
        if (states == null || at + bytes > PAGE) {
            return false;
        }
        int first = at / GRANULE;
        return states == WHOLE || states[first] == 0 && at + bytes <= (first + 1) * GRANULE
                || firstBad(states, va, at, bytes) < 0;
    }

    /** Tells whether anything is known of the page of an address. */
    public boolean isKnown(long va) {
        return page(va) != null;
    }

    /**
     * Returns the states of a page's granules; null if nothing is known of the page, and none if it is not divided.
     * They stay the page's until {@link MemoryStates#onPageChange} calls.
     */
    public byte[] states(long va) {
        return page(va);
    }

    /** Tells whether the page of an address is known not to be divided. */
    public boolean isWhole(long va) {
        return page(va) == WHOLE;
    }

    /** Tells whether the page of an address is known to be divided. */
    public boolean isDivided(long va) {
        byte[] states = page(va);
        return states != null && states != WHOLE;
    }

    /** Returns the state of an address: 0 if it may be accessed, or {@link #RED_ZONE} and others. */
    public byte state(long va) {
        byte[] states = page(va);
        byte state = states == null || states == WHOLE ? 0 : states[(int) (va & PAGE - 1) / GRANULE];
        return state <= 0 ? state : (va & GRANULE - 1) < state ? 0 : RED_ZONE;
    }

    /** Returns the first of some bytes that must not be accessed, or -1. */
    public long firstBad(long va, int bytes) {
        byte[] states = page(va);
        int at = (int) (va & PAGE - 1);
        if (at + bytes <= PAGE) {
            return states == null || states == WHOLE ? -1 : firstBad(states, va, at, bytes);
        }
        for (long done = 0; done < bytes; ) {
            int piece = (int) Math.min(bytes - done, PAGE - (va + done & PAGE - 1));
            byte[] ofPiece = page(va + done);
            long bad = ofPiece == null || ofPiece == WHOLE ? -1
                    : firstBad(ofPiece, va + done, (int) (va + done & PAGE - 1), piece);
            if (bad >= 0) {
                return bad;
            }
            done += piece;
        }
        return -1;
    }

    private static long firstBad(byte[] states, long va, int at, int bytes) {
        int last = (at + bytes - 1) / GRANULE;
        for (int granule = at / GRANULE; granule <= last; granule++) {
            byte state = states[granule];
            if (state != 0) {
                int from = Math.max(at, granule * GRANULE);
                int good = state < 0 ? 0 : state;
                int bad = Math.max(from, granule * GRANULE + good);
                if (bad < Math.min(at + bytes, (granule + 1) * GRANULE)) {
                    return va + bad - at;
                }
            }
        }
        return -1;
    }
}

package ferrite.kernel.shadow;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The bytes of drivers' memory that nobody has written since it was allocated, by linear virtual address: a bit of the
 * host for each byte, in pages that have such bytes. Other pages cost a look into a table.
 */
public final class Unwritten {

    private static final int PAGE_SHIFT = 12;
    private static final int TABLE = 1 << 10;
    private static final int PAGE = 1 << PAGE_SHIFT;
    private static final int LONGS = PAGE / Long.SIZE;

    private final long[][][] tables = new long[TABLE][][];
    /** The buffers that a device gave back with bytes that it had not written, by their frames. */
    private final Map<Long, List<Gap>> gaps = new HashMap<>();
    private final PageCounts gapsOnFrames;
    private final PageChanges changes;
    private boolean any;

    /** A buffer that a device gave back, or a copy of its bytes. */
    private record Gap(long pa, long bytes, Claim claim) {

        boolean touches(long start, long length) {
            return pa < start + length && start < pa + bytes;
        }
    }

    /** @param gapsOnFrames counts what each frame has that accesses of the harts must heed */
    Unwritten(PageCounts gapsOnFrames, PageChanges changes) {
        this.gapsOnFrames = gapsOnFrames;
        this.changes = changes;
    }

    private long[] page(long va) {
        long[][] table = tables[(int) (va >>> 22) & TABLE - 1];
        return table == null ? null : table[(int) (va >>> PAGE_SHIFT) & TABLE - 1];
    }

    /**
     * Returns a bit for each byte of a page, set if nobody has written it; null if there are none. It stays the page's
     * until {@link MemoryStates#onPageChange} calls.
     */
    public long[] bits(long va) {
        return page(va);
    }

    /** Notes in a page's bits that less than a word of them was written. */
    public static void written(long[] bits, int first, int bytes) {
        bits[first / Long.SIZE] &= ~((1L << bytes) - 1 << first);
    }

    /** Returns whether there are such bytes at all. */
    public boolean isEmpty() {
        return !any;
    }

    /** Notes that bytes were allocated and not zeroed. */
    public void allocated(long va, long bytes) {
        any = true;
        for (long at = va; at < va + bytes; at = nextPage(at)) {
            int high = (int) (at >>> 22) & TABLE - 1;
            int low = (int) (at >>> PAGE_SHIFT) & TABLE - 1;
            if (tables[high] == null) {
                tables[high] = new long[TABLE][];
            }
            if (tables[high][low] == null) {
                tables[high][low] = new long[LONGS];
                changes.add();
            }
            set(tables[high][low], at, va + bytes);
        }
    }

    /** Notes that bytes were written. */
    public void written(long va, long bytes) {
        int first = (int) va & PAGE - 1;
        if (first % Long.SIZE + bytes <= Long.SIZE - 1) {
            long[] page = page(va);
            if (page != null) {
                written(page, first, (int) bytes);
            }
            return;
        }
        for (long at = va; any && at < va + bytes; at = nextPage(at)) {
            long[] page = page(at);
            if (page != null) {
                clear(page, at, va + bytes);
            }
        }
    }

    /** Notes that bytes were copied: those that nobody has written are not written at their target either. */
    public void copied(long to, long from, int bytes, long toPa, long fromPa) {
        Claim claim = buffer(fromPa, bytes);
        for (int at = 0; at < bytes; at++) {
            if (count(from + at, 1) > 0) {
                allocated(to + at, 1);
            }
        }
        if (claim != null && count(to, bytes) > 0) {
            addGap(to, toPa, bytes, claim);
        }
    }

    /** Forgets memory that is freed. A whole page needs no room any more. */
    void forget(long va, long pa, long bytes) {
        for (long at = va; any && at < va + bytes; at = nextPage(at)) {
            long[] page = page(at);
            if (page != null && (at & PAGE - 1) == 0 && at + PAGE <= va + bytes) {
                tables[(int) (at >>> 22) & TABLE - 1][(int) (at >>> PAGE_SHIFT) & TABLE - 1] = null;
                changes.add();
            } else if (page != null) {
                clear(page, at, va + bytes);
            }
        }
        for (long at = pa; !gaps.isEmpty() && at < pa + bytes; at = nextPage(at)) {
            List<Gap> ofPage = gaps.get(at >>> PAGE_SHIFT);
            if (ofPage != null && drop(ofPage, at, pa, bytes) && ofPage.isEmpty()) {
                gaps.remove(at >>> PAGE_SHIFT);
            }
        }
    }

    /** Returns how many of some bytes were not written. */
    public int count(long va, int bytes) {
        int count = 0;
        for (long at = va; any && at < va + bytes; at = nextPage(at)) {
            long[] page = page(at);
            if (page != null) {
                count += count(page, at, va + bytes);
            }
        }
        return count;
    }

    private static long nextPage(long va) {
        return (va | PAGE - 1) + 1;
    }

    // ---- the bits of the bytes from an address to an end, or to the end of the address's page ----

    private static void set(long[] page, long va, long end) {
        int to = to(va, end);
        for (int at = from(va); at < to; at = nextWord(at)) {
            page[at / Long.SIZE] |= mask(at, to);
        }
    }

    private static void clear(long[] page, long va, long end) {
        int to = to(va, end);
        for (int at = from(va); at < to; at = nextWord(at)) {
            page[at / Long.SIZE] &= ~mask(at, to);
        }
    }

    private static int count(long[] page, long va, long end) {
        int to = to(va, end);
        int count = 0;
        for (int at = from(va); at < to; at = nextWord(at)) {
            count += Long.bitCount(page[at / Long.SIZE] & mask(at, to));
        }
        return count;
    }

    private static int from(long va) {
        return (int) va & PAGE - 1;
    }

    private static int to(long va, long end) {
        return (int) Math.min(PAGE, from(va) + end - va);
    }

    private static int nextWord(int at) {
        return (at | Long.SIZE - 1) + 1;
    }

    /** Returns the bits of a word from one on, up to {@code to} if that lies in the word. */
    private static long mask(int at, int to) {
        int bits = Math.min(to, nextWord(at)) - at;
        return -1L >>> Long.SIZE - bits << at;
    }

    // ---- buffers that devices give back ----

    /** Notes that a device gives a buffer back that it may not have filled. It takes the place of earlier ones. */
    void givenBack(long va, Claim claim) {
        addGap(va, claim.terms().pa(), claim.terms().bytes(), claim);
    }

    private void addGap(long va, long pa, int bytes, Claim claim) {
        for (long at = pa; any && count(va, bytes) > 0 && at < pa + bytes; at = nextPage(at)) {
            List<Gap> ofPage = gaps.computeIfAbsent(at >>> PAGE_SHIFT, none -> new ArrayList<>(1));
            drop(ofPage, at, pa, bytes);
            ofPage.add(new Gap(pa, bytes, claim));
            gapsOnFrames.add(at, 1);
        }
    }

    /** Drops the buffers of a frame that share bytes with a range. Returns whether there were any. */
    private boolean drop(List<Gap> ofPage, long frame, long pa, long bytes) {
        int before = ofPage.size();
        boolean dropped = ofPage.removeIf(gap -> gap.touches(pa, bytes));
        gapsOnFrames.add(frame, ofPage.size() - before);
        return dropped;
    }

    /** Returns whether a device gave back a buffer in a frame. */
    public boolean hasGaps(long pa) {
        return gaps.containsKey(pa >>> PAGE_SHIFT);
    }

    /** Finds the claim of the buffer that a device gave back, or of which these are a copy; null for none. */
    public Claim buffer(long pa, int bytes) {
        for (Gap gap : gaps.isEmpty() ? List.<Gap>of() : gaps.getOrDefault(pa >>> PAGE_SHIFT, List.of())) {
            if (gap.touches(pa, bytes)) {
                return gap.claim;
            }
        }
        return null;
    }
}

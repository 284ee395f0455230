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
    private static final int LONGS = (1 << PAGE_SHIFT) / Long.SIZE;

    private final long[][][] tables = new long[TABLE][][];
    /** The buffers that a device gave back with bytes that it had not written, by their pages. */
    private final Map<Long, List<Claim>> gaps = new HashMap<>();
    private boolean any;

    private long[] page(long va) {
        long[][] table = tables[(int) (va >>> 22) & TABLE - 1];
        return table == null ? null : table[(int) (va >>> PAGE_SHIFT) & TABLE - 1];
    }

    /** Returns whether there are such bytes at all. */
    public boolean isEmpty() {
        return !any;
    }

    /** Notes that bytes were allocated and not zeroed. */
    public void allocated(long va, long bytes) {
        any = true;
        for (long at = va; at < va + bytes; at = (at >>> PAGE_SHIFT) + 1 << PAGE_SHIFT) {
            int high = (int) (at >>> 22) & TABLE - 1;
            int low = (int) (at >>> PAGE_SHIFT) & TABLE - 1;
            if (tables[high] == null) {
                tables[high] = new long[TABLE][];
            }
            if (tables[high][low] == null) {
                tables[high][low] = new long[LONGS];
            }
            change(tables[high][low], at, va + bytes, true);
        }
    }

    /** Notes that bytes were written. */
    public void written(long va, long bytes) {
        for (long at = va; any && at < va + bytes; at = (at >>> PAGE_SHIFT) + 1 << PAGE_SHIFT) {
            long[] page = page(at);
            if (page != null) {
                change(page, at, va + bytes, false);
            }
        }
    }

    /** Forgets memory that is freed. */
    void forget(long va, long bytes) {
        if (!any) {
            return;
        }
        written(va, bytes);
        for (long number = va >>> PAGE_SHIFT; !gaps.isEmpty() && number <= va + bytes - 1 >>> PAGE_SHIFT; number++) {
            gaps.remove(number);
        }
    }

    /** Sets or clears the bits of the bytes from {@code va} to {@code end}, or to the end of the page. */
    private static void change(long[] page, long va, long end, boolean set) {
        int from = (int) va & (1 << PAGE_SHIFT) - 1;
        int to = (int) Math.min(1 << PAGE_SHIFT, from + end - va);
        for (int at = from; at < to; at = (at / Long.SIZE + 1) * Long.SIZE) {
            int last = Math.min(to, (at / Long.SIZE + 1) * Long.SIZE);
            long mask = (last - at == Long.SIZE ? -1L : (1L << last - at) - 1) << at;
            page[at / Long.SIZE] = set ? page[at / Long.SIZE] | mask : page[at / Long.SIZE] & ~mask;
        }
    }

    /** Returns how many of some bytes were not written. */
    public int count(long va, int bytes) {
        int count = 0;
        for (long at = va; any && at < va + bytes; at = (at >>> PAGE_SHIFT) + 1 << PAGE_SHIFT) {
            long[] page = page(at);
            int from = (int) at & (1 << PAGE_SHIFT) - 1;
            int to = (int) Math.min(1 << PAGE_SHIFT, from + va + bytes - at);
            for (int byteAt = from; page != null && byteAt < to; byteAt++) {
                count += (int) (page[byteAt / Long.SIZE] >>> byteAt) & 1;
            }
        }
        return count;
    }

    // ---- buffers that devices give back ----

    /** Notes that a device gives a buffer back, of which it may not have written all. */
    void givenBack(long va, Claim claim) {
        if (any && count(va, claim.terms().bytes()) > 0) {
            for (long number = va >>> PAGE_SHIFT; number <= va + claim.terms().bytes() - 1 >>> PAGE_SHIFT; number++) {
                List<Claim> ofPage = gaps.computeIfAbsent(number, none -> new ArrayList<>(1));
                ofPage.remove(claim);
                ofPage.add(claim);
            }
        }
    }

    /** Finds the claim of the buffer that a device gave back, by physical address; null if these bytes are in none. */
    public Claim buffer(long va, long pa, int bytes) {
        for (Claim claim : gaps.isEmpty() ? List.<Claim>of() : gaps.getOrDefault(va >>> PAGE_SHIFT, List.of())) {
            if (claim.touchesPa(pa, bytes)) {
                return claim;
            }
        }
        return null;
    }
}

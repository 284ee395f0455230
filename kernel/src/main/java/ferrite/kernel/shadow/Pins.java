package ferrite.kernel.shadow;

import java.util.HashMap;
import java.util.Map;

/**
 * The pages of programs that drivers have pinned, by frame number, and the devices that have written to them. It knows
 * nothing of pages that were pinned before the kernel attached.
 */
public final class Pins {

    private static final int PAGE_SHIFT = 12;

    /** A page that is pinned. */
    private static final class Pin {
        private int count;
        /** How a device came to write to the page; null if none has. */
        private String writer;
        private boolean dirtied;
    }

    private final boolean wanted;
    private final Claims claims;
    private final Map<Long, Pin> pins = new HashMap<>();

    Pins(boolean wanted, Claims claims) {
        this.wanted = wanted;
        this.claims = claims;
    }

    /** Notes a pin of {@code pin_user_pages}. */
    public void pinned(long pfn) {
        if (wanted) {
            pins.computeIfAbsent(pfn, any -> new Pin()).count++;
        }
    }

    /** Notes that a driver marks a page dirty. */
    public void dirtied(long pfn) {
        Pin pin = pins.get(pfn);
        if (pin != null) {
            pin.dirtied = true;
        }
    }

    /** Notes that a device which has written gives memory back, at the end of its mapping for instance. */
    void written(Claim claim) {
        if (pins.isEmpty() || !claim.hasWritten()) {
            return;
        }
        long last = claim.terms().pa() + claim.terms().bytes() - 1;
        for (long pfn = claim.terms().pa() >>> PAGE_SHIFT; pfn <= last >>> PAGE_SHIFT; pfn++) {
            Pin pin = pins.get(pfn);
            if (pin != null) {
                pin.writer = claim.describe();
            }
        }
    }

    /**
     * Notes that a pin is given back.
     *
     * @return how a device came to write to the page, if this was its last pin and no driver has marked the page dirty
     *         since the first one; otherwise null
     */
    public String unpinned(long pfn) {
        Pin pin = pins.get(pfn);
        if (pin == null || --pin.count > 0) {
            return null;
        }
        pins.remove(pfn);
        Claim live = pin.writer != null ? null : claims.of(pfn << PAGE_SHIFT, 1L << PAGE_SHIFT);
        String writer = live != null && live.hasWritten() ? live.describe() : pin.writer;
        return pin.dirtied ? null : writer;
    }
}

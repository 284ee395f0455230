package ferrite.kernel.shadow;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What devices may access, to the byte. The claims of a page are found in constant time. Ended claims are remembered,
 * the last {@value #MAX_ENDED} of them, so that a late access can be explained.
 */
public final class Claims {

    /** Bytes of a cache line, Linux's {@code L1_CACHE_BYTES}. */
    public static final int LINE = 64;

    private static final int MAX_ENDED = 256;
    private static final int PAGE_SHIFT = 12;

    private final Map<Long, List<Claim>> byDma = new HashMap<>();
    private final Map<Long, List<Claim>> byPa = new HashMap<>();
    private final PageCounts onPages;
    private final Barriers barriers;
    private final Map<String, Claim> channels = new HashMap<>();
    private final Deque<Claim> ended = new ArrayDeque<>();
    /** The units of the devices that live by claims: their drivers have set a mask, or programmed a channel. */
    private final Set<String> claimants = new HashSet<>();

    /** @param onPages counts what each physical page has that accesses of the harts must heed */
    Claims(PageCounts onPages, Barriers barriers) {
        this.onPages = onPages;
        this.barriers = barriers;
    }

    /** Notes that a device's driver uses the DMA calls, so that the device may access nothing without a claim. */
    public void expect(String unit) {
        claimants.add(unit);
    }

    /** Returns whether a device may access only what it was given. */
    public boolean isExpected(String unit) {
        return claimants.contains(unit);
    }

    /** Adds a claim. */
    public Claim add(Claim.Terms terms, String call, String site, String task) {
        Claim claim = new Claim(terms, call, site, task);
        if (terms.kind() != Claim.Kind.COPY) {
            index(byDma, terms.dma(), terms.bytes(), claim);
        }
        if (terms.kind() == Claim.Kind.CHANNEL) {
            channels.put(terms.unit(), claim);
        }
        if (terms.kind() == Claim.Kind.COHERENT) {
            barriers.coherent(terms.pa(), terms.bytes(), true);
        } else {
            index(byPa, terms.pa(), terms.bytes(), claim);
            onPages.add(terms.pa(), terms.bytes(), 1);
        }
        return claim;
    }

    private static void index(Map<Long, List<Claim>> index, long start, int bytes, Claim claim) {
        for (long page = start >>> PAGE_SHIFT; page <= start + bytes - 1 >>> PAGE_SHIFT; page++) {
            index.computeIfAbsent(page, any -> new ArrayList<>(1)).add(claim);
        }
    }

    /** Ends a claim, which is remembered. */
    public void end(Claim claim, String how) {
        if (claim.isLive()) {
            claim.end(how);
        }
        boolean wasThere = claim.terms().kind() != Claim.Kind.COPY
                && remove(byDma, claim.terms().dma(), claim.terms().bytes(), claim);
        if (claim.terms().kind() == Claim.Kind.COHERENT) {
            if (wasThere) {
                barriers.coherent(claim.terms().pa(), claim.terms().bytes(), false);
            }
        } else {
            if (remove(byPa, claim.terms().pa(), claim.terms().bytes(), claim)) {
                onPages.add(claim.terms().pa(), claim.terms().bytes(), -1);
            }
        }
        channels.remove(claim.terms().unit(), claim);
        ended.addFirst(claim);
        if (ended.size() > MAX_ENDED) {
            ended.removeLast();
        }
    }

    /** Removes a claim from an index. Returns whether it was there. */
    private static boolean remove(Map<Long, List<Claim>> index, long start, int bytes, Claim claim) {
        boolean wasThere = false;
        for (long page = start >>> PAGE_SHIFT; page <= start + bytes - 1 >>> PAGE_SHIFT; page++) {
            List<Claim> ofPage = index.get(page);
            if (ofPage != null && ofPage.remove(claim)) {
                wasThere = true;
                if (ofPage.isEmpty()) {
                    index.remove(page);
                }
            }
        }
        return wasThere;
    }

    /** Returns all live claims, by address. */
    public List<Claim> live() {
        return byDma.values().stream().flatMap(List::stream).distinct().filter(Claim::isLive)
                .sorted(Comparator.comparingLong(claim -> claim.terms().dma())).toList();
    }

    /** Finds the live claim of a device that begins at an address, with this size if there is one; null for none. */
    public Claim beginningAt(String unit, long dma, int bytes) {
        Claim best = null;
        for (Claim claim : ofPage(byDma, dma)) {
            if (claim.terms().dma() == dma && claim.terms().unit().equals(unit)
                    && (best == null || claim.terms().bytes() == bytes)) {
                best = claim;
            }
        }
        return best;
    }

    /** Finds the live claim of a device that contains an address; null for none. */
    public Claim containing(String unit, long dma) {
        return find(ofPage(byDma, dma), claim -> claim.terms().unit().equals(unit) && claim.containsDma(dma, 1));
    }

    /** Notes a call of {@code dma_mapping_error} for an address. */
    public void asked(String unit, long dma) {
        for (Claim claim : ofPage(byDma, dma)) {
            if (claim.terms().dma() == dma && claim.terms().unit().equals(unit)) {
                claim.ask();
            }
        }
    }

    /** Finds coherent memory, of any device, that shares bytes with a range; null for none. */
    public Claim coherentIn(long dma, int bytes) {
        for (long page = dma >>> PAGE_SHIFT; page <= dma + bytes - 1 >>> PAGE_SHIFT; page++) {
            Claim claim = find(byDma.getOrDefault(page, List.of()), one -> one.terms().kind() == Claim.Kind.COHERENT
                    && one.touchesDma(dma, bytes));
            if (claim != null) {
                return claim;
            }
        }
        return null;
    }

    /** Returns whether a device may own memory at all. */
    public boolean areAny() {
        return !byPa.isEmpty();
    }

    /** Finds coherent memory, of any device, that contains these bytes; null for none. */
    public Claim coherent(long dma, int bytes) {
        return find(ofPage(byDma, dma), claim -> claim.terms().kind() == Claim.Kind.COHERENT
                && claim.containsDma(dma, bytes));
    }

    /** Finds a live claim that lets a device access these bytes; null for none. */
    public Claim permitting(String unit, long dma, int bytes, boolean store) {
        return find(ofPage(byDma, dma), claim -> claim.terms().unit().equals(unit)
                && claim.permits(dma, bytes, store));
    }

    /** Finds the live claim of a channel, which has one at most; null for none. */
    public Claim ofChannel(String unit) {
        return channels.get(unit);
    }

    /** Counts bytes that a device has moved under a claim. */
    public void moved(Claim claim, long dma, int bytes) {
        claim.move(dma, bytes);
        if (!claim.isLive()) {
            end(claim, "");
        }
    }

    /** Finds the live claim of a device that shares bytes with an access; null for none. */
    public Claim touching(String unit, long dma, int bytes) {
        return find(ofPage(byDma, dma), claim -> claim.terms().unit().equals(unit) && claim.touchesDma(dma, bytes));
    }

    /** Finds the live claim of a device that ends just before an address, or a little earlier; null for none. */
    public Claim before(String unit, long dma) {
        for (long page = dma >>> PAGE_SHIFT; page >= Math.max(0, (dma >>> PAGE_SHIFT) - 1); page--) {
            Claim best = null;
            for (Claim claim : byDma.getOrDefault(page, List.of())) {
                long end = claim.terms().dma() + claim.terms().bytes();
                if (claim.terms().unit().equals(unit) && end <= dma
                        && (best == null || end > best.terms().dma() + best.terms().bytes())) {
                    best = claim;
                }
            }
            if (best != null) {
                return best;
            }
        }
        return null;
    }

    /** Finds the device's claim of these bytes that ended last; null for none. */
    public Claim endedAt(String unit, long dma, int bytes) {
        return find(ended, claim -> claim.terms().unit().equals(unit) && claim.touchesDma(dma, bytes));
    }

    /** Finds the claim by which a device owns one of these bytes of memory now; null for none. */
    public Claim owning(long pa, int bytes) {
        return onAnyPage(pa, bytes, claim -> claim.isOwnedByDevice(pa, bytes));
    }

    /**
     * Finds the claim by which a device owns another part of a cache line, when software accesses one that is not in
     * it; null for none.
     */
    public Claim beside(long pa, int bytes) {
        long start = pa & -LINE;
        int all = (int) ((pa + bytes + LINE - 1 & -LINE) - start);
        return byPa.isEmpty() ? null : find(ofPage(byPa, pa),
                claim -> claim.ownsLine(start, all) && !claim.touchesPa(pa, bytes));
    }

    /**
     * Finds a mapping that has another part of one of a new mapping's cache lines, if a device writes one of the two
     * there; null for none.
     */
    public Claim sharingLine(Claim.Terms terms) {
        long start = terms.pa() & -LINE;
        long end = terms.pa() + terms.bytes() + LINE - 1 & -LINE;
        return onAnyPage(terms.pa(), terms.bytes(), claim -> claim.terms().kind() == Claim.Kind.MAPPING
                && claim.isLive() && claim.touchesPa(start, end - start) && !claim.touchesPa(terms.pa(), terms.bytes())
                && (terms.deviceWrites() || claim.terms().deviceWrites()));
    }

    /** Finds a live claim of memory, by any device, that shares bytes with a range; null for none. */
    public Claim of(long pa, long bytes) {
        return onAnyPage(pa, bytes, claim -> claim.isLive() && claim.touchesPa(pa, bytes));
    }

    private Claim onAnyPage(long pa, long bytes, Predicate<Claim> wanted) {
        for (long page = pa >>> PAGE_SHIFT; !byPa.isEmpty() && page <= pa + bytes - 1 >>> PAGE_SHIFT; page++) {
            Claim claim = find(byPa.getOrDefault(page, List.of()), wanted);
            if (claim != null) {
                return claim;
            }
        }
        return null;
    }

    /** Gives bytes of a mapping to the harts, or back to the device. */
    public void sync(String unit, long dma, int bytes, boolean forHarts) {
        Claim claim = containing(unit, dma);
        if (claim != null) {
            claim.sync(dma, bytes, forHarts);
        }
    }

    private static List<Claim> ofPage(Map<Long, List<Claim>> index, long address) {
        return index.getOrDefault(address >>> PAGE_SHIFT, List.of());
    }

    private static Claim find(Iterable<Claim> claims, Predicate<Claim> wanted) {
        for (Claim claim : claims) {
            if (wanted.test(claim)) {
                return claim;
            }
        }
        return null;
    }
}

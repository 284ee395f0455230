package ferrite.hardware.bus;

import java.util.ArrayList;
import java.util.List;

/**
 * The LR reservations of the harts (unprivileged specification, section 8.2).
 *
 * <p>A reservation set is one aligned word of RAM. A store to it by any other bus master breaks it, even with the same
 * value. The bus reports every store that it sees. {@link PhysicalBus#fastPageForWrite} refuses other masters a fast
 * path into a page while a word on it is reserved.
 *
 * <p>Only one hart runs at a time. A hart that begins to run therefore drops its own fast paths into pages that other
 * harts have reserved ({@link #forEachPageOfOthers}), and LR has no further cost.
 */
public final class Reservations {

    private static final long NONE = -1;

    private final List<BusMaster> masters = new ArrayList<>();
    private long[] words = {};
    private int held;

    /** Registers a hart. Each hart calls this once. */
    void add(BusMaster master) {
        masters.add(master);
        words = java.util.Arrays.copyOf(words, masters.size());
        words[masters.size() - 1] = NONE;
    }

    /** Reserves the word at {@code pa} for {@code master}, and gives up its earlier reservation. */
    public void reserve(BusMaster master, long pa) {
        cancel(master);
        words[masters.indexOf(master)] = pa & ~3L;
        held++;
    }

    /** Tells whether {@code master} still holds the word at {@code pa}. */
    public boolean holds(BusMaster master, long pa) {
        return held != 0 && words[masters.indexOf(master)] == (pa & ~3L);
    }

    /** Returns the physical address of the word that {@code master} has reserved, or -1. */
    public long reservedBy(BusMaster master) {
        return words[masters.indexOf(master)];
    }

    /** Gives up the reservation of {@code master}, if any. */
    public void cancel(BusMaster master) {
        drop(masters.indexOf(master));
    }

    private void drop(int index) {
        if (words[index] != NONE) {
            words[index] = NONE;
            held--;
        }
    }

    /** Breaks other masters' reservations before a store by {@code master}. */
    void stored(BusMaster master, long pa, int bytes) {
        if (held != 0) {
            breakOthers(master, pa, bytes);
        }
    }

    private void breakOthers(BusMaster master, long pa, int bytes) {
        for (int i = 0; i < words.length; i++) {
            if (words[i] != NONE && words[i] < pa + bytes && words[i] + 4 > pa && !masters.get(i).equals(master)) {
                drop(i);
            }
        }
    }

    /** Tells whether a master other than {@code master} has a reservation on the page of {@code pa}. */
    boolean isPageOfOthers(BusMaster master, long pa) {
        if (held == 0) {
            return false;
        }
        for (int i = 0; i < words.length; i++) {
            if (words[i] != NONE && words[i] >>> Ram.PAGE_SHIFT == pa >>> Ram.PAGE_SHIFT
                    && !masters.get(i).equals(master)) {
                return true;
            }
        }
        return false;
    }

    /** Runs an action on each address that a master other than {@code master} has reserved. */
    public void forEachPageOfOthers(BusMaster master, java.util.function.LongConsumer action) {
        if (held != 0) {
            for (int i = 0; i < words.length; i++) {
                if (words[i] != NONE && !masters.get(i).equals(master)) {
                    action.accept(words[i]);
                }
            }
        }
    }
}

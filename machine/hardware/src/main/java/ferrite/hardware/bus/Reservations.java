package ferrite.hardware.bus;

import java.util.ArrayList;
import java.util.List;

/**
 * What harts have reserved with LR (unprivileged specification, section 8.2). A reservation set is one aligned word of RAM. A store to
 * it by any other master breaks it, whatever is stored; the bus reports every store that it sees, and {@link PhysicalBus#fastPageForWrite} gives
 * nobody else a short way into a page while something on it is reserved.
 *
 * <p>Only one hart runs at a time, so a hart that begins to run drops the short ways that it still has into pages that others
 * have reserved ({@link #forEachPageOfOthers}), and reserving costs nothing else.
 */
public final class Reservations {

    private static final long NONE = -1;

    private final List<BusMaster> masters = new ArrayList<>();
    private long[] words = {};
    private int held;

    /** To be called once by each hart. */
    void add(BusMaster master) {
        masters.add(master);
        words = java.util.Arrays.copyOf(words, masters.size());
        words[masters.size() - 1] = NONE;
    }

    /** Reserves the word at {@code pa} for {@code master}, in place of what it had reserved before. */
    public void reserve(BusMaster master, long pa) {
        cancel(master);
        words[masters.indexOf(master)] = pa & ~3L;
        held++;
    }

    /** Whether {@code master} still holds the word at {@code pa}. */
    public boolean holds(BusMaster master, long pa) {
        return held != 0 && words[masters.indexOf(master)] == (pa & ~3L);
    }

    /** The physical address of the word that {@code master} has reserved, or -1. */
    public long reservedBy(BusMaster master) {
        return words[masters.indexOf(master)];
    }

    /** Gives up what {@code master} has reserved, if anything. */
    public void cancel(BusMaster master) {
        drop(masters.indexOf(master));
    }

    private void drop(int index) {
        if (words[index] != NONE) {
            words[index] = NONE;
            held--;
        }
    }

    /** A store by {@code master} is about to happen. */
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

    /** Whether somebody else than {@code master} has reserved something on the page of {@code pa}. */
    boolean isPageOfOthers(BusMaster master, long pa) {
        if (held == 0) {
            return false;
        }
        for (int i = 0; i < words.length; i++) {
            if (words[i] != NONE && words[i] >>> Ram.PAGE_SHIFT == pa >>> Ram.PAGE_SHIFT && !masters.get(i).equals(master)) {
                return true;
            }
        }
        return false;
    }

    /** What is done with each address that somebody else than {@code master} has reserved. */
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

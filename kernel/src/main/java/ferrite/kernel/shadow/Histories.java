package ferrite.kernel.shadow;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The lines that allocated and freed objects, as far as they were noted. A line costs a microsecond of the host, so all
 * are noted at first, and later one in {@value #LATER}. The newest {@value #MAX} objects are remembered.
 */
public final class Histories {

    private static final int MAX = 1 << 15;
    private static final int ALL = 1 << 14;
    private static final int LATER = 1024;
    private static final int SLOTS = 1 << 16;

    /** The lines of one object; null for those that were not noted. */
    public record History(String allocated, String freed) { }

    private final Map<Long, History> byAddress = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, History> eldest) {
            if (size() > MAX) {
                inSlots[slot(eldest.getKey())]--;
                return true;
            }
            return false;
        }
    };
    /** How many histories the addresses of each slot have: most have none, and then the map need not be asked. */
    private final char[] inSlots = new char[SLOTS];
    private long calls;

    /** Returns whether the line of this call is to be noted. */
    boolean wantsNext() {
        calls++;
        return calls <= ALL || calls % LATER == 0;
    }

    void allocated(long va, String site) {
        int slot = slot(va);
        if (inSlots[slot] > 0 && byAddress.remove(va) != null) {
            inSlots[slot]--;
        }
        if (site != null) {
            put(va, new History(site, null));
        }
    }

    void freed(long va, String site) {
        History history = inSlots[slot(va)] > 0 ? byAddress.get(va) : null;
        if (history != null || site != null) {
            put(va, new History(history == null ? null : history.allocated, site));
        }
    }

    private void put(long va, History history) {
        if (!byAddress.containsKey(va)) {
            inSlots[slot(va)]++;
        }
        byAddress.put(va, history);
    }

    /** Addresses of pieces are multiples of 8. Those of {@code SLOTS * 8} bytes in a row have different slots. */
    private static int slot(long va) {
        return (int) (va >>> 3) & SLOTS - 1;
    }

    /** Returns the objects whose free was not noted, as far as their lines are known. */
    public Map<Long, History> notFreed() {
        Map<Long, History> live = new LinkedHashMap<>(byAddress);
        live.values().removeIf(history -> history.allocated == null || history.freed != null);
        return live;
    }

    /** Returns what is known of the object at an address, or null. */
    public History of(long va) {
        return byAddress.get(va);
    }
}

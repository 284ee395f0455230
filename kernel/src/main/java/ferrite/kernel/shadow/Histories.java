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

    /** The lines of one object; null for those that were not noted. */
    public record History(String allocated, String freed) { }

    private final Map<Long, History> byAddress = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, History> eldest) {
            return size() > MAX;
        }
    };
    private long calls;

    /** Returns whether the line of this call is to be noted. */
    boolean wantsNext() {
        calls++;
        return calls <= ALL || calls % LATER == 0;
    }

    void allocated(long va, String site) {
        byAddress.remove(va);
        if (site != null) {
            byAddress.put(va, new History(site, null));
        }
    }

    void freed(long va, String site) {
        History history = byAddress.get(va);
        if (history != null || site != null) {
            byAddress.put(va, new History(history == null ? null : history.allocated, site));
        }
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

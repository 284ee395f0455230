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
            if (size() > MAX) {
                onPages.add(eldest.getKey(), -1);
                return true;
            }
            return false;
        }
    };
    /** Most pages have no history, and then the map need not be asked. */
    private final PageCounts onPages = new PageCounts(new PageChanges());
    private long calls;

    /** Returns whether the line of this call is to be noted. */
    boolean wantsNext() {
        calls++;
        return calls <= ALL || calls % LATER == 0;
    }

    void allocated(long va, String site) {
        if (onPages.of(va) > 0 && byAddress.remove(va) != null) {
            onPages.add(va, -1);
        }
        if (site != null) {
            put(va, new History(site, null));
        }
    }

    void freed(long va, String site) {
        if (site != null || onPages.of(va) > 0) {
            History history = byAddress.get(va);
            if (history != null || site != null) {
                put(va, new History(history == null ? null : history.allocated, site));
            }
        }
    }

    private void put(long va, History history) {
        onPages.add(va, byAddress.containsKey(va) ? 0 : 1);
        byAddress.put(va, history);
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

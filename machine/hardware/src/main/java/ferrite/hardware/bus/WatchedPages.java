package ferrite.hardware.bus;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * The monitors of RAM pages.
 *
 * <p>A bit per page gives the quick answer for pages without a monitor. The monitors of a watched page are found in a
 * list, which is short, and are called in the order in which they were added. A watched range may extend outside RAM,
 * where no access ever happens.
 */
final class WatchedPages {

    private record Watch(long pa, long bytes, AccessMonitor monitor) {

        private boolean concerns(long page) {
            return page + Ram.PAGE_BYTES > pa && page < pa + bytes;
        }
    }

    private final Ram ram;
    private final List<Watch> watches = new ArrayList<>();
    private final BitSet watched = new BitSet();

    WatchedPages(Ram ram) {
        this.ram = ram;
    }

    void add(long pa, long bytes, AccessMonitor monitor) {
        Watch watch = new Watch(pa, bytes, monitor);
        watches.add(watch);
        mark(watch);
    }

    void remove(long pa, long bytes, AccessMonitor monitor) {
        watches.remove(new Watch(pa, bytes, monitor));
        watched.clear(ram.firstPage(pa), ram.endPage(pa + bytes));
        watches.forEach(this::mark);
    }

    void clear() {
        watches.clear();
        watched.clear();
    }

    private void mark(Watch watch) {
        watched.set(ram.firstPage(watch.pa), ram.endPage(watch.pa + watch.bytes));
    }

    /** Tells whether the page of {@code pa} has a monitor. */
    boolean contains(long pa) {
        return !watches.isEmpty() && ram.contains(pa) && watched.get(ram.index(pa));
    }

    /** Announces an access to RAM, inside one page, to the page's monitors. */
    void tell(long pa, int bytes, boolean store) {
        if (contains(pa)) {
            long page = pa & -Ram.PAGE_BYTES;
            for (int i = 0; i < watches.size(); i++) {
                if (watches.get(i).concerns(page)) {
                    watches.get(i).monitor.beforeAccess(pa, bytes, store);
                }
            }
        }
    }

    /** Tells every monitor of every page that it watches. */
    void settle() {
        for (Watch watch : List.copyOf(watches)) {
            for (long page = watch.pa & -Ram.PAGE_BYTES; page < watch.pa + watch.bytes; page += Ram.PAGE_BYTES) {
                watch.monitor.beforeAccess(page, Ram.PAGE_BYTES, false);
            }
        }
    }
}

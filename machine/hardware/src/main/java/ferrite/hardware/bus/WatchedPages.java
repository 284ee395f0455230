package ferrite.hardware.bus;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Who watches which pages of RAM. A bit for each page answers quickly for those that nobody watches; who watches the others is looked up in
 * a list, which is short. Monitors hear in the order in which they came. What lies outside RAM may be watched, and nobody ever accesses it.
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

    /** Whether somebody watches the page of {@code pa}. */
    boolean contains(long pa) {
        return !watches.isEmpty() && ram.contains(pa) && watched.get(ram.index(pa));
    }

    /** An access of bytes of RAM, inside one page, is about to happen. */
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

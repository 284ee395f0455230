package ferrite.hardware.bus;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The watches of a bus, by what they hear of. They are told in the order in which they were added.
 *
 * <p>For the watches of pages, a bit per page gives the quick answer that there is none. The watches of a page that has
 * some are found in a list, which is short. A watched range may extend outside RAM, where no access ever happens.
 */
final class AccessWatches {

    private record Pages(long pa, long bytes, AccessWatch watch) {

        private boolean is(long otherPa, long otherBytes, AccessWatch otherWatch) {
            return pa == otherPa && bytes == otherBytes && watch == otherWatch;
        }

        private boolean concern(long page) {
            return page + Ram.PAGE_BYTES > pa && page < pa + bytes;
        }
    }

    private static final BusMaster INSPECTOR = BusMaster.host("inspector");

    private final Ram ram;
    private final List<Pages> pages = new ArrayList<>();
    private final PageSet watched;
    private AccessWatch[] ofSoftware = {};
    private AccessWatch[] ofDevices = {};
    private final List<AccessWatch> guards = new ArrayList<>();

    AccessWatches(Ram ram) {
        this.ram = ram;
        this.watched = new PageSet(ram.pages());
    }

    // ---- pages ----

    void addPages(long pa, long bytes, AccessWatch watch) {
        Pages added = new Pages(pa, bytes, watch);
        pages.add(added);
        mark(added);
    }

    void removePages(long pa, long bytes, AccessWatch watch) {
        for (int i = 0; i < pages.size(); i++) {
            if (pages.get(i).is(pa, bytes, watch)) {
                pages.remove(i);
                break;
            }
        }
        watched.remove(ram.firstPage(pa), ram.endPage(pa + bytes));
        pages.forEach(this::mark);
    }

    void clearPages() {
        pages.clear();
        watched.clear();
    }

    private void mark(Pages added) {
        watched.add(ram.firstPage(added.pa), ram.endPage(added.pa + added.bytes));
    }

    /** Tells whether the page of {@code pa} is watched. */
    boolean isWatched(long pa) {
        return !pages.isEmpty() && ram.contains(pa) && watched.contains(ram.index(pa));
    }

    /** Has every watch of pages hear of each of its pages. */
    void settle() {
        for (Pages some : List.copyOf(pages)) {
            for (long page = some.pa & -Ram.PAGE_BYTES; page < some.pa + some.bytes; page += Ram.PAGE_BYTES) {
                some.watch.beforeAccess(INSPECTOR, AccessWatch.PHYSICAL, page, Ram.PAGE_BYTES, Access.LOAD);
            }
        }
    }

    // ---- software and devices ----

    void addSoftware(AccessWatch watch) {
        ofSoftware = with(ofSoftware, watch);
    }

    void addDevices(AccessWatch watch) {
        ofDevices = with(ofDevices, watch);
    }

    void removeDevices(AccessWatch watch) {
        ofDevices = without(ofDevices, watch);
    }

    /** Notes that a watch belongs to the operating system of the machine. */
    void addGuard(AccessWatch watch) {
        guards.add(watch);
    }

    void removeGuards() {
        for (AccessWatch guard : guards) {
            ofSoftware = without(ofSoftware, guard);
            ofDevices = without(ofDevices, guard);
        }
        guards.clear();
    }

    private static AccessWatch[] with(AccessWatch[] watches, AccessWatch watch) {
        AccessWatch[] more = Arrays.copyOf(watches, watches.length + 1);
        more[watches.length] = watch;
        return more;
    }

    private static AccessWatch[] without(AccessWatch[] watches, AccessWatch watch) {
        return Arrays.stream(watches).filter(other -> other != watch).toArray(AccessWatch[]::new);
    }

    // ---- accesses ----

    /** Tells whether no watch of software wants to hear of the accesses to a page. */
    boolean mayBeFast(long va, long pa) {
        for (AccessWatch watch : ofSoftware) {
            if (!watch.mayBeFast(va, pa)) {
                return false;
            }
        }
        return true;
    }

    /** Announces an access of software. */
    void software(BusMaster master, long va, long pa, int bytes, Access access) {
        for (AccessWatch watch : ofSoftware) {
            watch.beforeAccess(master, va, pa, bytes, access);
        }
    }

    /**
     * Returns the number of bytes, from the first one of a range of RAM on, that a bus master can access without any
     * watch hearing of it. They end before the first page with a watch.
     */
    int unheard(BusMaster master, long pa, int bytes) {
        if (ofDevices.length > 0 && master.isDevice()) {
            return 0;
        }
        int end = ram.endPage(pa + bytes);
        int page = pages.isEmpty() ? end : watched.firstIn(ram.index(pa), end);
        return (int) Math.max(0, Math.min(bytes, ram.address(page) - pa));
    }

    /** Announces an access to RAM, inside one page, that is made on the bus. */
    void bus(BusMaster master, long pa, int bytes, Access access) {
        if (isWatched(pa)) {
            long page = pa & -Ram.PAGE_BYTES;
            for (int i = 0; i < pages.size(); i++) {
                if (pages.get(i).concern(page)) {
                    pages.get(i).watch.beforeAccess(master, AccessWatch.PHYSICAL, pa, bytes, access);
                }
            }
        }
        if (ofDevices.length > 0 && master.isDevice()) {
            for (AccessWatch watch : ofDevices) {
                watch.beforeAccess(master, AccessWatch.PHYSICAL, pa, bytes, access);
            }
        }
    }

    /** Announces that the host inspects RAM. */
    void inspection(long pa, int bytes) {
        if (isWatched(pa)) {
            bus(INSPECTOR, pa, bytes, Access.LOAD);
        }
    }
}

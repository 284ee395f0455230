package ferrite.kernel.mm;

import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.log.StringTable;
import java.util.List;

/** Shows present and past areas to inspectors. It only reads. */
public final class VmallocView {

    private final VmapTree tree;
    private final long state;

    VmallocView(VmapTree tree, long state) {
        this.tree = tree;
        this.state = state;
    }

    /** The task and the line of source that made or freed an area. */
    public record Who(String site, String task, int pid, long ticks) {

        public String text() {
            long micros = ticks / 100;
            String fraction = Long.toString(1000 + micros % 1000).substring(1);
            return "at " + site + " by task " + pid + " '" + task + "' at " + micros / 1000 + "." + fraction + " ms";
        }
    }

    /**
     * An area.
     *
     * @param size  bytes, with the guard page
     * @param pages allocated for it
     * @param phys  of the mapped registers, or 0
     * @param freed null while the area exists
     */
    public record Area(long start, long size, int flags, int pages, long phys, Who made, Who freed) {

        /** The address of the guard page. */
        public long guard() {
            return start + size - AddressSpace.PAGE_SIZE;
        }

        /** Linux's word for the kind of area. */
        public String kind() {
            return (flags & VmapAreaLayout.VM_IOREMAP) != 0 ? "ioremap" : (flags & VmapAreaLayout.VM_ALLOC) != 0 ? "vmalloc" : "user";
        }
    }

    /** Returns all areas, by address. */
    public List<Area> areas(ReadableMemory view) {
        return tree.all(view).stream().map(record -> read(view, record)).toList();
    }

    /** Returns the area, with its guard page, that an address lies in; or null. */
    public Area find(ReadableMemory view, long va) {
        long record = tree.find(view, va);
        return record == 0 ? null : read(view, record);
    }

    /** Returns the last remembered area that contained an address; or null. */
    public Area findFreed(ReadableMemory view, long va) {
        int freed = view.load32(state + VmallocLayout.FREED);
        for (int back = 1; back <= VmallocLayout.HISTORY_ENTRIES; back++) {
            long entry = state + VmallocLayout.HISTORY
                    + (long) Integer.remainderUnsigned(freed - back, VmallocLayout.HISTORY_ENTRIES) * VmapAreaLayout.DESCRIPTION;
            long start = view.loadAddress(entry + VmapAreaLayout.START);
            if (start != 0 && va >= start && va - start < view.loadAddress(entry + VmapAreaLayout.SIZE)) {
                return read(view, entry);
            }
        }
        return null;
    }

    /** Returns the bytes of the largest gap. */
    public long largestGap(ReadableMemory view) {
        return tree.largestGap(view);
    }

    private static Area read(ReadableMemory view, long record) {
        boolean freed = view.load32(record + VmapAreaLayout.FREE_CALLER) != 0;
        return new Area(view.loadAddress(record + VmapAreaLayout.START), view.loadAddress(record + VmapAreaLayout.SIZE), view.load32(record + VmapAreaLayout.FLAGS),
                view.load32(record + VmapAreaLayout.PAGES), view.loadAddress(record + VmapAreaLayout.PHYS), who(view, record + VmapAreaLayout.CALLER, record + VmapAreaLayout.TIME),
                freed ? who(view, record + VmapAreaLayout.FREE_CALLER, record + VmapAreaLayout.FREE_TIME) : null);
    }

    private static Who who(ReadableMemory view, long record, long time) {
        return new Who(StringTable.read(view, view.loadAddress(record)), StringTable.read(view, view.loadAddress(record + 4)), view.load32(record + 8), view.load64(time));
    }
}

package ferrite.kernel.mm;

import static ferrite.kernel.mm.VmapAreaLayout.CALLER;
import static ferrite.kernel.mm.VmapAreaLayout.FLAGS;
import static ferrite.kernel.mm.VmapAreaLayout.FREE_CALLER;
import static ferrite.kernel.mm.VmapAreaLayout.FREE_PID;
import static ferrite.kernel.mm.VmapAreaLayout.FREE_TASK;
import static ferrite.kernel.mm.VmapAreaLayout.FREE_TIME;
import static ferrite.kernel.mm.VmapAreaLayout.PAGES;
import static ferrite.kernel.mm.VmapAreaLayout.PHYS;
import static ferrite.kernel.mm.VmapAreaLayout.PID;
import static ferrite.kernel.mm.VmapAreaLayout.REQUESTED;
import static ferrite.kernel.mm.VmapAreaLayout.SIZE;
import static ferrite.kernel.mm.VmapAreaLayout.START;
import static ferrite.kernel.mm.VmapAreaLayout.TASK;
import static ferrite.kernel.mm.VmapAreaLayout.TIME;

import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.log.StringTable;
import java.util.List;

/** Shows present and past areas to inspectors. It only reads. */
public final class VmallocView {

    private final VmapTree tree;
    private final SpinLock spinLock;
    private final long state;

    VmallocView(VmapTree tree, SpinLock locks, long state) {
        this.tree = tree;
        this.spinLock = locks;
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
     * @param requested the bytes that the caller asked for, or 0
     * @param freed null while the area exists
     */
    public record Area(long start, long size, int flags, int pages, long phys, long requested, Who made,
            Who freed) {

        /** The address of the guard page. */
        public long guard() {
            return start + size - AddressSpace.PAGE_SIZE;
        }

        /** Returns whether the area is a kernel stack. */
        public boolean isStack() {
            return (flags & VmapAreaLayout.KERNEL_STACK) != 0;
        }

        /** Linux's word for the kind of area. */
        public String kind() {
            return (flags & VmapAreaLayout.VM_IOREMAP) != 0 ? "ioremap"
                    : (flags & VmapAreaLayout.VM_ALLOC) != 0 ? "vmalloc" : "user";
        }
    }

    /** Returns all areas, by address. */
    public List<Area> areas(ReadableMemory view) {
        boolean locks = view instanceof KernelMemory;  // a task, while others free areas
        int flags = locks ? spinLock.lockIrqSave(VmallocLayout.LOCK.at(state)) : 0;
        List<Area> areas = tree.all(view).stream().map(record -> read(view, record)).toList();
        if (locks) {
            spinLock.unlockIrqRestore(VmallocLayout.LOCK.at(state), flags);
        }
        return areas;
    }

    /** Returns the area, with its guard page, that an address lies in; or null. */
    public Area find(ReadableMemory view, long va) {
        long record = tree.find(view, va);
        return record == 0 ? null : read(view, record);
    }

    /** Returns the last remembered area that contained an address; or null. */
    public Area findFreed(ReadableMemory view, long va) {
        int freed = VmallocLayout.FREED.get(view, state);
        for (int back = 1; back <= VmallocLayout.HISTORY_ENTRIES; back++) {
            long entry = VmallocLayout.HISTORY.at(state,
                    Integer.remainderUnsigned(freed - back, VmallocLayout.HISTORY_ENTRIES));
            long start = START.get(view, entry);
            if (start != 0 && va >= start && va - start < SIZE.get(view, entry)) {
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
        boolean freed = FREE_CALLER.get(view, record) != 0;
        return new Area(START.get(view, record), SIZE.get(view, record), FLAGS.get(view, record),
                PAGES.get(view, record), PHYS.get(view, record), REQUESTED.get(view, record), allocatedBy(view, record),
                freed ? freedBy(view, record) : null);
    }

    private static Who allocatedBy(ReadableMemory view, long record) {
        return new Who(StringTable.read(view, CALLER.get(view, record)),
                StringTable.read(view, TASK.get(view, record)),
                PID.get(view, record), TIME.get(view, record));
    }

    private static Who freedBy(ReadableMemory view, long record) {
        return new Who(StringTable.read(view, FREE_CALLER.get(view, record)),
                StringTable.read(view, FREE_TASK.get(view, record)),
                FREE_PID.get(view, record), FREE_TIME.get(view, record));
    }
}

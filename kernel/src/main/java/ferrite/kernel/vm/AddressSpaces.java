package ferrite.kernel.vm;

import static ferrite.kernel.vm.MmLayout.MMAP_LOCK;
import static ferrite.kernel.vm.MmLayout.PGD;
import static ferrite.kernel.vm.VmAreaLayout.VM_END;
import static ferrite.kernel.vm.VmAreaLayout.VM_FLAGS;
import static ferrite.kernel.vm.VmAreaLayout.VM_START;

import ferrite.hardware.hart.Csrs;
import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.base.ULong;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.mm.Kmalloc;
import ferrite.kernel.sched.RwSemaphore;
import java.util.function.IntSupplier;

/**
 * Makes, copies and ends the address spaces of programs, and changes their areas: {@code mmap}, {@code munmap},
 * {@code mprotect}, {@code madvise}, {@code brk}. Task context; all may sleep.
 */
public final class AddressSpaces {

    private static final long PAGE = AddressSpace.PAGE_SIZE;
    private static final int FROM_THE_START = VmFlags.VM_MAYREAD | VmFlags.VM_MAYWRITE | VmFlags.VM_MAYEXEC;

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final Kmalloc kmalloc;
    private final RwSemaphore semaphores;
    private final UserTables tables;
    private final UserPages pages;
    private final Areas areas;

    AddressSpaces(KernelBase base, Kmalloc kmalloc, RwSemaphore semaphores, UserTables tables, UserPages pages,
            Areas areas) {
        this.memory = base.memory();
        this.cpu = base.cpu();
        this.kmalloc = kmalloc;
        this.semaphores = semaphores;
        this.tables = tables;
        this.pages = pages;
        this.areas = areas;
    }

    // ---- address spaces ----

    /** Makes an empty address space with one user. Returns it, or 0 without memory. */
    public long create() {
        long mm = kmalloc.kzalloc(MmLayout.SIZE, Gfp.GFP_KERNEL);
        long table = mm == 0 ? 0 : tables.create();
        if (table == 0) {
            kmalloc.kfree(mm);
            return 0;
        }
        PGD.set(memory, mm, table);
        MmLayout.USERS.set(memory, mm, 1);
        ListHead.init(memory, MmLayout.MMAP.at(mm));
        semaphores.init(MMAP_LOCK.at(mm));
        return mm;
    }

    /** {@code mmput}: drops a user, and ends the address space with the last one. It is not the current one's. */
    public void put(long mm) {
        if (MmLayout.USERS.amoAdd(memory, mm, -1) > 1) {
            return;
        }
        for (long area : Areas.all(memory, mm)) {
            pages.zap(mm, area, VM_START.get(memory, area), VM_END.get(memory, area));
            areas.remove(area);
        }
        tables.destroy(PGD.get(memory, mm));
        kmalloc.kfree(mm);
    }

    /** Copies an address space for a child of {@code fork}. Returns the copy, or 0 without memory. */
    public long copy(long mm) {
        long child = create();
        if (child == 0) {
            return 0;
        }
        semaphores.downWrite(MMAP_LOCK.at(mm));
        boolean copied = copyAreas(mm, child);
        semaphores.upWrite(MMAP_LOCK.at(mm));
        if (!copied) {
            put(child);
            return 0;
        }
        return child;
    }

    private boolean copyAreas(long mm, long child) {
        for (ULong place : MmLayout.PLACES) {
            place.set(memory, child, place.get(memory, mm));
        }
        for (long area : Areas.all(memory, mm)) {
            int flags = VM_FLAGS.get(memory, area);
            if ((flags & VmFlags.VM_DONTCOPY) == 0) {
                long copy = areas.add(child, VM_START.get(memory, area), VM_END.get(memory, area), flags);
                if (copy == 0) {
                    return false;
                }
                areas.inherit(copy, area);
                if (!pages.share(mm, child, area)) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Gives the current task another address space, or none. Returns the one that it had. */
    public long use(long mm) {
        int irqs = cpu.irqSave();
        long old = TaskLayout.MM.get(memory, cpu.tp());
        TaskLayout.MM.set(memory, cpu.tp(), mm);
        switchTo(mm);
        cpu.irqRestore(irqs);
        return old;
    }

    /** {@code switch_mm}: lets this hart translate by an address space, or the kernel's alone. Interrupts are off. */
    public void switchTo(long mm) {
        cpu.csrWrite(Csrs.SATP, mm == 0 ? tables.kernelSatp() : tables.satp(PGD.get(memory, mm)));
        if (mm != 0) {
            cpu.sfenceAsid(UserTables.ASID);
        }
    }

    // ---- areas ----

    private int locked(long mm, IntSupplier change) {
        semaphores.downWrite(MMAP_LOCK.at(mm));
        try {
            return change.getAsInt();
        } finally {
            semaphores.upWrite(MMAP_LOCK.at(mm));
        }
    }

    /** Sets up a new area for a file: the driver's {@code mmap} operation. */
    @FunctionalInterface
    public interface AreaSetup {

        /** Returns 0 or a negative errno; the area is removed then. */
        int of(long area);
    }

    /** Where a mapping goes. */
    public enum Placement {
        /** At the address, or elsewhere if something is there. */
        HINT,
        /** At the address, in place of what is there. */
        FIXED,
        /** At the address, if nothing is there. */
        FIXED_NOREPLACE
    }

    /** A mapping that a program wants. {@code at} is 0 for any address. */
    public record Wish(long at, long bytes, int flags, Placement placement) { }

    /**
     * {@code mmap}: maps memory, zeroed, or what {@code setup} makes of the area.
     *
     * @return the address, or a negative errno: EINVAL, ENOMEM, EEXIST, or that of the setup
     */
    public long map(long mm, Wish wish, AreaSetup setup) {
        long bytes = wish.bytes + PAGE - 1 & -PAGE;
        if (wish.bytes <= 0 || wish.placement != Placement.HINT && wish.at % PAGE != 0) {
            return -Errno.EINVAL;
        }
        long[] start = new long[1];
        int result = locked(mm, () -> {
            start[0] = place(mm, wish, bytes);
            return start[0] < 0 ? (int) start[0] : mapLocked(mm, start[0], bytes, wish.flags, setup);
        });
        return result < 0 ? result : start[0];
    }

    /** Finds the address for a mapping. Returns it, or a negative errno. */
    private long place(long mm, Wish wish, long bytes) {
        long hint = wish.at & -PAGE;
        boolean possible = hint >= Areas.MIN_ADDRESS && hint + bytes <= Areas.TASK_SIZE;
        if (wish.placement == Placement.FIXED) {
            return possible && unmapLocked(mm, hint, hint + bytes) == 0 ? hint : -Errno.ENOMEM;
        }
        if (possible && areas.isFree(mm, hint, hint + bytes)) {
            return hint;
        }
        if (wish.placement == Placement.FIXED_NOREPLACE) {
            return possible ? -Errno.EEXIST : -Errno.ENOMEM;
        }
        long free = areas.unmappedRange(mm, bytes);
        return free == 0 ? -Errno.ENOMEM : free;
    }

    private int mapLocked(long mm, long start, long bytes, int flags, AreaSetup setup) {
        long area = areas.add(mm, start, start + bytes, flags | FROM_THE_START);
        if (area == 0) {
            return -Errno.ENOMEM;
        }
        int result = setup.of(area);
        if (result < 0) {
            pages.zap(mm, area, start, start + bytes);
            areas.discard(mm, area);
            return result;
        }
        areas.merge(mm, area);
        return 0;
    }

    /** {@code munmap}. Returns 0 or a negative errno. */
    public int unmap(long mm, long start, long bytes) {
        long end = start + (bytes + PAGE - 1 & -PAGE);
        if (start % PAGE != 0 || bytes <= 0 || end > Areas.TASK_SIZE) {
            return -Errno.EINVAL;
        }
        return locked(mm, () -> unmapLocked(mm, start, end));
    }

    private int unmapLocked(long mm, long start, long end) {
        if (!splitAt(mm, start) || !splitAt(mm, end)) {
            return -Errno.ENOMEM;
        }
        long area = areas.find(mm, start);
        while (area != 0 && VM_START.get(memory, area) < end) {
            long next = areas.next(mm, area);
            pages.zap(mm, area, VM_START.get(memory, area), VM_END.get(memory, area));
            areas.remove(area);
            area = next;
        }
        return 0;
    }

    private boolean splitAt(long mm, long va) {
        long area = areas.at(mm, va);
        return area == 0 || VM_START.get(memory, area) == va || areas.split(area, va);
    }

    /**
     * {@code mprotect}: changes the accesses that a range allows. The accesses before an error are changed.
     *
     * @return 0, or a negative errno: EINVAL, ENOMEM at addresses that no area has, or EACCES
     */
    public int protect(long mm, long start, long bytes, int access) {
        long end = start + (bytes + PAGE - 1 & -PAGE);
        if (start % PAGE != 0 || bytes < 0 || end > Areas.TASK_SIZE) {
            return -Errno.EINVAL;
        }
        return locked(mm, () -> protectLocked(mm, start, end, access));
    }

    private int protectLocked(long mm, long start, long end, int access) {
        long area = areas.at(mm, start);
        for (long at = start; at < end; at = VM_END.get(memory, area), area = areas.next(mm, area)) {
            if (area == 0 || VM_START.get(memory, area) > at) {
                return -Errno.ENOMEM;
            }
            int flags = VM_FLAGS.get(memory, area);
            if ((access & VmFlags.VM_WRITE) != 0 && (flags & VmFlags.VM_MAYWRITE) == 0) {
                return -Errno.EACCES;
            }
            if (VM_START.get(memory, area) < at) {
                if (!areas.split(area, at)) {
                    return -Errno.ENOMEM;
                }
                area = areas.next(mm, area);
            }
            if (VM_END.get(memory, area) > end && !areas.split(area, end)) {
                return -Errno.ENOMEM;
            }
            VM_FLAGS.set(memory, area, flags & ~VmFlags.ACCESS | access);
            pages.protect(mm, area, at, VM_END.get(memory, area));
            area = areas.mergeBefore(mm, area);
        }
        if (area != 0) {
            areas.mergeBefore(mm, area);
        }
        return 0;
    }

    /**
     * {@code madvise} with MADV_DONTNEED: drops the pages of private mappings. The next access to one finds what the
     * first did: zeros, or the file's bytes. Pages of shared mappings stay.
     *
     * @return 0, or a negative errno: EINVAL, also at frames of a driver; ENOMEM if no area has some of the addresses,
     *         and the others' pages are dropped
     */
    public int dropPages(long mm, long start, long bytes) {
        long end = start + (bytes + PAGE - 1 & -PAGE);
        if (start % PAGE != 0 || end >= 1L << Integer.SIZE) {
            return -Errno.EINVAL;
        }
        return locked(mm, () -> dropLocked(mm, start, end));
    }

    private int dropLocked(long mm, long start, long end) {
        long at = start;
        int result = 0;
        for (long area = areas.find(mm, start); at < end; area = areas.next(mm, area)) {
            if (area == 0 || VM_START.get(memory, area) > at) {
                result = -Errno.ENOMEM;
            }
            if (area == 0 || VM_START.get(memory, area) >= end) {
                break;
            }
            int flags = VM_FLAGS.get(memory, area);
            if ((flags & VmFlags.VM_PFNMAP) != 0) {
                return -Errno.EINVAL;
            }
            long from = Math.max(at, VM_START.get(memory, area));
            at = Math.min(end, VM_END.get(memory, area));
            if ((flags & VmFlags.VM_SHARED) == 0) {
                pages.zap(mm, area, from, at);
            }
        }
        return result;
    }

    /** {@code brk}: moves the end of the heap. Returns the end, moved or not. */
    public long brk(long mm, long end) {
        semaphores.downWrite(MMAP_LOCK.at(mm));
        try {
            long heap = MmLayout.START_BRK.get(memory, mm);
            long from = MmLayout.BRK.get(memory, mm) + PAGE - 1 & -PAGE;
            long to = end + PAGE - 1 & -PAGE;
            if (end < heap || to > Areas.TASK_SIZE || !moveHeap(mm, from, to)) {
                return MmLayout.BRK.get(memory, mm);
            }
            MmLayout.BRK.set(memory, mm, end);
            return end;
        } finally {
            semaphores.upWrite(MMAP_LOCK.at(mm));
        }
    }

    private boolean moveHeap(long mm, long from, long to) {
        if (to <= from) {
            return to == from || unmapLocked(mm, to, from) == 0;
        }
        if (!areas.isFree(mm, from, to)) {
            return false;
        }
        return mapLocked(mm, from, to - from, VmFlags.VM_READ | VmFlags.VM_WRITE, area -> 0) == 0;
    }
}

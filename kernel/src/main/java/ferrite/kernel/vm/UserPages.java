package ferrite.kernel.vm;

import ferrite.hardware.hart.Pte;
import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.mm.BuddyAllocator;
import ferrite.kernel.mm.MemMap;
import ferrite.kernel.mm.PageFrames;
import ferrite.kernel.mm.PageLayout;

/**
 * The pages of programs in their page tables. Each entry counts in {@link PageLayout#MAPCOUNT} and has a reference.
 * Frames of areas with {@link VmFlags#VM_PFNMAP} are not counted. The caller holds the address space's lock.
 */
final class UserPages {

    private static final long PAGE = AddressSpace.PAGE_SIZE;
    /** A and D are set from the start for stores, so that no access has to update them. */
    private static final int USER = Pte.V | Pte.U | Pte.A;
    /** A valid entry that permits the program nothing, and the kernel no load and no store. */
    private static final int NONE = Pte.V | Pte.X | Pte.A;

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final UserTables tables;
    private final BuddyAllocator pages;
    private final PageFrames frames;
    private final MemMap memMap;

    UserPages(KernelBase base, BuddyAllocator pages, UserTables tables) {
        this.memory = base.memory();
        this.cpu = base.cpu();
        this.tables = tables;
        this.pages = pages;
        this.frames = pages.frames();
        this.memMap = frames.memMap();
    }

    /** Returns the permissions of an area's entries. Without {@code writable}, the first store faults. */
    static int permissions(int vmFlags, boolean writable) {
        if ((vmFlags & VmFlags.ACCESS) == 0) {
            return NONE;
        }
        return USER | ((vmFlags & (VmFlags.VM_READ | VmFlags.VM_WRITE)) != 0 ? Pte.R : 0)
                | ((vmFlags & VmFlags.VM_EXEC) != 0 ? Pte.X | Pte.R : 0)
                | (writable && (vmFlags & VmFlags.VM_WRITE) != 0 ? Pte.W | Pte.D : 0);
    }

    /** Allocates a zeroed page, in high memory if there is any. May sleep. Returns 0 without memory. */
    long allocZeroed() {
        return pages.allocPages(Gfp.GFP_HIGHUSER | Gfp.__GFP_ZERO, 0);
    }

    /** Returns whether programs may have a page: it is allocated, and no slab's. */
    boolean isMappable(long page) {
        return pages.isAllocated(memory, page)
                && (PageLayout.FLAGS.get(memory, memMap.head(memory, page)) & PageLayout.SLAB) == 0;
    }

    /** Maps a page, whose reference goes to the entry. The entry is invalid. */
    void install(long mm, long entry, long va, long page, int permissions) {
        PageLayout.MAPCOUNT.amoAdd(memory, page, 1);
        MmLayout.RSS.add(memory, mm, 1);
        set(entry, va, Pte.of(memMap.pageToPfn(page) << AddressSpace.PAGE_SHIFT, permissions));
    }

    /** Writes an entry, and flushes it on this hart. */
    void set(long entry, long va, int pte) {
        memory.store32(entry, pte);
        cpu.sfenceVma(va);
    }

    /** Returns the page of RAM that a program has at an address; 0 if there is none. */
    long mapped(long mm, long va) {
        long entry = tables.entry(memory, MmLayout.PGD.get(memory, mm), va);
        int pte = entry == 0 ? 0 : memory.load32(entry);
        return (pte & Pte.V) == 0 ? 0 : page(pte);
    }

    /** Returns the page that an entry leads to; 0 for a frame that is no page of RAM. */
    long page(int pte) {
        long pfn = Pte.pa(pte) >>> AddressSpace.PAGE_SHIFT;
        return memMap.isValid(pfn) ? memMap.pfnToPage(pfn) : 0;
    }

    /**
     * Gives a program a page of its own in place of one that others have too, before its first store: copy on write.
     * May sleep. Returns false without memory.
     */
    boolean copyOnWrite(long mm, long entry, long va, int permissions) {
        long old = page(memory.load32(entry));
        if (PageLayout.MAPCOUNT.get(memory, old) == 1 && PageLayout.COUNT.get(memory, old)
                == 1 + PageLayout.PINCOUNT.get(memory, old)) {
            set(entry, va, Pte.of(memMap.pageToPfn(old) << AddressSpace.PAGE_SHIFT, permissions));
            return true;
        }
        long copy = copyOf(old);
        if (copy == 0) {
            return false;
        }
        MmLayout.COPIES.add(memory, mm, 1);
        PageLayout.MAPCOUNT.amoAdd(memory, copy, 1);
        set(entry, va, Pte.of(memMap.pageToPfn(copy) << AddressSpace.PAGE_SHIFT, permissions));
        PageLayout.MAPCOUNT.amoAdd(memory, old, -1);
        pages.putPage(old);
        return true;
    }

    /** Allocates a copy of a page. May sleep. Returns 0 without memory. */
    long copyOf(long page) {
        long copy = pages.allocPages(Gfp.GFP_HIGHUSER, 0);
        long buffer = copy == 0 ? 0 : pages.getFreePages(Gfp.GFP_KERNEL, 0);
        if (buffer == 0) {
            if (copy != 0) {
                pages.freePages(copy, 0);
            }
            return 0;
        }
        frames.memcpyFromPage(memory, buffer, page, 0, (int) PAGE);
        frames.memcpyToPage(memory, copy, 0, buffer, (int) PAGE);
        pages.freePagesAt(buffer, 0);
        return copy;
    }

    /** Unmaps the pages of a range of an area, and drops their references. */
    void zap(long mm, long area, long start, long end) {
        boolean counted = (VmAreaLayout.VM_FLAGS.get(memory, area) & VmFlags.VM_PFNMAP) == 0;
        long table = MmLayout.PGD.get(memory, mm);
        for (long va = tables.nextWithTable(table, start, end); va < end;
                va = tables.nextWithTable(table, va + PAGE, end)) {
            long entry = tables.entry(memory, table, va);
            int pte = memory.load32(entry);
            if ((pte & Pte.V) != 0) {
                set(entry, va, 0);
                if (counted) {
                    unmapped(mm, page(pte));
                }
            }
        }
    }

    private void unmapped(long mm, long page) {
        MmLayout.RSS.add(memory, mm, -1);
        PageLayout.MAPCOUNT.amoAdd(memory, page, -1);
        pages.putPage(page);
    }

    /** Changes the permissions of the mapped pages of a range. Pages get writable when they are stored to. */
    void protect(long mm, long area, long start, long end) {
        int permissions = permissions(VmAreaLayout.VM_FLAGS.get(memory, area),
                (VmAreaLayout.VM_FLAGS.get(memory, area) & VmFlags.VM_SHARED) != 0);
        long table = MmLayout.PGD.get(memory, mm);
        for (long va = tables.nextWithTable(table, start, end); va < end;
                va = tables.nextWithTable(table, va + PAGE, end)) {
            long entry = tables.entry(memory, table, va);
            int pte = memory.load32(entry);
            if ((pte & Pte.V) != 0) {
                set(entry, va, Pte.of(Pte.pa(pte), permissions));
            }
        }
    }

    /**
     * Lets a child of {@code fork} have the pages of an area. Private pages are shared until one of both stores to
     * them; a pinned one is copied, because a device may still use it for the parent.
     *
     * @return false without memory
     */
    boolean share(long mm, long childMm, long area) {
        int flags = VmAreaLayout.VM_FLAGS.get(memory, area);
        long table = MmLayout.PGD.get(memory, mm);
        long childTable = MmLayout.PGD.get(memory, childMm);
        long end = VmAreaLayout.VM_END.get(memory, area);
        for (long va = tables.nextWithTable(table, VmAreaLayout.VM_START.get(memory, area), end); va < end;
                va = tables.nextWithTable(table, va + PAGE, end)) {
            long entry = tables.entry(memory, table, va);
            int pte = memory.load32(entry);
            if ((pte & Pte.V) != 0) {
                long childEntry = tables.makeEntry(childTable, va);
                if (childEntry == 0 || !share(childMm, entry, childEntry, va, flags)) {
                    return false;
                }
            }
        }
        return true;
    }

    private boolean share(long childMm, long entry, long childEntry, long va, int flags) {
        int pte = memory.load32(entry);
        if ((flags & VmFlags.VM_PFNMAP) != 0) {
            memory.store32(childEntry, pte);
            return true;
        }
        long page = page(pte);
        boolean isPrivate = (flags & VmFlags.VM_SHARED) == 0;
        if (isPrivate && PageLayout.PINCOUNT.get(memory, page) != 0) {
            page = copyOf(page);
            if (page == 0) {
                return false;
            }
            memory.store32(childEntry, Pte.of(memMap.pageToPfn(page) << AddressSpace.PAGE_SHIFT, pte & 0x3ff));
        } else {
            pages.getPage(page);
            int shared = isPrivate ? pte & ~(Pte.W | Pte.D) : pte;
            set(entry, va, shared);
            memory.store32(childEntry, shared);
        }
        PageLayout.MAPCOUNT.amoAdd(memory, page, 1);
        MmLayout.RSS.add(memory, childMm, 1);
        return true;
    }
}

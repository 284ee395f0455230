package ferrite.kernel.vm;

import ferrite.hardware.bus.Access;
import ferrite.hardware.hart.Pte;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.mm.BuddyAllocator;
import ferrite.kernel.mm.Kmalloc;
import ferrite.kernel.mm.MemoryManager;
import ferrite.kernel.mm.PageLayout;
import ferrite.kernel.sched.RwSemaphore;

/** {@code handle_mm_fault}: demand paging, copy on write, and pages of drivers. Task context; may sleep. */
public final class UserFaults {

    /** The largest stack, as Linux's default limit. */
    private static final long MAX_STACK = 8L << 20;

    private final KernelMemory memory;
    private final RwSemaphore semaphores;
    private final Kmalloc kmalloc;
    private final BuddyAllocator pages;
    private final UserTables tables;
    private final UserPages userPages;
    private final Areas areas;

    UserFaults(KernelBase base, RwSemaphore semaphores, MemoryManager mm, UserTables tables, UserPages userPages,
            Areas areas) {
        this.memory = base.memory();
        this.semaphores = semaphores;
        this.kmalloc = mm.kmalloc();
        this.pages = mm.pages();
        this.tables = tables;
        this.userPages = userPages;
        this.areas = areas;
    }

    /** Makes an access of a program possible, or says why it is not. */
    public FaultOutcome handle(long mm, long va, Access access) {
        semaphores.downRead(MmLayout.MMAP_LOCK.at(mm));
        try {
            MmLayout.FAULTS.add(memory, mm, 1);
            return handleLocked(mm, va, access);
        } finally {
            semaphores.upRead(MmLayout.MMAP_LOCK.at(mm));
        }
    }

    /** Handles a fault with the address space's lock held. */
    FaultOutcome handleLocked(long mm, long va, Access access) {
        long area = areas.find(mm, va);
        if (area == 0 || va < VmAreaLayout.VM_START.get(memory, area) && !grows(mm, area, va)) {
            return FaultOutcome.NO_AREA;
        }
        int flags = VmAreaLayout.VM_FLAGS.get(memory, area);
        int needed = access == Access.STORE ? VmFlags.VM_WRITE
                : access == Access.FETCH ? VmFlags.VM_EXEC : VmFlags.VM_READ | VmFlags.VM_EXEC | VmFlags.VM_WRITE;
        if ((flags & needed) == 0) {
            return FaultOutcome.NOT_ALLOWED;
        }
        long page = va & -AddressSpace.PAGE_SIZE;
        long entry = tables.makeEntry(MmLayout.PGD.get(memory, mm), page);
        if (entry == 0) {
            return FaultOutcome.NO_MEMORY;
        }
        int pte = memory.load32(entry);
        return (pte & Pte.V) == 0 ? missing(mm, area, entry, page, access == Access.STORE)
                : access == Access.STORE && (pte & Pte.W) == 0 ? writeProtected(mm, area, entry, page)
                : FaultOutcome.REPEAT;
    }

    /**
     * Brings in all pages of an area of shared memory, whatever it allows now, with its lock held. Returns 0, or {@code
     * -ENOMEM}.
     */
    public int populate(long area) {
        long mm = VmAreaLayout.VM_MM.get(memory, area);
        for (long va = VmAreaLayout.VM_START.get(memory, area); va < VmAreaLayout.VM_END.get(memory, area);
                va += AddressSpace.PAGE_SIZE) {
            long entry = tables.makeEntry(MmLayout.PGD.get(memory, mm), va);
            if (entry == 0 || missing(mm, area, entry, va, true) != FaultOutcome.REPEAT) {
                return -Errno.ENOMEM;
            }
        }
        return 0;
    }

    /** Enlarges a stack down to an address. */
    private boolean grows(long mm, long area, long va) {
        boolean may = (VmAreaLayout.VM_FLAGS.get(memory, area) & VmFlags.VM_GROWSDOWN) != 0
                && VmAreaLayout.VM_END.get(memory, area) - va <= MAX_STACK;
        long start = va & -AddressSpace.PAGE_SIZE;
        if (!may || start < Areas.MIN_ADDRESS || !areas.isFree(mm, start, VmAreaLayout.VM_START.get(memory, area))) {
            return false;
        }
        areas.resize(area, start, VmAreaLayout.VM_END.get(memory, area));
        return true;
    }

    private FaultOutcome missing(long mm, long area, long entry, long va, boolean store) {
        if (VmAreaLayout.VM_OPS.get(memory, area) != 0) {
            return fromDriver(mm, area, entry, va, store);
        }
        int flags = VmAreaLayout.VM_FLAGS.get(memory, area);
        if ((flags & VmFlags.VM_PFNMAP) != 0) {
            return FaultOutcome.NOTHING_THERE;
        }
        long page = userPages.allocZeroed();
        if (page == 0) {
            return FaultOutcome.NO_MEMORY;
        }
        userPages.install(mm, entry, va, page, UserPages.permissions(flags, true));
        return FaultOutcome.REPEAT;
    }

    private FaultOutcome fromDriver(long mm, long area, long entry, long va, boolean store) {
        long fault = kmalloc.kzalloc(VmFaultLayout.SIZE, Gfp.GFP_KERNEL);
        if (fault == 0) {
            return FaultOutcome.NO_MEMORY;
        }
        VmFaultLayout.ADDRESS.set(memory, fault, va);
        VmFaultLayout.PGOFF.set(memory, fault, VmAreaLayout.VM_PGOFF.get(memory, area)
                + Areas.pages(VmAreaLayout.VM_START.get(memory, area), va));
        VmFaultLayout.FLAGS.set(memory, fault, store ? VmFaultLayout.FAULT_FLAG_WRITE : 0);
        int answer = areas.operations(area).fault(area, fault);
        long page = VmFaultLayout.PAGE.get(memory, fault);
        kmalloc.kfree(fault);
        if (answer == VmOperations.FAULT_PAGE && page != 0) {
            if (!userPages.isMappable(page)) {
                pages.checks().badFaultPage(areas.operationsName(area) + ".fault", areas.operationsSymbol(area), page);
                return FaultOutcome.NOTHING_THERE;
            }
            return use(mm, area, entry, va, page, store);
        }
        return answer == VmOperations.VM_FAULT_NOPAGE ? FaultOutcome.REPEAT
                : answer == VmOperations.VM_FAULT_OOM ? FaultOutcome.NO_MEMORY : FaultOutcome.NOTHING_THERE;
    }

    /** Maps a driver's page; a store to a private area gets a copy, unless the driver has kept no reference. */
    private FaultOutcome use(long mm, long area, long entry, long va, long page, boolean store) {
        int flags = VmAreaLayout.VM_FLAGS.get(memory, area);
        boolean shared = (flags & VmFlags.VM_SHARED) != 0;
        boolean ours = PageLayout.COUNT.get(memory, page) == 1;
        if (!shared && !ours && store) {
            long copy = userPages.copyOf(page);
            pages.putPage(page);
            if (copy == 0) {
                return FaultOutcome.NO_MEMORY;
            }
            userPages.install(mm, entry, va, copy, UserPages.permissions(flags, true));
            return FaultOutcome.REPEAT;
        }
        userPages.install(mm, entry, va, page, UserPages.permissions(flags, shared || ours));
        return FaultOutcome.REPEAT;
    }

    private FaultOutcome writeProtected(long mm, long area, long entry, long va) {
        int flags = VmAreaLayout.VM_FLAGS.get(memory, area);
        int permissions = UserPages.permissions(flags, true);
        if ((flags & (VmFlags.VM_PFNMAP | VmFlags.VM_SHARED)) != 0) {
            userPages.set(entry, va, Pte.of(Pte.pa(memory.load32(entry)), permissions));
            return FaultOutcome.REPEAT;
        }
        return userPages.copyOnWrite(mm, entry, va, permissions) ? FaultOutcome.REPEAT : FaultOutcome.NO_MEMORY;
    }
}

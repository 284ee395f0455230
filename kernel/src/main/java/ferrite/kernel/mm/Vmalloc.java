package ferrite.kernel.mm;

import static ferrite.kernel.mm.VmallocLayout.CACHE;
import static ferrite.kernel.mm.VmallocLayout.DEFERRED;
import static ferrite.kernel.mm.VmallocLayout.END;
import static ferrite.kernel.mm.VmallocLayout.FREED;
import static ferrite.kernel.mm.VmallocLayout.HISTORY;
import static ferrite.kernel.mm.VmallocLayout.LOCK;
import static ferrite.kernel.mm.VmallocLayout.TREE;
import static ferrite.kernel.mm.VmapAreaLayout.CALLER;
import static ferrite.kernel.mm.VmapAreaLayout.FLAGS;
import static ferrite.kernel.mm.VmapAreaLayout.FREE_CALLER;
import static ferrite.kernel.mm.VmapAreaLayout.FREE_PID;
import static ferrite.kernel.mm.VmapAreaLayout.FREE_TASK;
import static ferrite.kernel.mm.VmapAreaLayout.FREE_TIME;
import static ferrite.kernel.mm.VmapAreaLayout.NEXT;
import static ferrite.kernel.mm.VmapAreaLayout.PAGES;
import static ferrite.kernel.mm.VmapAreaLayout.PHYS;
import static ferrite.kernel.mm.VmapAreaLayout.PID;
import static ferrite.kernel.mm.VmapAreaLayout.REQUESTED;
import static ferrite.kernel.mm.VmapAreaLayout.SIZE;
import static ferrite.kernel.mm.VmapAreaLayout.START;
import static ferrite.kernel.mm.VmapAreaLayout.TASK;
import static ferrite.kernel.mm.VmapAreaLayout.TIME;

import ferrite.hardware.bus.BusFault;
import ferrite.hardware.hart.Pte;
import ferrite.hardware.hart.TranslationWatch;
import ferrite.hardware.report.Hex;
import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.ResourceTracker;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.core.Context;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.log.CallSite;
import ferrite.kernel.log.KernelLog;
import ferrite.kernel.log.StringTable;
import ferrite.kernel.sched.CrossCall;
import ferrite.kernel.shadow.Blocks;
import ferrite.kernel.shadow.MemoryStates;
import ferrite.kernel.work.WorkFunction;
import ferrite.kernel.work.WorkQueues;

/**
 * {@code vmalloc} and {@code ioremap} (LDD3 pages 225 and 249). Areas lie from {@link AddressSpace#VMALLOC_START} to
 * {@link AddressSpace#VMALLOC_END} and are mapped page by page. An unmapped guard page follows each area. The
 * second-level tables exist from boot, and all address spaces share them.
 *
 * <p>A freed area is flushed at once: all harts drop its translations, on an interrupt, before its addresses and pages
 * are free. A {@link TranslationWatch} notices an access in between, a page fault a later one. Both reports describe
 * the area.
 */
public final class Vmalloc {

    private static final long PAGE = AddressSpace.PAGE_SIZE;
    private static final String ALLOCATE_EARLY = "allocate the area before the atomic section begins";
    private static final String FREE_LATE = "free the area when the atomic section has ended";

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final Context context;
    private final SpinLock locks;
    private final AddressSpace space;
    private final BuddyAllocator pages;
    private final MemMap memMap;
    private final KmemCaches caches;
    private final StringTable strings;
    private final KernelLog log;
    private final VmapTree tree;
    private final VmallocView view;
    private final VmallocChecks checks;
    private final TranslationWatch watch;
    private final ResourceTracker tracker;
    private final MemoryStates states;
    private final long root;
    private final long state;
    private final long flush;
    private final CrossCall crossCall;
    private final WorkQueues work;
    private final long freeLater;
    private final MemoryEvents events;

    /**
     * @param work    frees areas for interrupt handlers, in a task
     * @param watch   notices stale translations
     */
    Vmalloc(KernelBase base, BuddyAllocator pages, KmemCaches caches, CrossCall crossCall, WorkQueues work,
            TranslationWatch watch) {
        this.memory = base.memory();
        this.cpu = base.cpu();
        this.context = base.context();
        this.locks = base.locks();
        this.space = base.space();
        this.pages = pages;
        this.memMap = pages.frames().memMap();
        this.caches = caches;
        this.strings = base.strings();
        this.log = base.log();
        this.root = base.root();
        this.state = base.rootAddress(RootLayout.VMALLOC);
        this.tree = new VmapTree(memory, TREE.at(state));
        this.view = new VmallocView(tree, locks, state);
        this.checks = new VmallocChecks(base.violations());
        this.watch = watch;
        this.tracker = base.tracker();
        this.states = base.states();
        this.flush = base.text().newModule().add("flush_tlb_kernel_range",
                (CrossCall.Callee) unused -> cpu.sfenceVma());
        this.crossCall = crossCall;
        this.work = work;
        this.freeLater = base.text().newModule().add("delayed_vfree_work", (WorkFunction) item -> freeDeferred());
        this.events = pages.events();
    }

    /**
     * Makes the tree and the cache of area records. The first page stays free, so that an access below the first area
     * does not reach low memory. Boot; lookaside caches exist.
     */
    public void init() {
        work.initWork(RootLayout.VFREE_WORK.at(root), freeLater);
        tree.init(END.at(state), AddressSpace.VMALLOC_START + PAGE, AddressSpace.VMALLOC_END);
        CACHE.set(memory, state, caches.create("vmap_area", VmapAreaLayout.BYTES, 0, SlabFlags.SLAB_PANIC, 0, 0));
    }

    /** Tells the shadow of all areas, for a kernel that attaches. Only looks. */
    void attach(ReadableMemory from) {
        try {
            view.areas(from).forEach(area -> {
                if ((area.flags() & VmapAreaLayout.VM_IOREMAP) != 0) {
                    states.registersMapped(area.start(), area.phys(), area.size() - PAGE);
                } else if (area.requested() > 0 && area.requested() <= area.size() - PAGE) {
                    states.area(area.start(), area.requested());
                }
            });
        } catch (BusFault damaged) {
            // a record was overwritten: the ends of some areas are not checked
        }
    }

    /** The view for inspectors. */
    public VmallocView view() {
        return view;
    }

    // ---- vmalloc ----

    /**
     * Allocates virtually contiguous memory (LDD3 page 225). Pages are scattered and come from high memory first. Task
     * context; may sleep.
     *
     * @param bytes rounded up to pages
     * @return the address; 0 if there is no memory or no free range of addresses
     */
    public long vmalloc(long bytes) {
        return allocate("vmalloc", bytes, Gfp.GFP_KERNEL | Gfp.__GFP_HIGHMEM);
    }

    /** Allocates zeroed memory, see {@link #vmalloc}. Task context; may sleep. */
    public long vzalloc(long bytes) {
        return allocate("vzalloc", bytes, Gfp.GFP_KERNEL | Gfp.__GFP_HIGHMEM | Gfp.__GFP_ZERO);
    }

    /**
     * Allocates memory from low pages, which every 32-bit device can reach, see {@link #vmalloc}. Task context; may
     * sleep.
     */
    public long vmalloc32(long bytes) {
        return allocate("vmalloc_32", bytes, Gfp.GFP_KERNEL);
    }

    private long allocate(String call, long bytes, int gfp) {
        context.mightSleep(call, ALLOCATE_EARLY);
        long va = fill(call, bytes, gfp, null, VmapAreaLayout.VM_ALLOC);
        states.area(va, bytes);
        return tracker.took(ResourceTracker.Kind.AREA, va, (int) bytes);
    }

    /**
     * Allocates zeroed memory for the kernel. No driver is recorded as its owner, and {@code caller} is shown as its
     * maker. May sleep.
     */
    long own(String caller, long bytes) {
        return fill("vzalloc", bytes, Gfp.GFP_KERNEL | Gfp.__GFP_HIGHMEM | Gfp.__GFP_ZERO, caller,
                VmapAreaLayout.VM_ALLOC);
    }

    /** Allocates a kernel stack, which holds old bytes. {@code caller} is shown as its maker. May sleep. */
    long stack(String caller, long bytes) {
        return fill("vmalloc", bytes, Gfp.GFP_KERNEL | Gfp.__GFP_HIGHMEM, caller,
                VmapAreaLayout.VM_ALLOC | VmapAreaLayout.KERNEL_STACK);
    }

    /** Frees a kernel stack. */
    void freeStack(long va) {
        giveBack("vfree", va, VmapAreaLayout.KERNEL_STACK);
    }

    /** Frees memory of {@link #own}. */
    void disown(long va) {
        giveBack("vfree", va, VmapAreaLayout.VM_ALLOC);
    }

    private long fill(String call, long bytes, int gfp, String caller, int kind) {
        long va = fillArea(call, bytes, gfp, caller, kind);
        events.areaAllocated(va, bytes + PAGE - 1 & -PAGE, gfp);
        return va;
    }

    private long fillArea(String call, long bytes, int gfp, String caller, int kind) {
        long count = bytes + PAGE - 1 >>> AddressSpace.PAGE_SHIFT;
        if (bytes <= 0 || count > memMap.endPfn() - memMap.firstPfn()) {
            warn(call, bytes, bytes <= 0 ? "there is nothing to allocate" : "exceeds total pages");
            return 0;
        }
        long area = newArea(count * PAGE, kind, 0, caller);
        if (area == 0) {
            warn(call, bytes, "no free range of addresses, or no memory for the area's record");
            return 0;
        }
        long va = START.get(memory, area);
        if (caller == null) {
            REQUESTED.set(memory, area, bytes);
        }
        for (int i = 0; i < count; i++) {
            long page = pages.allocBlock(gfp, 0);
            if (page == 0) {
                warn(call, bytes, "failed to allocate pages, " + i + " of " + count + " allocated");
                tearDown(area);
                return 0;
            }
            PageTables.mapPage(memory, space, table(), va + i * PAGE,
                    memMap.pageToPfn(page) << AddressSpace.PAGE_SHIFT);
            long pa = memMap.pageToPfn(page) << AddressSpace.PAGE_SHIFT;
            states.block((kind & VmapAreaLayout.KERNEL_STACK) != 0 ? Blocks.Kind.STACK : Blocks.Kind.AREA, 0, pa, PAGE,
                    PAGE);
            PAGES.set(memory, area, i + 1);
        }
        cpu.sfenceVma();
        VmallocLayout.PAGES.amoAdd(memory, state, (int) count);
        return va;
    }

    private void warn(String call, long bytes, String why) {
        log.print(call + " error: size " + bytes + ", " + why);
    }

    /**
     * Frees memory of the vmalloc calls; 0 is legal. May sleep. As in Linux, in an interrupt handler a task frees it
     * later. A wrong address is reported and frees nothing.
     */
    public void vfree(long va) {
        if (va != 0 && giveBack("vfree", va, VmapAreaLayout.VM_ALLOC | VmapAreaLayout.VM_USERMAP)) {
            states.areaFreed(va);
            tracker.gaveBack(ResourceTracker.Kind.AREA, va);
        }
    }

    // ---- ioremap ----

    /**
     * Maps device registers (LDD3 page 249). Task context; may sleep.
     *
     * @return the address, at the same offset in its page; 0 if {@code pa} is memory, which has an address already, or
     *         if there is no free range of addresses
     */
    public long ioremap(long pa, long bytes) {
        return ioremap(pa, bytes, null);
    }

    /** @param caller shown as the maker of the area; null for the calling line of source */
    public long ioremap(long pa, long bytes, String caller) {
        context.mightSleep("ioremap", "map device registers when the driver probes");
        long offset = pa & PAGE - 1;
        long size = offset + bytes + PAGE - 1 & -PAGE;
        if (bytes <= 0 || pa + bytes > 1L << 34 || memMap.isValid(pa >>> AddressSpace.PAGE_SHIFT)
                || memMap.isValid(pa + bytes - 1 >>> AddressSpace.PAGE_SHIFT)) {
            warn("ioremap", bytes, "physical " + Hex.grouped(pa)
                    + (bytes <= 0 ? ": nothing to map" : " is memory, or past the last physical address"));
            return 0;
        }
        long area = newArea(size, VmapAreaLayout.VM_IOREMAP, pa - offset, caller);
        if (area == 0) {
            return 0;
        }
        long va = START.get(memory, area);
        for (long done = 0; done < size; done += PAGE) {
            PageTables.mapPage(memory, space, table(), va + done, pa - offset + done);
        }
        cpu.sfenceVma();
        states.registersMapped(va, pa - offset, size);
        return tracker.took(ResourceTracker.Kind.MAPPING, va + offset, (int) bytes);
    }

    /**
     * Unmaps registers of {@link #ioremap}; 0 is legal. Task context; may sleep. A wrong address is reported and unmaps
     * nothing.
     */
    public void iounmap(long va) {
        if (va != 0 && giveBack("iounmap", va & -PAGE, VmapAreaLayout.VM_IOREMAP)) {
            states.registersUnmapped(va & -PAGE);
            tracker.gaveBack(ResourceTracker.Kind.MAPPING, va);
        }
    }

    // ---- addresses for callers to fill ----

    /**
     * Reserves addresses that map nothing yet, for {@link #ioremapPageRange}. {@link #vfree} frees them. Task context;
     * may sleep. Returns 0 if there is no free range.
     */
    public long getVmArea(long bytes) {
        context.mightSleep("get_vm_area", ALLOCATE_EARLY);
        long size = bytes + PAGE - 1 & -PAGE;
        long area = bytes <= 0 ? 0 : newArea(size, VmapAreaLayout.VM_USERMAP, 0, null);
        return area == 0 ? 0 : tracker.took(ResourceTracker.Kind.AREA, START.get(memory, area), (int) bytes);
    }

    /**
     * Maps a range of physical addresses into an area of {@link #getVmArea}. They still belong to their owner. Task
     * context; may sleep.
     *
     * @param va       the first address, at the beginning of a page inside the area
     * @param end      the first address after the range
     * @param pa       the first physical address, at the beginning of a page
     * @param writable whether stores are allowed
     * @return 0, or a negative {@link Errno}: EINVAL if the range is not part of such an area, EBUSY if a page of it is
     *         mapped
     */
    public int ioremapPageRange(long va, long end, long pa, boolean writable) {
        context.mightSleep("ioremap_page_range", "map before the atomic section begins");
        long size = end - va + PAGE - 1 & -PAGE;
        int flags = locks.lockIrqSave(LOCK.at(state));
        long area = tree.find(memory, va);
        boolean right = area != 0 && FLAGS.get(memory, area) == VmapAreaLayout.VM_USERMAP && va % PAGE == 0 && end > va
                && va + size <= end(area) && pa % PAGE == 0 && pa >= 0 && pa + size <= 1L << 34;
        int result = right ? map(va, pa >>> AddressSpace.PAGE_SHIFT, size, writable) : -Errno.EINVAL;
        locks.unlockIrqRestore(LOCK.at(state), flags);
        cpu.sfenceVma();
        return result;
    }

    private int map(long va, long pfn, long size, boolean writable) {
        for (long done = 0; done < size; done += PAGE) {
            if (memory.load32(PageTables.entry(memory, space, table(), va + done)) != 0) {
                return -Errno.EBUSY;
            }
        }
        for (long done = 0; done < size; done += PAGE) {
            long pa = (pfn << AddressSpace.PAGE_SHIFT) + done;
            if (writable) {
                PageTables.mapPage(memory, space, table(), va + done, pa);
            } else {
                PageTables.mapReadOnly(memory, space, table(), va + done, pa);
            }
        }
        return 0;
    }

    /** Returns the {@code struct page} at an address of an area, or 0. Any context. */
    public long vmallocToPage(long va) {
        if (!isVmallocAddr(va)) {
            return 0;
        }
        int pte = memory.load32(PageTables.entry(memory, space, table(), va));
        long pfn = Pte.pa(pte) >>> AddressSpace.PAGE_SHIFT;
        return (pte & Pte.V) != 0 && memMap.isValid(pfn) ? memMap.pfnToPage(pfn) : 0;
    }

    /** Returns the leaf entry of the page tables for an address of an area. Only looks. */
    int peekEntry(ReadableMemory from, long va) {
        long tables = space.virt(PageTables.root(RootLayout.SATP.get(from, root)));
        return from.load32(PageTables.entry(from, space, tables, va));
    }

    /** Whether the address lies in the vmalloc area. Any context. */
    public static boolean isVmallocAddr(long va) {
        return va >= AddressSpace.VMALLOC_START && va < AddressSpace.VMALLOC_END;
    }

    // ---- areas ----

    /** Makes an area followed by a guard page. Returns its record, or 0. */
    private long newArea(long bytes, int kind, long phys, String caller) {
        if (bytes > AddressSpace.VMALLOC_END - AddressSpace.VMALLOC_START) {
            return 0;
        }
        long area = caches.objects().allocObject(CACHE.get(memory, state), Gfp.GFP_KERNEL | Gfp.__GFP_ZERO,
                VmapAreaLayout.BYTES);
        if (area == 0) {
            return 0;
        }
        SIZE.set(memory, area, bytes + PAGE);
        FLAGS.set(memory, area, kind);
        PHYS.set(memory, area, phys);
        signAllocation(area, caller);
        int flags = locks.lockIrqSave(LOCK.at(state));
        long start = tree.insert(area);
        locks.unlockIrqRestore(LOCK.at(state), flags);
        if (start == 0) {
            caches.objects().free(CACHE.get(memory, state), area);
            return 0;
        }
        return area;
    }

    /** Records the line of source and the task that make the area, and the time. */
    private void signAllocation(long area, String caller) {
        CALLER.set(memory, area, strings.intern(caller == null ? CallSite.ofCaller() : caller));
        TASK.set(memory, area, TaskLayout.NAME.get(memory, cpu.tp()));
        PID.set(memory, area, TaskLayout.PID.get(memory, cpu.tp()));
        TIME.set(memory, area, cpu.time());
    }

    /** Records the line of source and the task that free the area, and the time. */
    private void signFree(long area) {
        FREE_CALLER.set(memory, area, strings.intern(CallSite.ofCaller()));
        FREE_TASK.set(memory, area, TaskLayout.NAME.get(memory, cpu.tp()));
        FREE_PID.set(memory, area, TaskLayout.PID.get(memory, cpu.tp()));
        FREE_TIME.set(memory, area, cpu.time());
    }

    private long end(long area) {
        return START.get(memory, area) + SIZE.get(memory, area) - PAGE;
    }

    private long table() {
        return space.virt(PageTables.root(RootLayout.SATP.get(memory, root)));
    }

    /** Frees an area of the given kinds, at once or, in atomic context, later. Returns whether there was one. */
    private boolean giveBack(String call, long va, int kinds) {
        boolean now = !context.isAtomic();
        if (!context.inInterrupt()) {
            context.mightSleep(call, FREE_LATE);
        }
        int flags = locks.lockIrqSave(LOCK.at(state));
        long area = tree.find(memory, va);
        int kind = area == 0 ? 0 : FLAGS.get(memory, area);
        boolean right = (kind & kinds) != 0 && (kind & VmapAreaLayout.DYING) == 0 && START.get(memory, area) == va
                && (kind & VmapAreaLayout.KERNEL_STACK) == (kinds & VmapAreaLayout.KERNEL_STACK);
        if (right) {
            FLAGS.set(memory, area, kind | VmapAreaLayout.DYING);
            if (!now) {
                NEXT.set(memory, area, DEFERRED.get(memory, state));
                DEFERRED.set(memory, state, area);
            }
        }
        locks.unlockIrqRestore(LOCK.at(state), flags);
        if (!right) {
            checks.badFree(call, va, view);
            return false;
        }
        signFree(area);
        if ((kind & VmapAreaLayout.VM_ALLOC) != 0) {
            events.areaFreed(area);
        }
        if (now) {
            VmallocLayout.PAGES.amoAdd(memory, state, -PAGES.get(memory, area));
            tearDown(area);
        } else {
            work.queue(work.systemQueue(), RootLayout.VFREE_WORK.at(root));
        }
        return true;
    }

    /** Frees the areas that were freed in atomic context. May sleep. */
    private void freeDeferred() {
        int flags = locks.lockIrqSave(LOCK.at(state));
        long area = DEFERRED.get(memory, state);
        DEFERRED.set(memory, state, 0);
        locks.unlockIrqRestore(LOCK.at(state), flags);
        while (area != 0) {
            long next = NEXT.get(memory, area);
            VmallocLayout.PAGES.amoAdd(memory, state, -PAGES.get(memory, area));
            tearDown(area);
            area = next;
        }
    }

    /**
     * Unmaps an area and waits until every hart has dropped its translations; then frees pages and addresses. Until
     * then an invalid entry keeps its frame number.
     */
    private void tearDown(long area) {
        long start = START.get(memory, area);
        long end = end(area);
        watch.begin(start, end - start);
        for (long va = start; va < end; va += PAGE) {
            long entry = PageTables.entry(memory, space, table(), va);
            memory.store32(entry, memory.load32(entry) & ~Pte.V);
        }
        flushAllHarts();
        watch.end(start, end - start);
        boolean own = (FLAGS.get(memory, area) & VmapAreaLayout.VM_ALLOC) != 0;
        for (long va = start; va < end; va += PAGE) {
            long entry = PageTables.entry(memory, space, table(), va);
            int pte = memory.load32(entry);
            memory.store32(entry, 0);
            if (own && pte != 0) {
                pages.freePages(memMap.pfnToPage(Pte.pa(pte) >>> AddressSpace.PAGE_SHIFT), 0);
            }
        }
        int flags = locks.lockIrqSave(LOCK.at(state));
        tree.delete(area);
        if (FREE_CALLER.get(memory, area) != 0) {
            remember(area);
        }
        locks.unlockIrqRestore(LOCK.at(state), flags);
        caches.objects().free(CACHE.get(memory, state), area);
    }

    /** Flushes the TLBs of all harts. May sleep. */
    void flushAllHarts() {
        int online = RootLayout.ONLINE.get(memory, root);
        if (Integer.bitCount(online) <= 1) {
            cpu.sfenceVma();
        } else {
            crossCall.onEachHart(flush, 0, online);
        }
    }

    private void remember(long area) {
        int freed = FREED.get(memory, state);
        FREED.set(memory, state, freed + 1);
        long entry = HISTORY.at(state, Integer.remainderUnsigned(freed, VmallocLayout.HISTORY_ENTRIES));
        memory.copy(entry, area, VmapAreaLayout.DESCRIPTION);
    }

    /** Returns the pages allocated by areas. */
    public long usedPages(ReadableMemory from) {
        return VmallocLayout.PAGES.get(from, state);
    }
}

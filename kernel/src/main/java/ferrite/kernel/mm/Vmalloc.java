package ferrite.kernel.mm;

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

/**
 * {@code vmalloc} and {@code ioremap} (LDD3 pages 225 and 249): addresses from {@link AddressSpace#VMALLOC_START} to {@link AddressSpace#VMALLOC_END}, mapped page by page, with
 * a guard page after each area that nothing is ever mapped to. The second-level tables are there from boot, and all address spaces share them.
 *
 * <p>An area that is given back is flushed at once: its addresses and pages are free only when every hart has forgotten its translations, by interrupt. Who uses one in
 * between is noticed by a {@link TranslationWatch}, who does so later by the page fault; both are told what the area was.
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
    private final long root;
    private final long state;
    private final long flush;
    private final CrossCall crossCall;
    private final Reclaim reclaim;

    /**
     * @param reclaim wakes the task that gives back what an interrupt handler freed
     * @param watch   notices translations that are out of date
     */
    Vmalloc(KernelBase base, BuddyAllocator pages, KmemCaches caches, CrossCall crossCall, Reclaim reclaim, TranslationWatch watch) {
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
        this.tree = new VmapTree(memory, state + VmallocLayout.TREE);
        this.view = new VmallocView(tree, state);
        this.checks = new VmallocChecks(base.violations());
        this.watch = watch;
        this.tracker = base.tracker();
        this.flush = base.text().newModule().add("flush_tlb_kernel_range", (CrossCall.Callee) unused -> cpu.sfenceVma());
        this.crossCall = crossCall;
        this.reclaim = reclaim;
    }

    /** Boot; lookaside caches are there. */
    public void init() {
        tree.init(state + VmallocLayout.END, AddressSpace.VMALLOC_START, AddressSpace.VMALLOC_END);
        memory.storeAddress(state + VmallocLayout.CACHE, caches.create("vmap_area", VmapAreaLayout.BYTES, 0, SlabFlags.SLAB_PANIC, 0, 0));
    }

    /** What can be seen from outside. */
    public VmallocView view() {
        return view;
    }

    // ---- vmalloc ----

    /**
     * {@code vmalloc}: memory whose addresses follow each other, and whose pages need not, of high memory first. May sleep.
     *
     * @param bytes rounded up to pages
     * @return its address, or 0 when there is no memory or no room for it
     */
    public long vmalloc(long bytes) {
        return allocate("vmalloc", bytes, Gfp.GFP_KERNEL | Gfp.__GFP_HIGHMEM);
    }

    /** {@code vzalloc}: as {@link #vmalloc}, zeroed. */
    public long vzalloc(long bytes) {
        return allocate("vzalloc", bytes, Gfp.GFP_KERNEL | Gfp.__GFP_HIGHMEM | Gfp.__GFP_ZERO);
    }

    /** {@code vmalloc_32}: as {@link #vmalloc}, of pages that every device with 32 address lines and the linear map reach: no high memory. */
    public long vmalloc32(long bytes) {
        return allocate("vmalloc_32", bytes, Gfp.GFP_KERNEL);
    }

    private long allocate(String call, long bytes, int gfp) {
        context.mightSleep(call, ALLOCATE_EARLY);
        return tracker.took(ResourceTracker.Kind.AREA, fill(call, bytes, gfp, null), (int) bytes);
    }

    /** As {@link #vzalloc}, for the kernel's own use: whoever calls it is not the owner. */
    long own(String caller, long bytes) {
        return fill("vzalloc", bytes, Gfp.GFP_KERNEL | Gfp.__GFP_HIGHMEM | Gfp.__GFP_ZERO, caller);
    }

    /** Gives back what {@link #own} gave. */
    void disown(long va) {
        giveBack("vfree", va, VmapAreaLayout.VM_ALLOC);
    }

    private long fill(String call, long bytes, int gfp, String caller) {
        long count = bytes + PAGE - 1 >>> AddressSpace.PAGE_SHIFT;
        if (bytes <= 0 || count > memMap.endPfn() - memMap.firstPfn()) {
            warn(call, bytes, bytes <= 0 ? "there is nothing to allocate" : "exceeds total pages");
            return 0;
        }
        long area = newArea(count * PAGE, VmapAreaLayout.VM_ALLOC, 0, caller);
        if (area == 0) {
            warn(call, bytes, "no room, or no memory for the area's record");
            return 0;
        }
        long va = memory.loadAddress(area + VmapAreaLayout.START);
        for (int i = 0; i < count; i++) {
            long page = pages.allocBlock(gfp, 0);
            if (page == 0) {
                warn(call, bytes, "failed to allocate pages, " + i + " of " + count + " allocated");
                tearDown(area);
                return 0;
            }
            PageTables.mapPage(memory, space, table(), va + i * PAGE, memMap.pageToPfn(page) << AddressSpace.PAGE_SHIFT);
            memory.store32(area + VmapAreaLayout.PAGES, i + 1);
        }
        cpu.sfenceVma();
        memory.amoAdd32(state + VmallocLayout.PAGES, (int) count);
        return va;
    }

    private void warn(String call, long bytes, String why) {
        log.print(call + " error: size " + bytes + ", " + why);
    }

    /** {@code vfree}: gives back what the vmalloc calls gave; 0 is legal. May sleep; in an interrupt handler it is put off until a task can do it, as in Linux. */
    public void vfree(long va) {
        if (va != 0 && giveBack("vfree", va, VmapAreaLayout.VM_ALLOC | VmapAreaLayout.VM_USERMAP)) {
            tracker.gaveBack(ResourceTracker.Kind.AREA, va);
        }
    }

    // ---- ioremap ----

    /**
     * {@code ioremap}: an address for device registers, at the same place in their page. May sleep.
     *
     * @return 0 when there is no room, or when {@code pa} is memory, which has its address already
     */
    public long ioremap(long pa, long bytes) {
        return ioremap(pa, bytes, null);
    }

    /** @param caller who is shown as having made it; null for the line of source that called */
    public long ioremap(long pa, long bytes, String caller) {
        context.mightSleep("ioremap", "map device registers when the driver probes");
        long offset = pa & PAGE - 1;
        long size = offset + bytes + PAGE - 1 & -PAGE;
        if (bytes <= 0 || pa + bytes > 1L << 34 || memMap.isValid(pa >>> AddressSpace.PAGE_SHIFT) || memMap.isValid(pa + bytes - 1 >>> AddressSpace.PAGE_SHIFT)) {
            warn("ioremap", bytes, "physical " + Hex.grouped(pa) + (bytes <= 0 ? ": nothing to map" : " is memory, or nothing at all"));
            return 0;
        }
        long area = newArea(size, VmapAreaLayout.VM_IOREMAP, pa - offset, caller);
        if (area == 0) {
            return 0;
        }
        long va = memory.loadAddress(area + VmapAreaLayout.START);
        for (long done = 0; done < size; done += PAGE) {
            PageTables.mapPage(memory, space, table(), va + done, pa - offset + done);
        }
        cpu.sfenceVma();
        return tracker.took(ResourceTracker.Kind.MAPPING, va + offset, (int) bytes);
    }

    /** {@code iounmap}: of what {@link #ioremap} gave; 0 is legal. May sleep. */
    public void iounmap(long va) {
        if (va != 0 && giveBack("iounmap", va & -PAGE, VmapAreaLayout.VM_IOREMAP)) {
            tracker.gaveBack(ResourceTracker.Kind.MAPPING, va);
        }
    }

    // ---- addresses for others to fill ----

    /** {@code get_vm_area}: addresses that lead nowhere yet, for {@link #remapPfnRange}. Given back by {@link #vfree}. May sleep. Returns 0 when there is no room. */
    public long getVmArea(long bytes) {
        context.mightSleep("get_vm_area", ALLOCATE_EARLY);
        long size = bytes + PAGE - 1 & -PAGE;
        long area = bytes <= 0 ? 0 : newArea(size, VmapAreaLayout.VM_USERMAP, 0, null);
        return area == 0 ? 0 : tracker.took(ResourceTracker.Kind.AREA, memory.loadAddress(area + VmapAreaLayout.START), (int) bytes);
    }

    /**
     * {@code remap_pfn_range} (LDD3 page 424): lets addresses lead to a range of frames, of devices or of memory, which stay their owner's. There are no users' address spaces
     * yet, so that the addresses are those of an area that {@link #getVmArea} gave. May sleep.
     *
     * @param va       where to begin, a page inside the area
     * @param pfn      the first frame
     * @param writable whether they may be written there
     * @return 0, or a negative {@link Errno}: EINVAL when this is not such a piece of an area, EBUSY when something is mapped there
     */
    public int remapPfnRange(long va, long pfn, long bytes, boolean writable) {
        context.mightSleep("remap_pfn_range", "map before the atomic section begins");
        long size = bytes + PAGE - 1 & -PAGE;
        int flags = locks.lockIrqSave(state + VmallocLayout.LOCK);
        long area = tree.find(memory, va);
        boolean right = area != 0 && memory.load32(area + VmapAreaLayout.FLAGS) == VmapAreaLayout.VM_USERMAP && va % PAGE == 0 && bytes > 0
                && va + size <= end(area) && pfn >= 0 && pfn + (size >>> AddressSpace.PAGE_SHIFT) <= 1L << 22;
        int result = right ? map(va, pfn, size, writable) : -Errno.EINVAL;
        locks.unlockIrqRestore(state + VmallocLayout.LOCK, flags);
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

    /** {@code vmalloc_to_page}: the {@code struct page} behind an address of an area, or 0. Any context. */
    public long vmallocToPage(long va) {
        if (!isVmallocAddr(va)) {
            return 0;
        }
        int pte = memory.load32(PageTables.entry(memory, space, table(), va));
        long pfn = Pte.pa(pte) >>> AddressSpace.PAGE_SHIFT;
        return (pte & Pte.V) != 0 && memMap.isValid(pfn) ? memMap.pfnToPage(pfn) : 0;
    }

    /** {@code is_vmalloc_addr}. Any context. */
    public static boolean isVmallocAddr(long va) {
        return va >= AddressSpace.VMALLOC_START && va < AddressSpace.VMALLOC_END;
    }

    // ---- areas ----

    /** An area of so many bytes and a guard page, or 0. */
    private long newArea(long bytes, int kind, long phys, String caller) {
        if (bytes > AddressSpace.VMALLOC_END - AddressSpace.VMALLOC_START) {
            return 0;
        }
        long area = caches.objects().allocObject(memory.loadAddress(state + VmallocLayout.CACHE), Gfp.GFP_KERNEL | Gfp.__GFP_ZERO, VmapAreaLayout.BYTES);
        if (area == 0) {
            return 0;
        }
        memory.storeAddress(area + VmapAreaLayout.SIZE, bytes + PAGE);
        memory.store32(area + VmapAreaLayout.FLAGS, kind);
        memory.storeAddress(area + VmapAreaLayout.PHYS, phys);
        sign(area + VmapAreaLayout.CALLER, area + VmapAreaLayout.TIME, caller);
        int flags = locks.lockIrqSave(state + VmallocLayout.LOCK);
        long start = tree.insert(area);
        locks.unlockIrqRestore(state + VmallocLayout.LOCK, flags);
        if (start == 0) {
            caches.objects().free(memory.loadAddress(state + VmallocLayout.CACHE), area);
            return 0;
        }
        return area;
    }

    /** Who did it, and when: caller, task, pid. */
    private void sign(long record, long time, String caller) {
        memory.storeAddress(record, strings.intern(caller == null ? CallSite.ofCaller() : caller));
        memory.storeAddress(record + 4, memory.loadAddress(cpu.tp() + TaskLayout.NAME));
        memory.store32(record + 8, memory.load32(cpu.tp() + TaskLayout.PID));
        memory.store64(time, cpu.time());
    }

    private long end(long area) {
        return memory.loadAddress(area + VmapAreaLayout.START) + memory.loadAddress(area + VmapAreaLayout.SIZE) - PAGE;
    }

    private long table() {
        return space.virt(PageTables.root(memory.load32(root + RootLayout.SATP)));
    }

    /** Takes an area that the call may take, at once or, where that cannot be, a little later. Returns whether there was one. */
    private boolean giveBack(String call, long va, int kinds) {
        boolean now = !context.isAtomic();
        if (!context.inHardirq()) {
            context.mightSleep(call, FREE_LATE);
        }
        int flags = locks.lockIrqSave(state + VmallocLayout.LOCK);
        long area = tree.find(memory, va);
        int kind = area == 0 ? 0 : memory.load32(area + VmapAreaLayout.FLAGS);
        boolean right = (kind & kinds) != 0 && (kind & VmapAreaLayout.DYING) == 0 && memory.loadAddress(area + VmapAreaLayout.START) == va;
        if (right) {
            memory.store32(area + VmapAreaLayout.FLAGS, kind | VmapAreaLayout.DYING);
            if (!now) {
                memory.storeAddress(area + VmapAreaLayout.NEXT, memory.loadAddress(state + VmallocLayout.DEFERRED));
                memory.storeAddress(state + VmallocLayout.DEFERRED, area);
            }
        }
        locks.unlockIrqRestore(state + VmallocLayout.LOCK, flags);
        if (!right) {
            checks.badFree(call, va, view);
            return false;
        }
        sign(area + VmapAreaLayout.FREE_CALLER, area + VmapAreaLayout.FREE_TIME, null);
        if (now) {
            memory.amoAdd32(state + VmallocLayout.PAGES, -memory.load32(area + VmapAreaLayout.PAGES));
            tearDown(area);
        } else {
            reclaim.wakeForWork();
        }
        return true;
    }

    /** Whether there is something for {@link #freeDeferred}. Any context. */
    public boolean hasDeferred() {
        return memory.load32(state + VmallocLayout.DEFERRED) != 0;
    }

    /** Gives back what was freed where that could not be. May sleep. */
    public void freeDeferred() {
        int flags = locks.lockIrqSave(state + VmallocLayout.LOCK);
        long area = memory.loadAddress(state + VmallocLayout.DEFERRED);
        memory.store32(state + VmallocLayout.DEFERRED, 0);
        locks.unlockIrqRestore(state + VmallocLayout.LOCK, flags);
        while (area != 0) {
            long next = memory.loadAddress(area + VmapAreaLayout.NEXT);
            memory.amoAdd32(state + VmallocLayout.PAGES, -memory.load32(area + VmapAreaLayout.PAGES));
            tearDown(area);
            area = next;
        }
    }

    /**
     * Unmaps an area, waits until no hart knows its translations any more, and only then gives back pages and addresses. An entry that is not valid keeps its frame number
     * meanwhile.
     */
    private void tearDown(long area) {
        long start = memory.loadAddress(area + VmapAreaLayout.START);
        long end = end(area);
        watch.begin(start, end - start);
        for (long va = start; va < end; va += PAGE) {
            long entry = PageTables.entry(memory, space, table(), va);
            memory.store32(entry, memory.load32(entry) & ~Pte.V);
        }
        flushAllHarts();
        watch.end(start, end - start);
        boolean own = (memory.load32(area + VmapAreaLayout.FLAGS) & VmapAreaLayout.VM_ALLOC) != 0;
        for (long va = start; va < end; va += PAGE) {
            long entry = PageTables.entry(memory, space, table(), va);
            int pte = memory.load32(entry);
            memory.store32(entry, 0);
            if (own && pte != 0) {
                pages.freePages(memMap.pfnToPage(Pte.pa(pte) >>> AddressSpace.PAGE_SHIFT), 0);
            }
        }
        int flags = locks.lockIrqSave(state + VmallocLayout.LOCK);
        tree.delete(area);
        if (memory.load32(area + VmapAreaLayout.FREE_CALLER) != 0) {
            remember(area);
        }
        locks.unlockIrqRestore(state + VmallocLayout.LOCK, flags);
        caches.objects().free(memory.loadAddress(state + VmallocLayout.CACHE), area);
    }

    /** Makes every hart forget its translations; who may sleep may do it. */
    void flushAllHarts() {
        int online = memory.load32(root + RootLayout.ONLINE);
        if (Integer.bitCount(online) <= 1) {
            cpu.sfenceVma();
        } else {
            crossCall.onEachHart(flush, 0, online);
        }
    }

    private void remember(long area) {
        int freed = memory.load32(state + VmallocLayout.FREED);
        memory.store32(state + VmallocLayout.FREED, freed + 1);
        long entry = state + VmallocLayout.HISTORY + (long) Integer.remainderUnsigned(freed, VmallocLayout.HISTORY_ENTRIES) * VmapAreaLayout.DESCRIPTION;
        memory.copy(entry, area, VmapAreaLayout.DESCRIPTION);
    }

    /** Pages in areas. */
    public long usedPages(ReadableMemory from) {
        return from.loadAddress(state + VmallocLayout.PAGES);
    }
}

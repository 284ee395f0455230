package ferrite.kernel.mm;

import static ferrite.kernel.mm.PageLayout.COUNT;
import static ferrite.kernel.mm.PageLayout.FLAGS;
import static ferrite.kernel.mm.PageLayout.ORDER;

import ferrite.hardware.hart.FrameWatch;
import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.core.Context;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.shadow.MemoryStates;

/**
 * The page allocator: blocks of 2^order pages (LDD3 pages 221-224). Single pages come from the hart's own lists
 * ({@link PageSets}), larger blocks from their zone's {@link FreeAreas}. {@link Gfp} flags are obeyed here alone.
 *
 * <p>Any context; sleeps only if the flags allow it. A wrong free is reported and changes nothing.
 */
public final class BuddyAllocator {

    /**
     * Linux's {@code PAGE_ALLOC_COSTLY_ORDER}: an allocation of a larger block does not wait, unless
     * {@code __GFP_REPEAT} asks for it.
     */
    static final int COSTLY_ORDER = 3;
    /** Linux's {@code MAX_RECLAIM_RETRIES}: an allocation fails after this many reclaims in a row without progress. */
    private static final int MAX_RECLAIM_RETRIES = 16;
    /** Rounds of reclaim after which an allocation that may fail gives up, even if shrinkers report progress. */
    private static final int MAX_ROUNDS = 256;

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final Context context;
    private final SpinLock locks;
    private final Zones zones;
    private final MemMap memMap;
    private final PageOwner owners;
    private final MemoryStates states;
    private final FreeAreas areas;
    private final PageSets pageSets;
    private final PageChecks checks;
    private final HighPages highPages;
    private final AllocationFailure failure;
    private final MemoryEvents events;
    /** Null unless the command line asks for failures. */
    private final FailPageAlloc faults;
    private final PageFrames frames;
    private final Reclaim reclaim;
    private final KmapSlots kmapSlots;
    /** Non-null while accesses to free frames are checked. */
    private final FrameWatch frameWatch;
    /** Address of the counter of tasks that wait for a free. */
    private final long waiters;

    /** @param frameWatch non-null while accesses to free frames are checked */
    BuddyAllocator(KernelBase base, PageFrames frames, PageSets pageSets, Reclaim reclaim, KmapSlots kmapSlots,
            FrameWatch frameWatch) {
        this.memory = base.memory();
        this.cpu = base.cpu();
        this.context = base.context();
        this.locks = base.locks();
        this.frames = frames;
        this.zones = frames.zones();
        this.memMap = frames.memMap();
        this.owners = frames.owners();
        this.states = base.states();
        this.highPages = frames.highPages();
        this.pageSets = pageSets;
        this.areas = pageSets.areas();
        this.checks = new PageChecks(base.violations(), frames);
        this.failure = new AllocationFailure(base, zones);
        this.events = new MemoryEvents(base, frames);
        this.faults = FailPageAlloc.of(base);
        this.reclaim = reclaim;
        this.kmapSlots = kmapSlots;
        this.frameWatch = frameWatch;
        this.waiters = ReclaimLayout.FREE_WAITERS.at(RootLayout.RECLAIM.at(base.root()));
    }

    /** The frames that this allocates. */
    public PageFrames frames() {
        return frames;
    }

    /** Fault injection; null unless the command line asks for it. */
    public FailPageAlloc failures() {
        return faults;
    }

    /** Tells debuggers of allocations and frees, for all allocators of this package. */
    MemoryEvents events() {
        return events;
    }

    /** The harts' own lists. */
    public PageSets pageSets() {
        return pageSets;
    }

    // ---- allocating ----

    /**
     * Allocates a block of 2^order pages, physically contiguous and aligned to its size. With {@code __GFP_HIGHMEM} it
     * may have no linear address. May sleep if the flags allow it.
     *
     * @return the {@code struct page} of its first frame, or 0
     */
    public long allocPages(int gfp, int order) {
        context.mightAlloc(gfp, "alloc_pages");
        return allocBlock(gfp, order);
    }

    /**
     * Allocates a block and returns its linear address, see {@link #allocPages}. Refuses {@code __GFP_HIGHMEM}:
     * high memory may have no address.
     */
    public long getFreePages(int gfp, int order) {
        context.mightAlloc(gfp, "__get_free_pages");
        if ((gfp & Gfp.__GFP_HIGHMEM) != 0) {
            checks.highmem("__get_free_pages", gfp);
            return 0;
        }
        long page = allocBlock(gfp, order);
        return page == 0 ? 0 : memMap.pageAddress(page);
    }

    /** Linux's {@code __alloc_pages}. The caller has already called {@link Context#mightAlloc}. */
    long allocBlock(int gfp, int order) {
        if (order < 0 || order >= Zones.MAX_ORDER || faults != null && faults.shouldFail(gfp, order)) {
            return fail(gfp, order);
        }
        long page = fromZones(gfp, order, AllocFlags.WMARK_LOW);
        if (page == 0) {
            page = allocSlow(gfp, order);
        }
        return page == 0 ? fail(gfp, order) : prepare(page, gfp, order);
    }

    /** Linux's {@code get_page_from_freelist}: takes the block from the first zone that has one to spare. */
    private long fromZones(int gfp, int order, int allocFlags) {
        int wanted = Zones.highest(gfp);
        for (int zone = wanted; zone >= Zones.DMA; zone--) {
            long record = zones.record(zone);
            long floor = zones.floor(memory, record, wanted, allocFlags);
            if (ZoneLayout.FREE.get(memory, record) - (1L << order) >= floor) {
                long page = order == 0 ? pageSets.take(zone, (gfp & Gfp.__GFP_COLD) != 0, floor)
                        : takeBlock(record, order, floor);
                if (page != 0) {
                    return page;
                }
            }
        }
        return 0;
    }

    private long takeBlock(long zone, int order, long floor) {
        int irqs = cpu.irqSave();
        locks.acquire(ZoneLayout.LOCK.at(zone));
        boolean enough = ZoneLayout.FREE.get(memory, zone) - (1L << order) >= floor;
        long page = enough ? areas.take(zone, order) : 0;
        locks.release(ZoneLayout.LOCK.at(zone));
        cpu.irqRestore(irqs);
        return page;
    }

    private long prepare(long page, int gfp, int order) {
        FLAGS.set(memory, page, PageLayout.HEAD);
        if (order != 0) {
            ORDER.set(memory, page, order);
        }
        COUNT.amoAdd(memory, page, 1);
        owners.allocated(page, gfp, order);
        events.blockAllocated(page, gfp, order);
        if ((gfp & Gfp.__GFP_ZERO) != 0) {
            zero(page, order);
        }
        return page;
    }

    private void zero(long page, int order) {
        long va = memMap.pageAddress(page);
        if (va != 0) {
            memory.fill(va, 0, AddressSpace.PAGE_SIZE << order);
        } else {
            highPages.zero(memMap.pageToPfn(page), 1 << order);
        }
    }

    // ---- allocating when memory is short ----

    /** Linux's {@code __alloc_pages_slowpath}. Guard frames are released first. */
    private long allocSlow(int gfp, int order) {
        long unguarded = liftGuards() ? fromZones(gfp, order, AllocFlags.WMARK_LOW) : 0;
        return unguarded != 0 ? unguarded : shortOfMemory(gfp, order);
    }

    private long shortOfMemory(int gfp, int order) {
        if (reclaim != null && (gfp & Gfp.__GFP_KSWAPD_RECLAIM) != 0) {
            reclaim.wakeKswapd(order, Zones.highest(gfp));
        }
        boolean memalloc = isMemalloc();
        int allocFlags = memalloc ? AllocFlags.NO_WATERMARKS : AllocFlags.of(gfp);
        long page = pressed(gfp, order, allocFlags);
        boolean mayReclaim = reclaim != null && Gfp.maySleep(gfp) && !memalloc && !context.isAtomic();
        return page != 0 || !mayReclaim ? page : reclaimAndRetry(gfp, order, allocFlags);
    }

    /** Turns all guards into free pages. Returns whether there were any. */
    private boolean liftGuards() {
        boolean any = false;
        for (int zone = Zones.DMA; zone < Zones.COUNT; zone++) {
            while (zones.guards(memory, zone) > 0 && liftGuard(zones.record(zone))) {
                any = true;
            }
        }
        return any;
    }

    private boolean liftGuard(long zone) {
        int irqs = cpu.irqSave();
        locks.acquire(ZoneLayout.LOCK.at(zone));
        boolean lifted = areas.liftOne(zone);
        locks.release(ZoneLayout.LOCK.at(zone));
        cpu.irqRestore(irqs);
        return lifted;
    }

    /** Allocates like {@link #fromZones}; if that fails, drains the harts' lists and tries again. */
    private long pressed(int gfp, int order, int allocFlags) {
        long page = fromZones(gfp, order, allocFlags);
        if (page == 0) {
            pageSets.drainAll();
            page = fromZones(gfp, order, allocFlags);
        }
        return page;
    }

    /** Whether the current task is reclaiming memory itself. It must not wait for reclaim. */
    private boolean isMemalloc() {
        return (TaskLayout.FLAGS.get(memory, cpu.tp()) & TaskLayout.MEMALLOC) != 0 && !context.inInterrupt();
    }

    private long reclaimAndRetry(int gfp, int order, int allocFlags) {
        reclaim.beginWaiting();
        long page = retry(gfp, order, allocFlags);
        reclaim.endWaiting();
        return page;
    }

    /**
     * Retries reclaim and allocation. The caller has called {@link Reclaim#beginWaiting}, so no free is missed between
     * an attempt and the sleep.
     */
    private long retry(int gfp, int order, int allocFlags) {
        boolean neverFails = (gfp & Gfp.__GFP_NOFAIL) != 0;
        boolean oneAttempt = !neverFails
                && ((gfp & Gfp.__GFP_NORETRY) != 0 || order > COSTLY_ORDER && (gfp & Gfp.__GFP_REPEAT) == 0);
        int fruitless = 0;
        for (int round = 1; ; round++) {
            int seen = reclaim.frees();
            boolean progress = reclaim.direct(gfp, order);
            long page = pressed(gfp, order, allocFlags);
            if (page != 0 || oneAttempt) {
                return page;
            }
            fruitless = progress ? 0 : fruitless + 1;
            boolean exhausted = fruitless > MAX_RECLAIM_RETRIES || round > MAX_ROUNDS;
            if (exhausted && !neverFails) {
                return 0;
            }
            reclaim.waitForFree(seen, exhausted);
        }
    }

    private long fail(int gfp, int order) {
        events.blockFailed(gfp, order);
        if ((gfp & Gfp.__GFP_NOWARN) == 0) {
            failure.report(gfp, order, pageSets);
        }
        return 0;
    }

    // ---- freeing, and references ----

    /**
     * Drops a reference, and frees the block with the last one. The order must be that of the allocation. A wrong call
     * is reported and changes nothing. Any context.
     *
     * @return whether the call was right
     */
    public boolean freePages(long page, int order) {
        boolean ours = memMap.isPage(page) && isHead(page)
                && ORDER.get(memory, page) == order && dropReference(page, order, false);
        if (!ours) {
            checks.badFree(page, order);
        }
        return ours;
    }

    /**
     * Frees pages by linear address, {@code free_pages}; 0 is legal. Returns whether the call was right. Any context.
     */
    public boolean freePagesAt(long va, int order) {
        long page = va == 0 ? 0 : memMap.virtToPage(va);
        if (va != 0 && (page == 0 || va % AddressSpace.PAGE_SIZE != 0)) {
            checks.badAddress("free_pages", va);
            return false;
        }
        return va == 0 || freePages(page, order);
    }

    /**
     * Frees a single page that is in no hart's cache, LDD3's {@code free_cold_page}, for instance after DMA. Any
     * context.
     */
    public boolean freeColdPage(long page) {
        boolean ours = memMap.isPage(page) && isHead(page)
                && ORDER.get(memory, page) == 0 && dropReference(page, 0, true);
        if (!ours) {
            checks.badFree(page, 0);
        }
        return ours;
    }

    /** Takes a reference to the block that the page lies in. Any context. */
    public void getPage(long page) {
        long head = allocatedHead(page);
        if (head == 0) {
            checks.badReference("get_page", page);
            return;
        }
        COUNT.amoAdd(memory, head, 1);
    }

    /** Drops a reference to the block that the page lies in, and frees the block with the last one. Any context. */
    public void putPage(long page) {
        long head = allocatedHead(page);
        if (head == 0 || !dropReference(head, ORDER.get(memory, head), false)) {
            checks.badReference("put_page", page);
        }
    }

    /** Returns whether a page belongs to an allocated block. Only looks. */
    public boolean isAllocated(ReadableMemory view, long page) {
        long head = memMap.isPage(page) ? memMap.head(view, page) : 0;
        return head != 0 && (FLAGS.get(view, head) & PageLayout.HEAD) != 0 && COUNT.get(view, head) > 0;
    }

    /** The reports of misused pages. */
    public PageChecks checks() {
        return checks;
    }

    private long allocatedHead(long page) {
        long head = memMap.isPage(page) ? memMap.head(memory, page) : 0;
        boolean allocated = head != 0 && (FLAGS.get(memory, head) & PageLayout.HEAD) != 0
                && COUNT.get(memory, head) > 0;
        return allocated ? head : 0;
    }

    /** Returns whether a page heads an allocated block that is no slab. */
    private boolean isHead(long page) {
        return (FLAGS.get(memory, page) & ~PageLayout.DIRTY) == PageLayout.HEAD;
    }

    // ---- flags ----

    /**
     * {@code set_page_dirty}: marks the block that a page lies in as written. Any context.
     *
     * @param call Linux's name of the call
     * @return whether it was not marked before
     */
    public boolean setDirty(String call, long page) {
        long head = allocatedHead(page);
        if (head == 0) {
            checks.badReference(call, page);
            return false;
        }
        states.pins().dirtied(memMap.pageToPfn(page));
        return (FLAGS.amoOr(memory, head, PageLayout.DIRTY) & PageLayout.DIRTY) == 0;
    }

    /** Returns whether a flag is set in the block that a page lies in. Any context. */
    public boolean hasFlag(long page, int flag) {
        long head = memMap.isPage(page) ? memMap.head(memory, page) : 0;
        return head != 0 && (FLAGS.get(memory, head) & flag) != 0;
    }

    /** Drops a reference. If two callers drop the last one at the same time, one of them gets false. */
    private boolean dropReference(long page, int order, boolean cold) {
        if (COUNT.get(memory, page) <= 0) {
            return false;
        }
        int count = COUNT.amoAdd(memory, page, -1);
        if (count <= 0) {
            COUNT.amoAdd(memory, page, 1);
            return false;
        }
        if (count == 1) {
            freeBlock(page, order, cold);
        }
        return true;
    }

    private void freeBlock(long page, int order, boolean cold) {
        states.freedPages(memMap.pageAddress(page), memMap.pageToPfn(page) << AddressSpace.PAGE_SHIFT,
                (long) AddressSpace.PAGE_SIZE << order);
        free(page, order, cold);
        if (frameWatch != null) {
            frameWatch.freed(memMap.pageToPfn(page) << AddressSpace.PAGE_SHIFT, 1 << order);
        }
    }

    private void free(long page, int order, boolean cold) {
        owners.freed(page);
        events.blockFreed(page, order);
        int zone = zones.zoneOf(memory, memMap.pageToPfn(page));
        if (zone == Zones.HIGHMEM) {
            kmapSlots.freed(page, order);
        }
        FLAGS.set(memory, page, 0);
        boolean awaited = memory.load32(waiters) != 0;
        if (order == 0 && !awaited) {
            pageSets.put(zone, page, cold);
            return;
        }
        ORDER.set(memory, page, 0);
        giveBack(zones.record(zone), page, order);
        if (awaited) {
            reclaim.freed();
        }
    }

    private void giveBack(long zone, long page, int order) {
        int irqs = cpu.irqSave();
        locks.acquire(ZoneLayout.LOCK.at(zone));
        areas.giveBack(zone, page, order);
        locks.release(ZoneLayout.LOCK.at(zone));
        cpu.irqRestore(irqs);
    }

    // ---- boot ----

    /** Hands boot-time frames to the allocator. */
    void release(long pfn, int order) {
        long zone = zones.record(zones.zoneOf(memory, pfn));
        ZoneLayout.MANAGED.add(memory, zone, 1 << order);
        giveBack(zone, memMap.pfnToPage(pfn), order);
    }

    /** Ends boot: single pages stay with the harts, and injected failures begin. */
    public void bootIsOver(int harts) {
        pageSets.enable(harts);
        if (frameWatch != null) {
            frameWatch.freed(memMap.firstPfn() << AddressSpace.PAGE_SHIFT, (int) (memMap.endPfn() - memMap.firstPfn()));
        }
        if (faults != null) {
            faults.init();
            faults.arm(true);
        }
    }
}

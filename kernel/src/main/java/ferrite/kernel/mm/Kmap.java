package ferrite.kernel.mm;

import static ferrite.kernel.mm.KmapLayout.COUNTS;
import static ferrite.kernel.mm.KmapLayout.FLUSH;
import static ferrite.kernel.mm.KmapLayout.LAST;
import static ferrite.kernel.mm.KmapLayout.LOCK;
import static ferrite.kernel.mm.KmapLayout.MAPPED;
import static ferrite.kernel.mm.KmapLayout.SITES;
import static ferrite.kernel.mm.KmapLayout.WAIT;

import ferrite.hardware.hart.Pte;
import ferrite.hardware.hart.TranslationWatch;
import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.KernelBug;
import ferrite.kernel.base.PerCpuLayout;
import ferrite.kernel.base.ResourceTracker;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.core.Context;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.sched.Mutex;
import ferrite.kernel.sched.Sleep;
import ferrite.kernel.sched.TaskSystem;
import ferrite.kernel.sched.WaitQueue;

/**
 * {@code kmap} and {@code kmap_atomic} (LDD3 pages 418-419): temporary addresses for pages of high memory. For a page
 * of low memory, the calls return its linear address.
 *
 * <p>Unmapping takes a page out of the page table at once. Its slot is reused only after every hart has flushed its
 * TLB, which is done for all slots together when none is left. A hart that uses a stale translation until then is
 * reported. An invalid entry keeps its frame number, so that a fault can be explained.
 */
public final class Kmap {

    /** Linux's {@code KM_MAX_IDX}: the depth to which atomic mappings nest. */
    public static final int KM_MAX_IDX = KmapSlots.KM_MAX_IDX;

    private static final String INSTEAD = "use kmap_atomic, which never sleeps";

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final Context context;
    private final AddressSpace space;
    private final MemMap memMap;
    private final SpinLock locks;
    private final SpinLock preemption;
    private final Sleep sleep;
    private final WaitQueue queues;
    private final Mutex mutexes;
    private final Vmalloc vmalloc;
    private final KmapChecks checks;
    private final PageOwner owners;
    private final TranslationWatch watch;
    private final ResourceTracker tracker;
    private final long perCpu;
    private final long root;
    private final long state;

    /**
     * @param vmalloc flushes the TLBs of all harts
     * @param watch   notices stale translations
     */
    Kmap(KernelBase base, BuddyAllocator pages, KmapSlots slots, TaskSystem tasks, Vmalloc vmalloc,
            TranslationWatch watch) {
        this.memory = base.memory();
        this.cpu = base.cpu();
        this.context = base.context();
        this.space = base.space();
        this.memMap = pages.frames().memMap();
        this.owners = pages.frames().owners();
        this.locks = base.locks();
        this.preemption = base.driverLocks();
        this.sleep = tasks.sleep();
        this.queues = tasks.waitQueues();
        this.mutexes = tasks.mutexes();
        this.vmalloc = vmalloc;
        this.checks = slots.checks();
        this.watch = watch;
        this.tracker = base.tracker();
        this.perCpu = base.perCpu();
        this.root = base.root();
        this.state = base.rootAddress(RootLayout.KMAP);
    }

    /** Sets up the wait queue and the mutex. Boot. */
    public void init() {
        queues.init(WAIT.at(state));
        mutexes.init(FLUSH.at(state));
    }

    /** Watches again the slots that wait for a flush. Only reads. */
    public void attach(ReadableMemory view) {
        for (int slot = 0; slot < KmapLayout.SLOTS; slot++) {
            if (view.load32(count(slot)) == 1) {
                watch.begin(KmapSlots.address(slot), AddressSpace.PAGE_SIZE);
            }
        }
    }

    // ---- kmap ----

    /**
     * Maps a page until an equal number of {@link #kunmap} calls (LDD3 page 418). Returns its address. Task context;
     * sleeps while all {@value KmapLayout#SLOTS} slots are in use.
     */
    public long kmap(long page) {
        context.mightSleep("kmap", INSTEAD);
        long va = memMap.pageAddress(page);
        if (va != 0) {
            return va;
        }
        long site = owners.site();
        while (va == 0) {
            va = tryMap(page, site);
            if (va == 0 && !flushUnmapped()) {
                sleep.waitEvent(WAIT.at(state), this::hasRoom);
            }
        }
        return tracker.took(ResourceTracker.Kind.KMAP, va, AddressSpace.PAGE_SIZE);
    }

    private long tryMap(long page, long site) {
        int flags = locks.lockIrqSave(LOCK.at(state));
        long va = PageLayout.VIRTUAL.get(memory, page);
        int slot = va != 0 ? KmapSlots.slot(va) : freeSlot();
        if (slot >= 0 && va == 0) {
            va = KmapSlots.address(slot);
            PageTables.mapPage(memory, space, table(), va, memMap.pageToPfn(page) << AddressSpace.PAGE_SHIFT);
            cpu.sfenceVma(va);
            PageLayout.VIRTUAL.set(memory, page, va);
            LAST.set(memory, state, slot);
            SITES.set(memory, state, slot, site);
            MAPPED.amoAdd(memory, state, 1);
            memory.store32(count(slot), 2);          // never 1 on the way: flushUnmapped reads it without the lock
        } else if (va != 0) {
            memory.store32(count(slot), memory.load32(count(slot)) + 1);
        }
        locks.unlockIrqRestore(LOCK.at(state), flags);
        return va;
    }

    private int freeSlot() {
        int last = LAST.get(memory, state);
        for (int i = 1; i <= KmapLayout.SLOTS; i++) {
            int slot = last + i & KmapLayout.SLOTS - 1;
            if (memory.load32(count(slot)) == 0) {
                return slot;
            }
        }
        return -1;
    }

    private boolean hasRoom() {
        for (int slot = 0; slot < KmapLayout.SLOTS; slot++) {
            if (memory.load32(count(slot)) <= 1) {
                return true;
            }
        }
        return false;
    }

    /**
     * Flushes unmapped slots from all TLBs, {@code flush_all_zero_pkmaps}. Returns whether there were any. May sleep.
     */
    private boolean flushUnmapped() {
        boolean[] unmapped = new boolean[KmapLayout.SLOTS];
        boolean any = false;
        mutexes.lock(FLUSH.at(state));
        for (int slot = 0; slot < KmapLayout.SLOTS; slot++) {
            unmapped[slot] = memory.load32(count(slot)) == 1;          // it is reused only once its count is 0
            any |= unmapped[slot];
        }
        if (any) {
            vmalloc.flushAllHarts();
        }
        for (int slot = 0; slot < KmapLayout.SLOTS; slot++) {
            if (unmapped[slot]) {
                watch.end(KmapSlots.address(slot), AddressSpace.PAGE_SIZE);
                memory.store32(count(slot), 0);
            }
        }
        mutexes.unlock(FLUSH.at(state));
        return any;
    }

    /**
     * Undoes one {@link #kmap}; the last one takes the page's address away. Task context; does not sleep. A page that
     * is not mapped is reported.
     */
    public void kunmap(long page) {
        if (context.inInterrupt()) {
            context.mightSleep("kunmap", "use kmap_atomic in interrupt handlers and softirqs");
        }
        if (memMap.pageAddress(page) != 0) {
            return;
        }
        int flags = locks.lockIrqSave(LOCK.at(state));
        long va = PageLayout.VIRTUAL.get(memory, page);
        int left = va == 0 ? 0 : memory.load32(count(KmapSlots.slot(va))) - 1;
        if (left == 1) {
            watch.begin(va, AddressSpace.PAGE_SIZE);
            invalidate(va);
            PageLayout.VIRTUAL.set(memory, page, 0);
            MAPPED.amoAdd(memory, state, -1);
        }
        if (va != 0) {
            memory.store32(count(KmapSlots.slot(va)), left);
        }
        locks.unlockIrqRestore(LOCK.at(state), flags);
        if (va == 0) {
            checks.badUnmap("kunmap of frame 0x" + Long.toHexString(memMap.pageToPfn(page)) + ", which is not mapped");
            return;
        }
        tracker.gaveBack(ResourceTracker.Kind.KMAP, va);
        if (left == 1) {
            queues.wakeUp(WAIT.at(state));
        }
    }

    // ---- kmap_atomic ----

    /**
     * Maps a page on this hart until {@link #kunmapAtomic} (LDD3 page 418). Mappings nest: they end in the opposite
     * order. Any context; the caller is atomic until then.
     *
     * @throws KernelBug if more than {@value #KM_MAX_IDX} are nested
     */
    public long kmapAtomic(long page) {
        preemption.preemptDisable("kmap_atomic");
        long va = memMap.pageAddress(page);
        if (va != 0) {
            return va;
        }
        long depth = depth();
        int index = memory.load32(depth);
        if (index == KM_MAX_IDX) {
            preemption.preemptEnable();
            throw new KernelBug("kmap_atomic nests more than " + KM_MAX_IDX + " deep on hart " + cpu.hartId());
        }
        memory.store32(depth, index + 1);
        MAPPED.amoAdd(memory, state, 1);
        va = atomicSlot(index);
        PageTables.mapPage(memory, space, table(), va, memMap.pageToPfn(page) << AddressSpace.PAGE_SHIFT);
        cpu.sfenceVma(va);
        return va;
    }

    /** Ends the last {@link #kmapAtomic}, by any address in its page. Another address is reported. */
    public void kunmapAtomic(long va) {
        if (va >= KmapSlots.ATOMIC) {
            long depth = depth();
            int index = memory.load32(depth) - 1;
            if (index < 0 || (va & -AddressSpace.PAGE_SIZE) != atomicSlot(index)) {
                checks.badUnmap("kunmap_atomic of 0x" + Long.toHexString(va)
                        + ", which is not the last kmap_atomic mapping of this hart"
                        + (index < 0 ? ": nothing is mapped" : ": that is 0x" + Long.toHexString(atomicSlot(index))));
                return;
            }
            invalidate(va & -AddressSpace.PAGE_SIZE);
            memory.store32(depth, index);
            MAPPED.amoAdd(memory, state, -1);
        }
        preemption.preemptEnable();
    }

    private long depth() {
        return PerCpuLayout.KMAP_DEPTH.at(perCpu + (long) cpu.hartId() * PerCpuLayout.SIZE);
    }

    private long atomicSlot(int index) {
        return KmapSlots.atomic(cpu.hartId(), index);
    }

    // ---- slots ----

    /** Removes a mapping from the page table and from this hart's TLB. */
    private void invalidate(long va) {
        long entry = PageTables.entry(memory, space, table(), va);
        memory.store32(entry, memory.load32(entry) & ~Pte.V);
        cpu.sfenceVma(va);
    }

    private long count(int slot) {
        return COUNTS.at(state, slot);
    }

    private long table() {
        return space.virt(PageTables.root(RootLayout.SATP.get(memory, root)));
    }

    /** Returns the address of a page; 0 for high memory that is not mapped by {@link #kmap}. Any context. */
    public long pageAddress(long page) {
        long va = memMap.pageAddress(page);
        return va != 0 ? va : PageLayout.VIRTUAL.get(memory, page);
    }
}

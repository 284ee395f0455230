package ferrite.kernel.mm;

import ferrite.hardware.hart.Pte;
import ferrite.hardware.hart.TranslationWatch;
import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.KernelBug;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.driver.Holdings;
import ferrite.kernel.log.StringTable;
import ferrite.kernel.sched.Context;
import ferrite.kernel.sched.Mutex;
import ferrite.kernel.sched.PerCpuLayout;
import ferrite.kernel.sched.SpinLock;
import ferrite.kernel.sched.WaitQueue;

/**
 * {@code kmap} and {@code kmap_atomic} (LDD3 pages 418-419): addresses for pages of high memory, for as long as they are wanted. Pages of low memory have one already, which
 * these calls return.
 *
 * <p>A page that is unmapped is out of the page table at once. Its slot is given out again only when every hart has flushed its TLB, which is done for all slots together
 * when none is left; a hart that uses an old translation until then is noticed. An entry that is not valid keeps the frame number, so that a fault can be explained.
 */
public final class Kmap {

    /** Linux's {@code KM_MAX_IDX}: how deep atomic mappings nest. */
    public static final int KM_MAX_IDX = 16;

    private static final long ATOMIC = AddressSpace.VMALLOC_END + (1L << 20);
    private static final long ATOMIC_END = ATOMIC + (long) 8 * KM_MAX_IDX * AddressSpace.PAGE_SIZE;
    private static final long PKMAP = AddressSpace.VMALLOC_END + (4L << 20);
    private static final long PKMAP_END = PKMAP + (long) KmapLayout.SLOTS * AddressSpace.PAGE_SIZE;
    private static final String INSTEAD = "use kmap_atomic, which never sleeps";

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final Context context;
    private final AddressSpace space;
    private final MemMap memMap;
    private final SpinLock locks;
    private final SpinLock preemption;
    private final WaitQueue queues;
    private final Mutex mutexes;
    private final Vmalloc vmalloc;
    private final KmapChecks checks;
    private final PageOwner owners;
    private final TranslationWatch watch;
    private final Holdings.Tracker holdings;
    private final long perCpu;
    private final int harts;
    private final long root;
    private final long state;

    /**
     * @param preemption remembers where atomic sections begin
     * @param vmalloc    reaches all harts' TLBs
     * @param perCpu     address of the first hart's record
     * @param root       the kernel's root page, see {@link RootLayout}
     * @param state      {@link KmapLayout#BYTES} zeroed bytes
     */
    public Kmap(KernelMemory memory, KernelCpu cpu, Context context, AddressSpace space, MemMap memMap, SpinLock preemption, WaitQueue queues, Mutex mutexes, Vmalloc vmalloc,
                KmapChecks checks, PageOwner owners, TranslationWatch watch, Holdings.Tracker holdings, long perCpu, int harts, long root, long state) {
        this.memory = memory;
        this.cpu = cpu;
        this.context = context;
        this.space = space;
        this.memMap = memMap;
        this.locks = new SpinLock(memory, cpu);
        this.preemption = preemption;
        this.queues = queues;
        this.mutexes = mutexes;
        this.vmalloc = vmalloc;
        this.checks = checks;
        this.owners = owners;
        this.watch = watch;
        this.holdings = holdings;
        this.perCpu = perCpu;
        this.harts = harts;
        this.root = root;
        this.state = state;
    }

    /** Boot. */
    public void init() {
        queues.init(state + KmapLayout.WAIT);
        mutexes.init(state + KmapLayout.FLUSH);
    }

    /** Watches the slots again that wait to be flushed. Only looks. */
    public void attach(ReadableMemory view) {
        for (int slot = 0; slot < KmapLayout.SLOTS; slot++) {
            if (view.load32(count(slot)) == 1) {
                watch.begin(address(slot), AddressSpace.PAGE_SIZE);
            }
        }
    }

    // ---- kmap ----

    /** {@code kmap}: the address of a page, which it has until as many {@link #kunmap}s follow. May sleep: there are {@value KmapLayout#SLOTS} slots for all. */
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
                queues.waitEvent(state + KmapLayout.WAIT, this::hasRoom);
            }
        }
        return holdings.took(Holdings.Kind.KMAP, va, AddressSpace.PAGE_SIZE);
    }

    private long tryMap(long page, long site) {
        int flags = locks.lockIrqSave(state + KmapLayout.LOCK);
        long va = memory.loadAddress(page + PageLayout.VIRTUAL);
        int slot = va != 0 ? slot(va) : freeSlot();
        if (slot >= 0 && va == 0) {
            va = address(slot);
            PageTables.mapPage(memory, space, table(), va, memMap.pageToPfn(page) << AddressSpace.PAGE_SHIFT);
            cpu.sfenceVma(va);
            memory.storeAddress(page + PageLayout.VIRTUAL, va);
            memory.store32(state + KmapLayout.LAST, slot);
            memory.storeAddress(state + KmapLayout.SITES + 4L * slot, site);
            memory.store32(count(slot), 1);
            memory.amoAdd32(state + KmapLayout.MAPPED, 1);
        }
        if (va != 0) {
            memory.store32(count(slot), memory.load32(count(slot)) + 1);
        }
        locks.unlockIrqRestore(state + KmapLayout.LOCK, flags);
        return va;
    }

    private int freeSlot() {
        int last = memory.load32(state + KmapLayout.LAST);
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

    /** {@code flush_all_zero_pkmaps}: makes every hart forget what is not mapped any more. Returns whether there was anything. May sleep. */
    private boolean flushUnmapped() {
        boolean[] unmapped = new boolean[KmapLayout.SLOTS];
        boolean any = false;
        mutexes.lock(state + KmapLayout.FLUSH);
        for (int slot = 0; slot < KmapLayout.SLOTS; slot++) {
            unmapped[slot] = memory.load32(count(slot)) == 1;          // and nobody gives it out before it is 0
            any |= unmapped[slot];
        }
        if (any) {
            vmalloc.flushAllHarts();
        }
        for (int slot = 0; slot < KmapLayout.SLOTS; slot++) {
            if (unmapped[slot]) {
                watch.end(address(slot), AddressSpace.PAGE_SIZE);
                memory.store32(count(slot), 0);
            }
        }
        mutexes.unlock(state + KmapLayout.FLUSH);
        return any;
    }

    /** {@code kunmap}: takes one {@link #kmap} back; with the last the page has no address any more. Task context; does not sleep. */
    public void kunmap(long page) {
        if (context.inHardirq()) {
            context.mightSleep("kunmap", "use kmap_atomic in interrupt handlers");
        }
        if (memMap.pageAddress(page) != 0) {
            return;
        }
        int flags = locks.lockIrqSave(state + KmapLayout.LOCK);
        long va = memory.loadAddress(page + PageLayout.VIRTUAL);
        int left = va == 0 ? 0 : memory.load32(count(slot(va))) - 1;
        if (left == 1) {
            watch.begin(va, AddressSpace.PAGE_SIZE);
            invalidate(va);
            memory.store32(page + PageLayout.VIRTUAL, 0);
            memory.amoAdd32(state + KmapLayout.MAPPED, -1);
        }
        if (va != 0) {
            memory.store32(count(slot(va)), left);
        }
        locks.unlockIrqRestore(state + KmapLayout.LOCK, flags);
        if (va == 0) {
            checks.badUnmap("kunmap of frame 0x" + Long.toHexString(memMap.pageToPfn(page)) + ", which is not mapped");
            return;
        }
        holdings.gaveBack(Holdings.Kind.KMAP, va);
        if (left == 1) {
            queues.wakeOne(state + KmapLayout.WAIT);
        }
    }

    // ---- kmap_atomic ----

    /**
     * {@code kmap_atomic}: the address of a page, on this hart alone, until {@link #kunmapAtomic}, which is called in the opposite order. Any context; the caller is atomic until then.
     *
     * @throws KernelBug when more than {@value #KM_MAX_IDX} are nested
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
        memory.amoAdd32(state + KmapLayout.MAPPED, 1);
        va = atomicSlot(index);
        PageTables.mapPage(memory, space, table(), va, memMap.pageToPfn(page) << AddressSpace.PAGE_SHIFT);
        cpu.sfenceVma(va);
        return va;
    }

    /** {@code kunmap_atomic}: of an address in the page that {@link #kmapAtomic} gave last. */
    public void kunmapAtomic(long va) {
        if (va >= ATOMIC) {
            long depth = depth();
            int index = memory.load32(depth) - 1;
            if (index < 0 || (va & -AddressSpace.PAGE_SIZE) != atomicSlot(index)) {
                checks.badUnmap("kunmap_atomic of 0x" + Long.toHexString(va) + ", which is not what kmap_atomic gave last on this hart"
                        + (index < 0 ? ": nothing is mapped" : ": that is 0x" + Long.toHexString(atomicSlot(index))));
                return;
            }
            invalidate(va & -AddressSpace.PAGE_SIZE);
            memory.store32(depth, index);
            memory.amoAdd32(state + KmapLayout.MAPPED, -1);
        }
        preemption.preemptEnable();
    }

    private long depth() {
        return perCpu + (long) cpu.hartId() * PerCpuLayout.SIZE + PerCpuLayout.KMAP_DEPTH;
    }

    private long atomicSlot(int index) {
        return ATOMIC + ((long) cpu.hartId() * KM_MAX_IDX + index) * AddressSpace.PAGE_SIZE;
    }

    // ---- slots ----

    /** Takes the mapping out of the page table, and of this hart's TLB. */
    private void invalidate(long va) {
        long entry = PageTables.entry(memory, space, table(), va);
        memory.store32(entry, memory.load32(entry) & ~Pte.V);
        cpu.sfenceVma(va);
    }

    private long count(int slot) {
        return state + KmapLayout.COUNTS + 4L * slot;
    }

    private static long address(int slot) {
        return PKMAP + (long) slot * AddressSpace.PAGE_SIZE;
    }

    private static int slot(long va) {
        return (int) (va - PKMAP >>> AddressSpace.PAGE_SHIFT);
    }

    private long table() {
        return space.virt(PageTables.root(memory.load32(root + RootLayout.SATP)));
    }

    /** {@code page_address}: where a page is, or 0: in high memory when nobody has mapped it. Any context. */
    public long pageAddress(long page) {
        long va = memMap.pageAddress(page);
        return va != 0 ? va : memory.loadAddress(page + PageLayout.VIRTUAL);
    }

    // ---- pages that go while they are mapped ----

    /** A block of high memory is being freed. */
    void freed(long page, int order) {
        if (memory.load32(state + KmapLayout.MAPPED) == 0) {
            return;
        }
        ReadableMemory view = checks.peek();
        for (long each = page; each < page + ((long) PageLayout.SIZE << order); each += PageLayout.SIZE) {
            long va = view.loadAddress(each + PageLayout.VIRTUAL);
            if (va != 0) {
                long site = view.loadAddress(state + KmapLayout.SITES + 4L * slot(va));
                checks.freedMapped(memMap.pageToPfn(each), va, "kmap" + (site == 0 ? "" : " at " + StringTable.read(view, site)));
            }
        }
        freedAtomic(view, memMap.pageToPfn(page), 1L << order);
    }

    private void freedAtomic(ReadableMemory view, long first, long count) {
        for (int hart = 0; hart < harts; hart++) {
            int depth = view.load32(perCpu + (long) hart * PerCpuLayout.SIZE + PerCpuLayout.KMAP_DEPTH);
            for (int index = 0; index < Math.min(depth, KM_MAX_IDX); index++) {
                long va = ATOMIC + ((long) hart * KM_MAX_IDX + index) * AddressSpace.PAGE_SIZE;
                int entry = entry(view, va);
                long pfn = (entry & Pte.V) == 0 ? 0 : Pte.pa(entry) >>> AddressSpace.PAGE_SHIFT;     // a slot that is being taken still has its last frame
                if (pfn >= first && pfn < first + count) {
                    String since = context.atomicSince(hart);
                    checks.freedMapped(pfn, va, "kmap_atomic on hart " + hart + (since == null ? "" : ", which is atomic since " + since));
                }
            }
        }
    }

    // ---- looking ----

    static boolean isSlot(long va) {
        return va >= PKMAP && va < PKMAP_END || va >= ATOMIC && va < ATOMIC_END;
    }

    /** The frame that a slot shows, or showed last; 0 when it never did. */
    long frame(ReadableMemory view, long va) {
        return Pte.pa(entry(view, va)) >>> AddressSpace.PAGE_SHIFT;
    }

    private int entry(ReadableMemory view, long va) {
        int satp = view.load32(root + RootLayout.SATP);
        return view.load32(PageTables.entry(view, space, space.virt(PageTables.root(satp)), va));
    }
}

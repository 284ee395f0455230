package ferrite.kernel.mm;

import ferrite.hardware.hart.Pte;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.PerCpuLayout;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.core.Context;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.log.StringTable;

/** The addresses at which {@link Kmap} maps high memory, and the mappings there. */
public final class KmapSlots {

    /** Linux's {@code KM_MAX_IDX}: the depth to which atomic mappings nest. */
    static final int KM_MAX_IDX = 16;
    /** The first address of atomic mappings: a page for each hart and depth. */
    static final long ATOMIC = AddressSpace.VMALLOC_END + (1L << 20);

    private static final long ATOMIC_END = ATOMIC + (long) 8 * KM_MAX_IDX * AddressSpace.PAGE_SIZE;
    private static final long PKMAP = AddressSpace.VMALLOC_END + (4L << 20);
    private static final long PKMAP_END = PKMAP + (long) KmapLayout.SLOTS * AddressSpace.PAGE_SIZE;

    private final KernelMemory memory;
    private final AddressSpace space;
    private final Context context;
    private final MemMap memMap;
    private final KmapChecks checks;
    private final long perCpu;
    private final int harts;
    private final long root;
    private final long state;

    KmapSlots(KernelBase base, PageFrames frames) {
        this.memory = base.memory();
        this.space = base.space();
        this.context = base.context();
        this.memMap = frames.memMap();
        this.checks = new KmapChecks(base.violations(), frames);
        this.perCpu = base.perCpu();
        this.harts = base.harts();
        this.root = base.root();
        this.state = base.rootAddress(RootLayout.KMAP);
    }

    /** Reports misused high memory. */
    KmapChecks checks() {
        return checks;
    }

    /** Returns the address of a slot of {@code kmap}. */
    static long address(int slot) {
        return PKMAP + (long) slot * AddressSpace.PAGE_SIZE;
    }

    /** Returns the slot of {@code kmap} at an address. */
    static int slot(long va) {
        return (int) (va - PKMAP >>> AddressSpace.PAGE_SHIFT);
    }

    /** Returns the address of {@code kmap_atomic} at a depth on a hart. */
    static long atomic(int hart, int index) {
        return ATOMIC + ((long) hart * KM_MAX_IDX + index) * AddressSpace.PAGE_SIZE;
    }

    // ---- pages that are freed while they are mapped ----

    /** Reports the pages of a freed block of high memory that are still mapped. */
    void freed(long page, int order) {
        if (KmapLayout.MAPPED.get(memory, state) == 0) {
            return;
        }
        ReadableMemory view = checks.peek();
        for (long each = page; each < page + ((long) PageLayout.SIZE << order); each += PageLayout.SIZE) {
            long va = PageLayout.VIRTUAL.get(view, each);
            if (va != 0) {
                long site = KmapLayout.SITES.get(view, state, slot(va));
                checks.freedMapped(memMap.pageToPfn(each), va,
                        "kmap" + (site == 0 ? "" : " at " + StringTable.read(view, site)));
            }
        }
        freedAtomic(view, memMap.pageToPfn(page), 1L << order);
    }

    private void freedAtomic(ReadableMemory view, long first, long count) {
        for (int hart = 0; hart < harts; hart++) {
            int depth = PerCpuLayout.KMAP_DEPTH.get(view, perCpu + (long) hart * PerCpuLayout.SIZE);
            for (int index = 0; index < Math.min(depth, KM_MAX_IDX); index++) {
                long va = atomic(hart, index);
                int entry = entry(view, va);
                // a slot that is being taken still has its last frame
                long pfn = (entry & Pte.V) == 0 ? 0 : Pte.pa(entry) >>> AddressSpace.PAGE_SHIFT;
                if (pfn >= first && pfn < first + count) {
                    String since = context.atomicSince(hart);
                    checks.freedMapped(pfn, va,
                            "kmap_atomic on hart " + hart + (since == null ? "" : ", which is atomic since " + since));
                }
            }
        }
    }

    // ---- looking ----

    static boolean isSlot(long va) {
        return va >= PKMAP && va < PKMAP_END || va >= ATOMIC && va < ATOMIC_END;
    }

    /** Returns the frame that a slot maps or mapped last; 0 if it never did. */
    long frame(ReadableMemory view, long va) {
        return Pte.pa(entry(view, va)) >>> AddressSpace.PAGE_SHIFT;
    }

    private int entry(ReadableMemory view, long va) {
        int satp = RootLayout.SATP.get(view, root);
        return view.load32(PageTables.entry(view, space, space.virt(PageTables.root(satp)), va));
    }
}

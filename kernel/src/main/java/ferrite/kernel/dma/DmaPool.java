package ferrite.kernel.dma;

import static ferrite.kernel.dma.DmaPageLayout.BITS;
import static ferrite.kernel.dma.DmaPageLayout.DMA;
import static ferrite.kernel.dma.DmaPageLayout.FREE;
import static ferrite.kernel.dma.DmaPageLayout.IN_USE;
import static ferrite.kernel.dma.DmaPageLayout.NEXT;
import static ferrite.kernel.dma.DmaPageLayout.VA;
import static ferrite.kernel.dma.DmaPoolLayout.ALLOCATION;
import static ferrite.kernel.dma.DmaPoolLayout.BOUNDARY;
import static ferrite.kernel.dma.DmaPoolLayout.DEV;
import static ferrite.kernel.dma.DmaPoolLayout.LOCK;
import static ferrite.kernel.dma.DmaPoolLayout.NAME;
import static ferrite.kernel.dma.DmaPoolLayout.NODE;
import static ferrite.kernel.dma.DmaPoolLayout.PAGES;
import static ferrite.kernel.dma.DmaPoolLayout.SIZE;
import static ferrite.kernel.dma.DmaTrackLayout.FREED;
import static ferrite.kernel.dma.DmaTrackLayout.PID;
import static ferrite.kernel.dma.DmaTrackLayout.SITE;
import static ferrite.kernel.dma.DmaTrackLayout.TASK;

import ferrite.hardware.bus.BusFault;
import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.ResourceTracker;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.core.Context;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.log.StringTable;
import ferrite.kernel.mm.Kmalloc;
import ferrite.kernel.mm.MemoryManager;
import ferrite.kernel.mm.PageOwner;
import ferrite.kernel.mm.SlabFlags;
import ferrite.kernel.shadow.Blocks;
import ferrite.kernel.shadow.MemoryStates;
import java.util.HashSet;
import java.util.Set;

/**
 * DMA pools (LDD3 page 447; Linux's mm/dmapool.c): small blocks of coherent memory, for descriptors and the like, from
 * pages that the device's coherent mask reaches. No block crosses the pool's boundary. A free block begins with a link
 * to the next one. Pages stay with the pool until it is destroyed, so that a free never sleeps.
 *
 * <pre>{@code
 * long pool = pools.dmaPoolCreate("descriptors", dev, 32, 32, 0);     // in probe
 * long descriptor = pools.dmaPoolAlloc(pool, Gfp.GFP_ATOMIC, handleVa);
 * …
 * pools.dmaPoolFree(pool, descriptor, handle);
 * }</pre>
 */
public final class DmaPool {

    /** The bytes of a free block, and of a new one, while poison is on. */
    public static final int POOL_POISON_FREED = 0xa7;
    public static final int POOL_POISON_ALLOCATED = 0xa9;

    /** The size of a free block's link. */
    private static final int MIN_BLOCK = 4;

    /** The most bytes of one coherent allocation. */
    private static final int MAX_ALLOCATION = 4 << 20;

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final Context context;
    private final SpinLock locks;
    private final Kmalloc kmalloc;
    private final DmaCoherent coherent;
    private final StringTable strings;
    private final PageOwner owners;
    private final DmaPoolView view;
    private final DmaPoolChecks checks;
    private final ResourceTracker tracker;
    private final DmaClaims claims;
    private final MemoryStates states;
    /** Whether free blocks are poisoned and checked, as {@code slub_debug=P} says. */
    private final boolean poison;
    /** Whether the owner of each block is recorded. */
    private final boolean tracked;
    private final long root;

    DmaPool(KernelBase base, MemoryManager mm, DmaCoherent coherent, DmaClaims claims) {
        this.claims = claims;
        this.states = base.states();
        this.memory = base.memory();
        this.cpu = base.cpu();
        this.context = base.context();
        this.locks = base.locks();
        this.kmalloc = mm.kmalloc();
        this.coherent = coherent;
        this.strings = base.strings();
        this.owners = mm.owners();
        this.root = base.root();
        this.tracked = base.recordsOwners();
        this.poison = SlabFlags.poisons(base.commandLine().get("slub_debug", SlabFlags.DEFAULT_SLUB_DEBUG), "dma_pool");
        this.view = new DmaPoolView(root, tracked);
        this.checks = new DmaPoolChecks(base.violations(), view);
        this.tracker = base.tracker();
    }

    /** Boot. */
    public void init() {
        ListHead.init(memory, RootLayout.DMA_POOLS.at(root));
    }

    /** The view of the pools, for inspection. */
    public DmaPoolView view() {
        return view;
    }

    // ---- pools ----

    /**
     * {@code dma_pool_create}: makes a pool without blocks. May sleep.
     *
     * @param name     the pool's name in reports
     * @param size     bytes of a block; rounded up to a word at least
     * @param align    a power of two, or 0 for none
     * @param boundary a power of two that no block crosses, not less than a block, or 0 for none
     * @return the pool, or 0 if there is no memory or an argument is wrong
     */
    public long dmaPoolCreate(String name, long dev, int size, int align, int boundary) {
        context.mightSleep("dma_pool_create", "make the pool when the driver probes");
        int alignment = Math.max(align, MIN_BLOCK);
        if (align < 0 || (align & align - 1) != 0 || size <= 0 || size > Integer.MAX_VALUE - alignment) {
            return 0;
        }
        int block = size + alignment - 1 & -alignment;
        int allocation = Math.max(block, AddressSpace.PAGE_SIZE);
        if (boundary != 0 && (boundary < block || (boundary & boundary - 1) != 0)) {
            return 0;
        }
        long pool = kmalloc.kzalloc(DmaPoolLayout.BYTES, Gfp.GFP_KERNEL);
        if (pool == 0) {
            return 0;
        }
        DEV.set(memory, pool, dev);
        NAME.set(memory, pool, strings.intern(name));
        SIZE.set(memory, pool, block);
        ALLOCATION.set(memory, pool, allocation);
        BOUNDARY.set(memory, pool, boundary == 0 ? allocation : Math.min(boundary, allocation));
        int flags = locks.lockIrqSave(RootLayout.DMA_POOLS_LOCK.at(root));
        ListHead.addTail(memory, NODE.at(pool), RootLayout.DMA_POOLS.at(root));
        locks.unlockIrqRestore(RootLayout.DMA_POOLS_LOCK.at(root), flags);
        return tracker.took(ResourceTracker.Kind.DMA_POOL, pool, 0);
    }

    /**
     * {@code dma_pool_destroy}; 0 is legal. May sleep. Returns whether the pool was destroyed; it stays while blocks
     * are allocated from it.
     */
    public boolean dmaPoolDestroy(long pool) {
        context.mightSleep("dma_pool_destroy", "destroy the pool when the driver is removed");
        if (pool == 0) {
            return true;
        }
        for (long page = PAGES.get(memory, pool); page != 0; page = NEXT.get(memory, page)) {
            if (IN_USE.get(memory, page) != 0) {
                checks.inUse(pool);
                return false;
            }
        }
        int flags = locks.lockIrqSave(RootLayout.DMA_POOLS_LOCK.at(root));
        ListHead.delete(memory, NODE.at(pool));
        locks.unlockIrqRestore(RootLayout.DMA_POOLS_LOCK.at(root), flags);
        int allocation = ALLOCATION.get(memory, pool);
        for (long page = PAGES.get(memory, pool); page != 0; ) {
            long next = NEXT.get(memory, page);
            long va = VA.get(memory, page);
            claims.coherentFreed(DEV.get(checks.peek(), pool), DMA.get(checks.peek(), page), allocation,
                    "dma_pool_destroy");
            states.changed(va, allocation);
            coherent.free(va, allocation);
            kmalloc.kfree(page);
            page = next;
        }
        kmalloc.kfree(pool);
        tracker.gaveBack(ResourceTracker.Kind.DMA_POOL, pool);
        return true;
    }

    /** Tells the shadow of all pages and blocks, for a kernel that attaches. */
    void attach(ReadableMemory from) {
        try {
            view.pools(from).forEach(pool -> attach(from, pool));
        } catch (BusFault damaged) {
            // a pool's record was overwritten: its blocks are checked no more
        }
    }

    private void attach(ReadableMemory from, long pool) {
        int size = SIZE.get(from, pool);
        int allocation = ALLOCATION.get(from, pool);
        int boundary = BOUNDARY.get(from, pool);
        boolean sound = size > 0 && size <= boundary && boundary <= allocation && allocation <= MAX_ALLOCATION;
        int blocks = sound ? DmaPoolLayout.blocks(size, allocation, boundary) : 0;
        Set<Long> seen = new HashSet<>();
        for (long page = PAGES.get(from, pool); sound && page != 0 && seen.add(page); page = NEXT.get(from, page)) {
            long va = VA.get(from, page);
            claims.restoredPoolPage(DEV.get(from, pool), DMA.get(from, page), allocation);
            states.divided(va, allocation, size, blocks, index -> va + DmaPoolLayout.offset(index, size, boundary));
            for (int index = 0; index < blocks; index++) {
                if (DmaPoolView.isOut(from, page, index)) {
                    states.restored(va + DmaPoolLayout.offset(index, size, boundary), size);
                }
            }
        }
    }

    // ---- blocks ----

    /**
     * {@code dma_pool_alloc}: allocates a block, zeroed with {@code __GFP_ZERO}. May sleep if the flags allow it.
     *
     * @param handleVa address of a word that receives the bus address
     * @return the block's linear map address, or 0
     */
    public long dmaPoolAlloc(long pool, int gfp, long handleVa) {
        context.mightAlloc(gfp, "dma_pool_alloc");
        int flags = locks.lockIrqSave(LOCK.at(pool));
        long page = withRoom(pool);
        if (page == 0) {
            locks.unlockIrqRestore(LOCK.at(pool), flags);
            page = newPage(pool, gfp & ~Gfp.__GFP_ZERO);
            if (page == 0) {
                return 0;
            }
            flags = locks.lockIrqSave(LOCK.at(pool));
            NEXT.set(memory, page, PAGES.get(memory, pool));
            PAGES.set(memory, pool, page);
        }
        int size = SIZE.get(memory, pool);
        int offset = FREE.get(memory, page);
        long block = VA.get(memory, page) + offset;
        int damaged = take(pool, page, offset, block, size);
        int found = damaged < 0 ? 0 : memory.load8(block + damaged);
        memory.storeAddress(handleVa, DMA.get(memory, page) + offset);
        locks.unlockIrqRestore(LOCK.at(pool), flags);
        if (damaged >= 0 && !states.wasReported(block, size)) {
            checks.overwritten(pool, block, damaged, found);
        }
        states.allocated(block, size);
        track(pool, page, offset, true);
        if ((gfp & Gfp.__GFP_ZERO) != 0 || poison) {
            memory.fill(block, (gfp & Gfp.__GFP_ZERO) != 0 ? 0 : POOL_POISON_ALLOCATED, size);
        }
        return tracker.took(ResourceTracker.Kind.DMA_BLOCK, block, size);
    }

    /** {@code dma_pool_zalloc}, see {@link #dmaPoolAlloc}. */
    public long dmaPoolZalloc(long pool, int gfp, long handleVa) {
        return dmaPoolAlloc(pool, gfp | Gfp.__GFP_ZERO, handleVa);
    }

    private long withRoom(long pool) {
        int allocation = ALLOCATION.get(memory, pool);
        long page = PAGES.get(memory, pool);
        while (page != 0 && FREE.get(memory, page) >= allocation) {
            page = NEXT.get(memory, page);
        }
        return page;
    }

    private long newPage(long pool, int gfp) {
        int size = SIZE.get(memory, pool);
        int allocation = ALLOCATION.get(memory, pool);
        int boundary = BOUNDARY.get(memory, pool);
        long mask = DmaDeviceLayout.COHERENT_MASK.get(memory, DEV.get(memory, pool));
        int blocks = DmaPoolLayout.blocks(size, allocation, boundary);
        long page = mask == 0 ? 0
                : kmalloc.kzalloc(DmaPoolLayout.tracks(blocks) + (tracked ? blocks * DmaTrackLayout.SIZE : 0), gfp);
        long va = page == 0 ? 0 : coherent.alloc(Blocks.Kind.POOL, mask, allocation, DMA.at(page), gfp);
        if (va == 0) {
            kmalloc.kfree(page);
            return 0;
        }
        VA.set(memory, page, va);
        if (poison) {
            memory.fill(va, POOL_POISON_FREED, allocation);
        }
        link(pool, page);
        claims.coherent(DEV.get(checks.peek(), pool), DMA.get(checks.peek(), page), allocation, "dma_pool_alloc");
        states.divided(va, allocation, size, blocks, index -> va + DmaPoolLayout.offset(index, size, boundary));
        return page;
    }

    /** Links the free blocks of a page in order of address. A page here is one coherent allocation of the pool. */
    private void link(long pool, long page) {
        int size = SIZE.get(memory, pool);
        int boundary = BOUNDARY.get(memory, pool);
        long va = VA.get(memory, page);
        int next = ALLOCATION.get(memory, pool);
        for (int index = DmaPoolLayout.blocks(size, next, boundary) - 1; index >= 0; index--) {
            if (!DmaPoolView.isOut(memory, page, index)) {
                int offset = DmaPoolLayout.offset(index, size, boundary);
                memory.store32(va + offset, next);
                next = offset;
            }
        }
        FREE.set(memory, page, next);
    }

    /**
     * Takes the first free block of a page off its chain. If the block's link is invalid, the block was written to
     * after its free, and the chain is made anew. The lock is held.
     *
     * @return offset of the first byte that was written after the free, or -1
     */
    private int take(long pool, long page, int offset, long block, int size) {
        int boundary = BOUNDARY.get(memory, pool);
        int allocation = ALLOCATION.get(memory, pool);
        int next = memory.load32(block);
        setOut(page, DmaPoolLayout.index(offset, size, boundary), true);
        IN_USE.add(memory, page, 1);
        int index = next < 0 || next >= allocation ? -1 : DmaPoolLayout.index(next, size, boundary);
        boolean sound = next == allocation || index >= 0 && !DmaPoolView.isOut(memory, page, index);
        if (sound) {
            FREE.set(memory, page, next);
        } else {
            link(pool, page);
        }
        return !sound ? 0 : poison ? firstOther(block, size) : -1;
    }

    /** Returns the offset of the first byte after the link that is not poison, or -1. */
    private int firstOther(long block, int size) {
        int at = MIN_BLOCK + MIN_BLOCK * memory.findOther32(block + MIN_BLOCK, POOL_POISON_FREED * 0x0101_0101,
                size / MIN_BLOCK - 1);
        while (at < size && memory.load8(block + at) == POOL_POISON_FREED) {
            at++;
        }
        return at < size ? at : -1;
    }

    private void setOut(long page, int index, boolean out) {
        long word = BITS.at(page, index / 32);
        int bits = memory.load32(word);
        memory.store32(word, out ? bits | 1 << index % 32 : bits & ~(1 << index % 32));
    }

    private void track(long pool, long page, int offset, boolean allocated) {
        if (!tracked) {
            return;
        }
        int size = SIZE.get(memory, pool);
        int boundary = BOUNDARY.get(memory, pool);
        long tracks = page + DmaPoolLayout.tracks(DmaPoolLayout.blocks(size, ALLOCATION.get(memory, pool), boundary));
        long track = tracks + (long) DmaPoolLayout.index(offset, size, boundary) * DmaTrackLayout.SIZE;
        if (allocated) {
            SITE.set(memory, track, owners.site());
            TASK.set(memory, track, TaskLayout.NAME.get(memory, cpu.tp()));
            PID.set(memory, track, TaskLayout.PID.get(memory, cpu.tp()));
        } else {
            FREED.set(memory, track, owners.site());
        }
    }

    /**
     * {@code dma_pool_free}: frees a block, with the two addresses of its allocation. A wrong argument is reported, and
     * changes nothing. Any context.
     */
    public void dmaPoolFree(long pool, long va, long dma) {
        int size = SIZE.get(memory, pool);
        int boundary = BOUNDARY.get(memory, pool);
        int flags = locks.lockIrqSave(LOCK.at(pool));
        long page = pageOf(pool, dma);
        int offset = page == 0 ? 0 : (int) (dma - DMA.get(memory, page));
        int index = page == 0 ? -1 : DmaPoolLayout.index(offset, size, boundary);
        boolean matches = index >= 0 && va == VA.get(memory, page) + offset;
        boolean out = matches && DmaPoolView.isOut(memory, page, index);
        if (out) {
            states.freed(va, size);
            track(pool, page, offset, false);
            if (poison) {
                memory.fill(va, POOL_POISON_FREED, size);
            }
            memory.store32(va, FREE.get(memory, page));
            FREE.set(memory, page, offset);
            IN_USE.add(memory, page, -1);
            setOut(page, index, false);
        }
        locks.unlockIrqRestore(LOCK.at(pool), flags);
        if (out) {
            tracker.gaveBack(ResourceTracker.Kind.DMA_BLOCK, va);
        } else if (page == 0) {
            checks.foreign(pool, va, dma);
        } else if (matches) {
            checks.doubleFree(pool, va, dma);
        } else {
            checks.badFree(pool, va, dma, index < 0 ? "which is not the beginning of a block"
                    : "which are not of one block");
        }
    }

    private long pageOf(long pool, long dma) {
        int allocation = ALLOCATION.get(memory, pool);
        long page = PAGES.get(memory, pool);
        while (page != 0) {
            long offset = dma - DMA.get(memory, page);
            if (offset >= 0 && offset < allocation) {
                return page;
            }
            page = NEXT.get(memory, page);
        }
        return 0;
    }
}

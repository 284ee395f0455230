package ferrite.kernel.mm;

import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.KernelBug;
import ferrite.kernel.ListHead;
import ferrite.kernel.sched.Context;
import ferrite.kernel.sched.SpinLock;

/**
 * Lookaside caches (LDD3 pages 217-219): objects of one size, out of slabs of one or more pages. The link of a free object lies in
 * the object, what a slab knows of itself in its {@code struct page}. A slab that is empty goes back to the page allocator at once.
 *
 * <p>A cache is a record in RAM; this class holds none of its state. Any context; does not sleep.
 */
public final class KmemCache {

    /** Layout of a cache's record. */
    public static final int SIZE = 64;
    public static final int NAME_BYTES = 24;

    private static final int LOCK = 0;
    private static final int OBJECT_SIZE = 4;
    private static final int ORDER = 8;
    private static final int GFP = 12;
    /** Slabs with at least one free object. */
    private static final int PARTIAL = 16;
    private static final int SLABS = 24;
    /** Objects that are allocated. */
    static final int LIVE = 28;
    private static final int NAME = 32;

    private static final int SMALLEST_SLAB_OBJECTS = 4;
    private static final int LARGEST_SLAB_ORDER = 3;

    /** What a free object holds behind its link: a hint that a second free is one. The free list has the last word. */
    private static final int FREE_MARK = 4;
    private static final int FREE = 0x6b6b_6b6b;

    private final KernelMemory memory;
    private final Context context;
    private final SpinLock locks;
    private final BuddyAllocator pages;
    private final MemMap memMap;

    public KmemCache(KernelMemory memory, KernelCpu cpu, Context context, BuddyAllocator pages, MemMap memMap) {
        this.memory = memory;
        this.context = context;
        this.locks = new SpinLock(memory, cpu);
        this.pages = pages;
        this.memMap = memMap;
    }

    /**
     * Makes a cache in a record of {@link #SIZE} zeroed bytes.
     *
     * @param size of an object, a multiple of 8
     * @param gfp  flags that every slab is allocated with, beside those of the caller
     */
    public void init(long cache, String name, int size, int gfp) {
        memory.store32(cache + OBJECT_SIZE, size);
        memory.store32(cache + ORDER, slabOrder(size));
        memory.store32(cache + GFP, gfp);
        ListHead.init(memory, cache + PARTIAL);
        memory.storeString(cache + NAME, name, NAME_BYTES);
    }

    private static int slabOrder(int size) {
        int order = 0;
        while (order < LARGEST_SLAB_ORDER && objects(order, size) < SMALLEST_SLAB_OBJECTS) {
            order++;
        }
        return order;
    }

    private static int objects(int order, int size) {
        return (AddressSpace.PAGE_SIZE << order) / size;
    }

    /** {@code kmem_cache_alloc}: an object, or 0. */
    public long alloc(long cache, int gfp) {
        context.mightAlloc(gfp, "kmem_cache_alloc");
        return allocObject(cache, gfp);
    }

    /** For callers in this package, which have said already whether they may sleep. */
    long allocObject(long cache, int gfp) {
        int flags = locks.lockIrqSave(cache + LOCK);
        long object = takeObject(cache);
        locks.unlockIrqRestore(cache + LOCK, flags);
        while (object == 0) {
            long slab = newSlab(cache, gfp);
            if (slab == 0) {
                return 0;
            }
            flags = locks.lockIrqSave(cache + LOCK);
            ListHead.add(memory, slab + PageLayout.LRU, cache + PARTIAL);
            memory.store32(cache + SLABS, memory.load32(cache + SLABS) + 1);
            object = takeObject(cache);
            locks.unlockIrqRestore(cache + LOCK, flags);
        }
        if ((gfp & Gfp.__GFP_ZERO) != 0) {
            memory.fill(object, 0, memory.load32(cache + OBJECT_SIZE));
        }
        return object;
    }

    private long takeObject(long cache) {
        long node = ListHead.first(memory, cache + PARTIAL);
        if (node == cache + PARTIAL) {
            return 0;
        }
        long slab = node - PageLayout.LRU;
        long object = memory.loadAddress(slab + PageLayout.FREELIST);
        long next = memory.loadAddress(object);
        memory.store32(object + FREE_MARK, 0);
        memory.storeAddress(slab + PageLayout.FREELIST, next);
        memory.store32(slab + PageLayout.INUSE, memory.load32(slab + PageLayout.INUSE) + 1);
        if (next == 0) {
            ListHead.delete(memory, node);
        }
        changeLive(cache, 1);
        return object;
    }

    /** A slab whose objects are all free, each linked to the one after it. */
    private long newSlab(long cache, int gfp) {
        int order = memory.load32(cache + ORDER);
        long slab = pages.allocBlock(gfp & ~Gfp.__GFP_ZERO | memory.load32(cache + GFP), order);
        if (slab == 0) {
            return 0;
        }
        int size = memory.load32(cache + OBJECT_SIZE);
        long first = memMap.pageAddress(slab);
        int objects = objects(order, size);
        for (int i = 0; i < objects; i++) {
            long object = first + (long) i * size;
            memory.storeAddress(object, i + 1 < objects ? object + size : 0);
            memory.store32(object + FREE_MARK, FREE);
        }
        memory.store32(slab + PageLayout.FLAGS, PageLayout.HEAD | PageLayout.SLAB);
        memory.storeAddress(slab + PageLayout.SLAB_CACHE, cache);
        memory.storeAddress(slab + PageLayout.FREELIST, first);
        memory.store32(slab + PageLayout.INUSE, 0);
        return slab;
    }

    /** {@code kmem_cache_free}. */
    public void free(long cache, long object) {
        long slab = memMap.head(memory, memMap.virtToPage(object));
        requireObject(cache, slab, object);
        int flags = locks.lockIrqSave(cache + LOCK);
        if (memory.load32(object + FREE_MARK) == FREE && isOnFreeList(slab, object)) {
            locks.unlockIrqRestore(cache + LOCK, flags);
            throw neverAllocated(cache, object);
        }
        long firstFree = memory.loadAddress(slab + PageLayout.FREELIST);
        memory.storeAddress(object, firstFree);
        memory.store32(object + FREE_MARK, FREE);
        memory.storeAddress(slab + PageLayout.FREELIST, object);
        int inUse = memory.load32(slab + PageLayout.INUSE) - 1;
        memory.store32(slab + PageLayout.INUSE, inUse);
        if (firstFree == 0) {
            ListHead.add(memory, slab + PageLayout.LRU, cache + PARTIAL);
        }
        changeLive(cache, -1);
        boolean empty = inUse == 0;
        if (empty) {
            ListHead.delete(memory, slab + PageLayout.LRU);
            memory.store32(cache + SLABS, memory.load32(cache + SLABS) - 1);
        }
        locks.unlockIrqRestore(cache + LOCK, flags);
        if (empty) {
            freeSlab(slab);
        }
    }

    private void changeLive(long cache, int change) {
        memory.store32(cache + LIVE, memory.load32(cache + LIVE) + change);
    }

    private void freeSlab(long slab) {
        memory.storeAddress(slab + PageLayout.SLAB_CACHE, 0);
        memory.storeAddress(slab + PageLayout.FREELIST, 0);
        memory.store32(slab + PageLayout.FLAGS, PageLayout.HEAD);
        pages.freePages(slab, memory.load32(slab + PageLayout.ORDER));
    }

    private void requireObject(long cache, long slab, long object) {
        if (slab == 0 || memory.loadAddress(slab + PageLayout.SLAB_CACHE) != cache || memory.load32(slab + PageLayout.INUSE) == 0) {
            throw neverAllocated(cache, object);
        }
        long offset = object - memMap.pageAddress(slab);
        int size = memory.load32(cache + OBJECT_SIZE);
        if (offset % size != 0 || offset / size >= objects(memory.load32(cache + ORDER), size)) {
            throw neverAllocated(cache, object);
        }
    }

    private boolean isOnFreeList(long slab, long object) {
        long free = memory.loadAddress(slab + PageLayout.FREELIST);
        for (int i = 0; i < AddressSpace.PAGE_SIZE && free != 0; i++) {
            if (free == object) {
                return true;
            }
            free = memory.loadAddress(free);
        }
        return false;
    }

    private KernelBug neverAllocated(long cache, long object) {
        return new KernelBug("free of 0x" + Long.toHexString(object) + ", which is not an allocated object of cache '" + name(memory, cache) + "'");
    }

    /** The cache whose slab a page heads; 0 when it heads none. */
    long cacheOf(long slab) {
        return memory.loadAddress(slab + PageLayout.SLAB_CACHE);
    }

    public static String name(ReadableMemory memory, long cache) {
        return memory.loadString(cache + NAME, NAME_BYTES);
    }

    public static int objectSize(ReadableMemory memory, long cache) {
        return memory.load32(cache + OBJECT_SIZE);
    }

    /** Pages that a cache's slabs take. */
    public static long pages(ReadableMemory memory, long cache) {
        return (long) memory.load32(cache + SLABS) << memory.load32(cache + ORDER);
    }
}

package ferrite.kernel.mm;

import ferrite.hardware.Machine;
import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.KernelPanic;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.core.Context;
import ferrite.kernel.core.KernelBase;

/**
 * Lookaside caches (LDD3 pages 217-219): objects of one size, in slabs of one or more pages. The link of a free object
 * lies in the object. The state of a slab is in its {@code struct page}, the rest of a cache in its record
 * ({@link KmemCacheLayout}).
 *
 * <p>Each hart owns one slab of a cache and keeps the free objects of it in a list that no other hart touches. The fast
 * paths allocate from that list and free to it without a lock, with interrupts off. Other harts free objects of that
 * slab to the slab's own list, under the cache's lock; the owner takes this list over when its own is empty. A slab
 * that no hart owns is on the partial list if it has free objects. A full slab is on no list.
 *
 * <p>Caches with checks have no per-hart lists: every call takes the lock, and {@link SlabDebug} checks the object.
 */
public final class KmemCache {

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final Context context;
    private final SpinLock locks;
    private final BuddyAllocator pages;
    private final MemMap memMap;
    private final TextTable text;
    private final FailSlab failures;
    private final SlabDebug debug;
    private final SlabReports reports;

    KmemCache(KernelBase base, BuddyAllocator pages, FailSlab failures, SlabDebug debug, SlabReports reports) {
        this.memory = base.memory();
        this.cpu = base.cpu();
        this.context = base.context();
        this.locks = base.locks();
        this.pages = pages;
        this.memMap = pages.frames().memMap();
        this.text = base.text();
        this.failures = failures;
        this.debug = debug;
        this.reports = reports;
    }

    // ---- making ----

    /**
     * Fills the record of a cache, {@link KmemCacheLayout#BYTES} zeroed bytes. Returns false if the objects are too
     * large for any slab.
     */
    boolean init(long cache, String name, int objectSize, int align, int flags, long constructor, long destructor) {
        SlabGeometry geometry = SlabGeometry.of(objectSize, align, flags, constructor != 0 || destructor != 0);
        if (geometry == null) {
            return false;
        }
        memory.store32(cache + KmemCacheLayout.FLAGS, flags);
        memory.store32(cache + KmemCacheLayout.SIZE, geometry.size());
        memory.store32(cache + KmemCacheLayout.OBJECT_SIZE, objectSize);
        memory.store32(cache + KmemCacheLayout.OFFSET, geometry.offset());
        memory.store32(cache + KmemCacheLayout.SHORT_WAY, (flags & SlabFlags.DEBUG) != 0 ? KmemCacheLayout.LONG_WAY
                : KmemCacheLayout.shortWay(geometry.size(), geometry.objects(), geometry.offset()));
        memory.store32(cache + KmemCacheLayout.RED_LEFT, geometry.redLeft());
        memory.store32(cache + KmemCacheLayout.RED_END, geometry.redEnd());
        memory.store32(cache + KmemCacheLayout.TRACK, geometry.track());
        memory.store32(cache + KmemCacheLayout.ALIGN, geometry.align());
        memory.store32(cache + KmemCacheLayout.ORDER, geometry.order());
        memory.store32(cache + KmemCacheLayout.OBJECTS, geometry.objects());
        memory.store32(cache + KmemCacheLayout.GFP, (flags & SlabFlags.SLAB_CACHE_DMA) != 0 ? Gfp.__GFP_DMA : 0);
        memory.storeAddress(cache + KmemCacheLayout.CONSTRUCTOR, constructor);
        memory.storeAddress(cache + KmemCacheLayout.DESTRUCTOR, destructor);
        memory.store32(cache + KmemCacheLayout.MIN_PARTIAL, minPartial(geometry.size()));
        ListHead.init(memory, cache + KmemCacheLayout.PARTIAL);
        memory.storeString(cache + KmemCacheLayout.NAME, name, KmemCacheLayout.NAME_BYTES);
        return true;
    }

    /** Linux's {@code set_min_partial}: half the logarithm of the size, 5 to 10. */
    private static int minPartial(int size) {
        return Math.max(5, Math.min(10, (31 - Integer.numberOfLeadingZeros(size)) / 2));
    }

    // ---- allocating ----

    /** Allocates an object. May sleep if the flags allow it. Returns the linear address, or 0. */
    public long alloc(long cache, int gfp) {
        context.mightAlloc(gfp, "kmem_cache_alloc");
        return allocObject(cache, gfp, memory.load32(cache + KmemCacheLayout.OBJECT_SIZE));
    }

    /**
     * Allocates an object for this package. The caller has already called {@link Context#mightAlloc}.
     *
     * @param requested bytes of the object that the caller will use
     */
    long allocObject(long cache, int gfp, int requested) {
        int shortWay = memory.load32(cache + KmemCacheLayout.SHORT_WAY);
        boolean slowly = shortWay == KmemCacheLayout.LONG_WAY || failures.isOn() || (gfp & Gfp.__GFP_HIGHMEM) != 0;
        long object = slowly ? 0 : takeFromThisHart(cache, linkOffset(cache, shortWay));
        if (object == 0) {
            object = allocSlow(cache, gfp, requested);
        }
        if ((gfp & Gfp.__GFP_ZERO) != 0 && object != 0) {
            zero(object, shortWay == KmemCacheLayout.LONG_WAY ? requested : memory.load32(cache + KmemCacheLayout.OBJECT_SIZE));
        }
        return object;
    }

    private int linkOffset(long cache, int shortWay) {
        return KmemCacheLayout.hasLinkOutside(shortWay) ? memory.load32(cache + KmemCacheLayout.OFFSET) : 0;
    }

    private long takeFromThisHart(long cache, int offset) {
        int flags = cpu.irqSave();
        long mine = KmemCacheLayout.cpu(cache, cpu.hartId());
        long object = memory.loadAddress(mine + KmemCacheLayout.CPU_FREELIST);
        if (object != 0) {
            memory.storeAddress(mine + KmemCacheLayout.CPU_FREELIST, memory.loadAddress(object + offset));
            memory.store32(object + offset + KmemCacheLayout.MARK, 0);
        }
        cpu.irqRestore(flags);
        return object;
    }

    private void zero(long object, int size) {
        if (size > 128 || (size & 3) != 0) {
            memory.fill(object, 0, size);
            return;
        }
        for (int at = 0; at < size; at += 4) {
            memory.store32(object + at, 0);
        }
    }

    private long allocSlow(long cache, int gfp, int requested) {
        if ((gfp & Gfp.__GFP_HIGHMEM) != 0) {
            return reports.highMemory(cache, gfp);
        }
        if (failures.shouldFail(gfp)) {
            return 0;
        }
        if (isDebug(cache)) {
            return debug.alloc(cache, gfp, requested, this::newSlab);
        }
        long slab = 0;
        for (;;) {
            int flags = locks.lockIrqSave(cache);
            if (slab != 0) {
                addSlab(cache, slab);
            }
            long object = refill(cache);
            locks.unlockIrqRestore(cache, flags);
            if (object != 0) {
                return object;
            }
            slab = newSlab(cache, gfp);
            if (slab == 0) {
                return 0;
            }
        }
    }

    private boolean isDebug(long cache) {
        return (memory.load32(cache + KmemCacheLayout.FLAGS) & SlabFlags.DEBUG) != 0;
    }

    /**
     * Fills this hart's list and takes an object from it. The source is the hart's slab, or else a partial slab.
     * Returns 0 if there is none. The cache is locked.
     */
    private long refill(long cache) {
        long mine = KmemCacheLayout.cpu(cache, cpu.hartId());
        long object = memory.loadAddress(mine + KmemCacheLayout.CPU_FREELIST);
        if (object == 0) {
            object = takeOver(cache, mine);
        }
        if (object != 0) {
            long link = object + memory.load32(cache + KmemCacheLayout.OFFSET);
            memory.storeAddress(mine + KmemCacheLayout.CPU_FREELIST, memory.loadAddress(link));
            memory.store32(link + KmemCacheLayout.MARK, 0);
        }
        return object;
    }

    private long takeOver(long cache, long mine) {
        long slab = memory.loadAddress(mine + KmemCacheLayout.CPU_SLAB);
        if (slab != 0 && memory.load32(slab + PageLayout.FREELIST) == 0) {
            setFrozen(slab, false);                    // it is full, so this hart gives it up
            slab = 0;
        }
        if (slab == 0) {
            slab = takePartial(cache);
            memory.storeAddress(mine + KmemCacheLayout.CPU_SLAB, slab);
            if (slab == 0) {
                return 0;
            }
            setFrozen(slab, true);
        }
        long list = memory.loadAddress(slab + PageLayout.FREELIST);
        memory.store32(slab + PageLayout.FREELIST, 0);
        int counters = memory.load32(slab + PageLayout.COUNTERS);
        memory.store32(slab + PageLayout.COUNTERS, counters & ~KmemCacheLayout.INUSE_MASK | KmemCacheLayout.objects(counters));
        return list;
    }

    private void setFrozen(long slab, boolean frozen) {
        int counters = memory.load32(slab + PageLayout.COUNTERS);
        memory.store32(slab + PageLayout.COUNTERS, frozen ? counters | KmemCacheLayout.FROZEN : counters & ~KmemCacheLayout.FROZEN);
    }

    private long takePartial(long cache) {
        long node = ListHead.first(memory, cache + KmemCacheLayout.PARTIAL);
        if (node == cache + KmemCacheLayout.PARTIAL) {
            return 0;
        }
        removePartial(cache, node - PageLayout.LRU);
        return node - PageLayout.LRU;
    }

    // ---- slabs ----

    /**
     * Makes a slab that is on no list. All its objects are free, each linked to the next one. Constructors have run.
     */
    private long newSlab(long cache, int gfp) {
        int order = memory.load32(cache + KmemCacheLayout.ORDER);
        long slab = pages.allocBlock(gfp & ~Gfp.__GFP_ZERO | memory.load32(cache + KmemCacheLayout.GFP), order);
        if (slab == 0) {
            return 0;
        }
        int size = memory.load32(cache + KmemCacheLayout.SIZE);
        int objects = memory.load32(cache + KmemCacheLayout.OBJECTS);
        int offset = memory.load32(cache + KmemCacheLayout.OFFSET);
        long constructor = memory.loadAddress(cache + KmemCacheLayout.CONSTRUCTOR);
        long first = memMap.pageAddress(slab) + memory.load32(cache + KmemCacheLayout.RED_LEFT);
        debug.initSlab(cache, slab);
        for (int i = 0; i < objects; i++) {
            long object = first + (long) i * size;
            if (constructor != 0) {
                text.at(constructor, Constructor.class).run(object);
            }
            memory.storeAddress(object + offset, i + 1 < objects ? object + size : 0);
            memory.store32(object + offset + KmemCacheLayout.MARK, KmemCacheLayout.FREE);
        }
        memory.store32(slab + PageLayout.FLAGS, memory.load32(slab + PageLayout.FLAGS) | PageLayout.SLAB);
        memory.storeAddress(slab + PageLayout.SLAB_CACHE, cache);
        memory.storeAddress(slab + PageLayout.FREELIST, first);
        memory.store32(slab + PageLayout.COUNTERS, objects << KmemCacheLayout.OBJECTS_SHIFT);
        return slab;
    }

    /** Adds a new slab to the cache. The cache is locked, here and in the next three methods. */
    void addSlab(long cache, long slab) {
        addPartial(cache, slab);
        changeCount(cache + KmemCacheLayout.SLABS, 1);
    }

    void addPartial(long cache, long slab) {
        ListHead.add(memory, slab + PageLayout.LRU, cache + KmemCacheLayout.PARTIAL);
        changeCount(cache + KmemCacheLayout.NR_PARTIAL, 1);
    }

    void removePartial(long cache, long slab) {
        ListHead.delete(memory, slab + PageLayout.LRU);
        changeCount(cache + KmemCacheLayout.NR_PARTIAL, -1);
    }

    private void changeCount(long at, int change) {
        memory.store32(at, memory.load32(at) + change);
    }

    /** Releases the pages of a slab that is on no list. */
    private void discard(long cache, long slab) {
        debug.checkSlab(cache, slab);
        long destructor = memory.loadAddress(cache + KmemCacheLayout.DESTRUCTOR);
        if (destructor != 0) {
            long first = memMap.pageAddress(slab) + memory.load32(cache + KmemCacheLayout.RED_LEFT);
            for (int i = 0; i < memory.load32(cache + KmemCacheLayout.OBJECTS); i++) {
                text.at(destructor, Constructor.class).run(first + (long) i * memory.load32(cache + KmemCacheLayout.SIZE));
            }
        }
        memory.storeAddress(slab + PageLayout.SLAB_CACHE, 0);
        memory.storeAddress(slab + PageLayout.FREELIST, 0);
        memory.store32(slab + PageLayout.COUNTERS, 0);
        memory.store32(slab + PageLayout.FLAGS, memory.load32(slab + PageLayout.FLAGS) & ~PageLayout.SLAB);
        pages.freePages(slab, memory.load32(slab + PageLayout.ORDER));
    }

    // ---- freeing ----

    /**
     * Frees an object; 0 is legal. Any context. A wrong object is reported and stays; one of another cache is freed to
     * its own.
     */
    public void free(long cache, long object) {
        if (object == 0) {
            return;
        }
        long slab = slabOf(object);
        long owner = slab == 0 ? 0 : memory.loadAddress(slab + PageLayout.SLAB_CACHE);
        if (owner == 0) {
            reports.notAnObject("kmem_cache_free", object);
        } else if (owner != cache) {
            reports.wrongCache(cache, owner, object);
            freeObject("kmem_cache_free", owner, slab, object);          // as Linux does
        } else {
            freeObject("kmem_cache_free", cache, slab, object);
        }
    }

    /** Returns the slab that an address lies in, or 0. */
    long slabOf(long address) {
        long page = memMap.virtToPage(address);
        if (page == 0 || (memory.load32(page + PageLayout.FLAGS) & PageLayout.SLAB) != 0) {
            return page;
        }
        long head = memMap.head(memory, page);
        return head != 0 && (memory.load32(head + PageLayout.FLAGS) & PageLayout.SLAB) != 0 ? head : 0;
    }

    /**
     * Frees an object that lies in the first page of its slab, the most frequent case. Otherwise does nothing and
     * returns false.
     */
    boolean freeInFirstPage(String call, long object) {
        long page = memMap.virtToPage(object);
        long cache = page == 0 ? 0 : memory.loadAddress(page + PageLayout.SLAB_CACHE);
        if (cache == 0) {
            return false;
        }
        freeObject(call, cache, page, object);
        return true;
    }

    void freeObject(String call, long cache, long slab, long object) {
        int shortWay = memory.load32(cache + KmemCacheLayout.SHORT_WAY);
        if (shortWay == KmemCacheLayout.LONG_WAY) {
            freeCheckedSlow(call, cache, slab, object);
        } else if (!isObject((int) (object - memMap.pageAddress(slab)), KmemCacheLayout.shortSize(shortWay), KmemCacheLayout.shortObjects(shortWay))) {
            reports.notAnObject(call, object);
        } else if (!giveToThisHart(cache, slab, object, linkOffset(cache, shortWay))) {
            freeSlow(call, CacheShape.read(memory, cache), slab, object);
        }
    }

    private void freeCheckedSlow(String call, long cache, long slab, long object) {
        CacheShape shape = CacheShape.read(memory, cache);
        if (isObject((int) (object - memMap.pageAddress(slab)) - shape.redLeft(), shape.size(), shape.objects())) {
            freeSlow(call, shape, slab, object);
        } else {
            reports.notAnObject(call, object);
        }
    }

    /** Tells whether an object begins at this offset from the first one. */
    private static boolean isObject(int offset, int size, int objects) {
        int index = offset / size;
        return offset >= 0 && index < objects && index * size == offset;
    }

    private boolean giveToThisHart(long cache, long slab, long object, int offset) {
        int flags = cpu.irqSave();
        long mine = KmemCacheLayout.cpu(cache, cpu.hartId());
        long mark = object + offset + KmemCacheLayout.MARK;
        boolean ours = memory.loadAddress(mine + KmemCacheLayout.CPU_SLAB) == slab && memory.load32(mark) != KmemCacheLayout.FREE;
        if (ours) {
            memory.storeAddress(object + offset, memory.loadAddress(mine + KmemCacheLayout.CPU_FREELIST));
            memory.store32(mark, KmemCacheLayout.FREE);
            memory.storeAddress(mine + KmemCacheLayout.CPU_FREELIST, object);
        }
        cpu.irqRestore(flags);
        return ours;
    }

    private void freeSlow(String call, CacheShape shape, long slab, long object) {
        long cache = shape.record();
        int offset = shape.offset();
        int flags = cpu.irqSave();
        locks.acquire(cache);
        if (memory.load32(object + offset + KmemCacheLayout.MARK) == KmemCacheLayout.FREE && isFree(cache, slab, object, offset)) {
            unlock(cache, flags);
            reports.doubleFree(call, cache, object);
            return;
        }
        if (shape.hasChecks()) {
            debug.freed(shape, slab, object);
        }
        long next = memory.loadAddress(slab + PageLayout.FREELIST);
        memory.storeAddress(object + offset, next);
        memory.store32(object + offset + KmemCacheLayout.MARK, KmemCacheLayout.FREE);
        memory.storeAddress(slab + PageLayout.FREELIST, object);
        int counters = memory.load32(slab + PageLayout.COUNTERS) - 1;
        memory.store32(slab + PageLayout.COUNTERS, counters);
        boolean unused = !KmemCacheLayout.isFrozen(counters) && place(cache, slab, next == 0, KmemCacheLayout.inUse(counters) == 0);
        unlock(cache, flags);
        if (unused) {
            discard(cache, slab);
        }
    }

    private void unlock(long cache, int flags) {
        locks.release(cache);
        cpu.irqRestore(flags);
    }

    /** Re-links the slab after a free. Returns true if its pages must be released. */
    private boolean place(long cache, long slab, boolean wasFull, boolean empty) {
        if (empty && memory.load32(cache + KmemCacheLayout.NR_PARTIAL) >= memory.load32(cache + KmemCacheLayout.MIN_PARTIAL)) {
            if (!wasFull) {
                removePartial(cache, slab);
            }
            changeCount(cache + KmemCacheLayout.SLABS, -1);
            return true;
        }
        if (wasFull) {
            addPartial(cache, slab);
        }
        return false;
    }

    /**
     * Tells whether an object is on its slab's list, or on the list of the hart that owns the slab. The cache is
     * locked.
     */
    private boolean isFree(long cache, long slab, long object, int offset) {
        if (isOn(memory.loadAddress(slab + PageLayout.FREELIST), object, offset)) {
            return true;
        }
        for (int hart = 0; hart < Machine.MAX_HARTS; hart++) {
            long other = KmemCacheLayout.cpu(cache, hart);
            if (memory.loadAddress(other + KmemCacheLayout.CPU_SLAB) == slab) {
                return isOn(memory.loadAddress(other + KmemCacheLayout.CPU_FREELIST), object, offset);
            }
        }
        return false;
    }

    private boolean isOn(long list, long object, int offset) {
        long free = list;
        for (int i = 0; i <= KmemCacheLayout.OBJECTS_MASK && free != 0; i++) {
            if (free == object) {
                return true;
            }
            free = memMap.virtToPage(free) == 0 ? 0 : memory.loadAddress(free + offset);
        }
        return false;
    }

    // ---- shrinking ----

    /** Returns this hart's list and slab to a cache. Interrupts are off. */
    void flushThisHart(long cache) {
        locks.lock(cache);
        long mine = KmemCacheLayout.cpu(cache, cpu.hartId());
        long slab = memory.loadAddress(mine + KmemCacheLayout.CPU_SLAB);
        if (slab != 0) {
            memory.storeAddress(slab + PageLayout.FREELIST, joined(cache, slab, memory.loadAddress(mine + KmemCacheLayout.CPU_FREELIST)));
            setFrozen(slab, false);
            if (memory.load32(slab + PageLayout.FREELIST) != 0) {
                addPartial(cache, slab);
            }
            memory.store32(mine + KmemCacheLayout.CPU_FREELIST, 0);
            memory.store32(mine + KmemCacheLayout.CPU_SLAB, 0);
        }
        locks.unlock(cache);
    }

    /** Puts the objects of a hart's list in front of the slab's list. Returns the first. */
    private long joined(long cache, long slab, long list) {
        int offset = memory.load32(cache + KmemCacheLayout.OFFSET);
        long rest = memory.loadAddress(slab + PageLayout.FREELIST);
        int counters = memory.load32(slab + PageLayout.COUNTERS);
        long object = list;
        while (object != 0) {
            long next = memory.loadAddress(object + offset);
            memory.storeAddress(object + offset, rest);
            rest = object;
            counters--;
            object = next;
        }
        memory.store32(slab + PageLayout.COUNTERS, counters);
        return rest;
    }

    /** Releases every slab on the partial list that has no object in use. Returns the number of slabs left. */
    int releaseEmpty(long cache) {
        long slab = takeEmpty(cache);
        while (slab != 0) {
            discard(cache, slab);
            slab = takeEmpty(cache);
        }
        return memory.load32(cache + KmemCacheLayout.SLABS);
    }

    private long takeEmpty(long cache) {
        int flags = locks.lockIrqSave(cache);
        long end = cache + KmemCacheLayout.PARTIAL;
        long node = ListHead.first(memory, end);
        while (node != end && KmemCacheLayout.inUse(memory.load32(node - PageLayout.LRU + PageLayout.COUNTERS)) != 0) {
            node = ListHead.first(memory, node);
        }
        if (node != end) {
            removePartial(cache, node - PageLayout.LRU);
            changeCount(cache + KmemCacheLayout.SLABS, -1);
        }
        locks.unlockIrqRestore(cache, flags);
        return node == end ? 0 : node - PageLayout.LRU;
    }

    void panicWithout(String name) {
        throw new KernelPanic("kmem_cache_create: Failed to create slab '" + name + "'");
    }

    // ---- looking ----

    public static String name(ReadableMemory memory, long cache) {
        return memory.loadString(cache + KmemCacheLayout.NAME, KmemCacheLayout.NAME_BYTES);
    }

    /** Returns the size that the creator requested, {@code kmem_cache_size}. */
    public static int objectSize(ReadableMemory memory, long cache) {
        return memory.load32(cache + KmemCacheLayout.OBJECT_SIZE);
    }

    /** Returns the pages of a cache's slabs. */
    public static long pages(ReadableMemory memory, long cache) {
        return (long) memory.load32(cache + KmemCacheLayout.SLABS) << memory.load32(cache + KmemCacheLayout.ORDER);
    }
}

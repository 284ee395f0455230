package ferrite.kernel.mm;

import static ferrite.kernel.mm.KmemCacheLayout.ALIGN;
import static ferrite.kernel.mm.KmemCacheLayout.CONSTRUCTOR;
import static ferrite.kernel.mm.KmemCacheLayout.CPUS;
import static ferrite.kernel.mm.KmemCacheLayout.DESTRUCTOR;
import static ferrite.kernel.mm.KmemCacheLayout.FAST_PATH;
import static ferrite.kernel.mm.KmemCacheLayout.FLAGS;
import static ferrite.kernel.mm.KmemCacheLayout.GFP;
import static ferrite.kernel.mm.KmemCacheLayout.MIN_PARTIAL;
import static ferrite.kernel.mm.KmemCacheLayout.NAME;
import static ferrite.kernel.mm.KmemCacheLayout.NR_PARTIAL;
import static ferrite.kernel.mm.KmemCacheLayout.OBJECTS;
import static ferrite.kernel.mm.KmemCacheLayout.OBJECT_SIZE;
import static ferrite.kernel.mm.KmemCacheLayout.OFFSET;
import static ferrite.kernel.mm.KmemCacheLayout.ORDER;
import static ferrite.kernel.mm.KmemCacheLayout.PARTIAL;
import static ferrite.kernel.mm.KmemCacheLayout.RED_END;
import static ferrite.kernel.mm.KmemCacheLayout.RED_LEFT;
import static ferrite.kernel.mm.KmemCacheLayout.SIZE;
import static ferrite.kernel.mm.KmemCacheLayout.SLABS;
import static ferrite.kernel.mm.KmemCacheLayout.TRACK;

import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.KernelPanic;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.core.Context;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.shadow.MemoryStates;
import java.util.Arrays;
import java.util.List;

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
    private final MemoryStates states;
    private final FreeObjectSearch search;
    private final MemoryEvents events;
    private final HartObjects mine;

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
        this.states = base.states();
        this.search = new FreeObjectSearch(memory, memMap);
        this.events = pages.events();
        this.mine = new HartObjects(base, memMap, events);
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
        FLAGS.set(memory, cache, flags);
        SIZE.set(memory, cache, geometry.size());
        OBJECT_SIZE.set(memory, cache, objectSize);
        OFFSET.set(memory, cache, geometry.offset());
        FAST_PATH.set(memory, cache, (flags & SlabFlags.DEBUG) != 0 ? KmemCacheLayout.SLOW_PATH
                : KmemCacheLayout.fastPath(geometry.size(), geometry.objects(), geometry.offset()));
        RED_LEFT.set(memory, cache, geometry.redLeft());
        RED_END.set(memory, cache, geometry.redEnd());
        TRACK.set(memory, cache, geometry.track());
        ALIGN.set(memory, cache, geometry.align());
        ORDER.set(memory, cache, geometry.order());
        OBJECTS.set(memory, cache, geometry.objects());
        GFP.set(memory, cache, (flags & SlabFlags.SLAB_CACHE_DMA) != 0 ? Gfp.__GFP_DMA : 0);
        CONSTRUCTOR.set(memory, cache, constructor);
        DESTRUCTOR.set(memory, cache, destructor);
        MIN_PARTIAL.set(memory, cache, minPartial(geometry.size()));
        ListHead.init(memory, PARTIAL.at(cache));
        NAME.set(memory, cache, name);
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
        return allocObject(cache, gfp, OBJECT_SIZE.get(memory, cache));
    }

    /** Allocates an object for {@code kmalloc}, see {@link #allocObject}. */
    long kmallocObject(long cache, int gfp, int requested) {
        long object = mayTakeAtOnce(gfp) ? mine.kmallocAtOnce(cache, gfp) : 0;
        if (object == 0) {
            context.mightAlloc(gfp, "kmalloc");
            return allocObject(cache, gfp, requested);
        }
        return allocated(cache, object, gfp, requested, false);
    }

    private boolean mayTakeAtOnce(int gfp) {
        return !failures.isOn() && (gfp & Gfp.__GFP_HIGHMEM) == 0;
    }

    /**
     * Allocates an object for this package. The caller has already called {@link Context#mightAlloc}.
     *
     * @param requested bytes of the object that the caller will use
     */
    long allocObject(long cache, int gfp, int requested) {
        boolean quickly = mayTakeAtOnce(gfp);
        long object = quickly ? mine.takeAtOnce(cache) : 0;
        int fastPath = 0;
        if (object == 0) {
            fastPath = FAST_PATH.get(memory, cache);
            object = quickly && fastPath != KmemCacheLayout.SLOW_PATH ? mine.take(cache, fastPath) : 0;
            object = object == 0 ? allocSlow(cache, gfp, requested) : object;
        }
        return allocated(cache, object, gfp, requested, fastPath == KmemCacheLayout.SLOW_PATH);
    }

    /** Notes and zeroes an object, or notes with 0 that there is none. Returns it. */
    private long allocated(long cache, long object, int gfp, int requested, boolean checked) {
        states.allocated(object, requested);
        if ((gfp & Gfp.__GFP_ZERO) != 0 && object != 0) {
            zero(object, checked ? requested : OBJECT_SIZE.get(memory, cache));
        }
        events.objectAllocated(cache, object, gfp, requested);
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
        return (FLAGS.get(memory, cache) & SlabFlags.DEBUG) != 0;
    }

    /**
     * Fills this hart's list and takes an object from it. The source is the hart's slab, or else a partial slab.
     * Returns 0 if there is none. The cache is locked.
     */
    private long refill(long cache) {
        long mine = CPUS.at(cache, cpu.hartId());
        long object = KmemCacheCpuLayout.FREELIST.get(memory, mine);
        if (object == 0) {
            object = takeOver(cache, mine);
        }
        if (object != 0) {
            long link = object + OFFSET.get(memory, cache);
            KmemCacheCpuLayout.FREELIST.set(memory, mine, memory.loadAddress(link));
            memory.store32(link + KmemCacheLayout.MARK, 0);
        }
        return object;
    }

    private long takeOver(long cache, long mine) {
        long slab = KmemCacheCpuLayout.SLAB.get(memory, mine);
        if (slab != 0 && PageLayout.FREELIST.get(memory, slab) == 0) {
            setFrozen(slab, false);                    // it is full, so this hart gives it up
            slab = 0;
        }
        if (slab == 0) {
            slab = takePartial(cache);
            KmemCacheCpuLayout.SLAB.set(memory, mine, slab);
            if (slab == 0) {
                return 0;
            }
            setFrozen(slab, true);
        }
        long list = PageLayout.FREELIST.get(memory, slab);
        PageLayout.FREELIST.set(memory, slab, 0);
        int counters = PageLayout.COUNTERS.get(memory, slab);
        PageLayout.COUNTERS.set(memory, slab,
                counters & ~KmemCacheLayout.INUSE_MASK | KmemCacheLayout.objects(counters));
        return list;
    }

    private void setFrozen(long slab, boolean frozen) {
        int counters = PageLayout.COUNTERS.get(memory, slab);
        PageLayout.COUNTERS.set(memory, slab,
                frozen ? counters | KmemCacheLayout.FROZEN : counters & ~KmemCacheLayout.FROZEN);
    }

    private long takePartial(long cache) {
        long node = ListHead.first(memory, PARTIAL.at(cache));
        if (node == PARTIAL.at(cache)) {
            return 0;
        }
        removePartial(cache, PageLayout.LRU.containerOf(node));
        return PageLayout.LRU.containerOf(node);
    }

    // ---- slabs ----

    /**
     * Makes a slab that is on no list. All its objects are free, each linked to the next one. Constructors have run.
     */
    private long newSlab(long cache, int gfp) {
        long slab = pages.allocBlock(gfp & ~Gfp.__GFP_ZERO | GFP.get(memory, cache), ORDER.get(memory, cache));
        if (slab == 0) {
            return 0;
        }
        int size = SIZE.get(memory, cache);
        int objects = OBJECTS.get(memory, cache);
        int offset = OFFSET.get(memory, cache);
        long constructor = CONSTRUCTOR.get(memory, cache);
        long first = memMap.pageAddress(slab) + RED_LEFT.get(memory, cache);
        debug.initSlab(cache, slab);
        for (int i = 0; i < objects; i++) {
            long object = first + (long) i * size;
            if (constructor != 0) {
                text.at(constructor, Constructor.class).run(object);
            }
            memory.storeAddress(object + offset, i + 1 < objects ? object + size : 0);
            memory.store32(object + offset + KmemCacheLayout.MARK, KmemCacheLayout.FREE);
        }
        PageLayout.FLAGS.set(memory, slab, PageLayout.FLAGS.get(memory, slab) | PageLayout.SLAB);
        PageLayout.SLAB_CACHE.set(memory, slab, cache);
        PageLayout.FREELIST.set(memory, slab, first);
        PageLayout.COUNTERS.set(memory, slab, objects << KmemCacheLayout.OBJECTS_SHIFT);
        debug.changed(slab);
        return events.slabMade(cache, slab);
    }

    /** Adds a new slab to the cache. The cache is locked, here and in the next three methods. */
    void addSlab(long cache, long slab) {
        addPartial(cache, slab);
        SLABS.add(memory, cache, 1);
    }

    void addPartial(long cache, long slab) {
        ListHead.add(memory, PageLayout.LRU.at(slab), PARTIAL.at(cache));
        NR_PARTIAL.add(memory, cache, 1);
    }

    void removePartial(long cache, long slab) {
        ListHead.delete(memory, PageLayout.LRU.at(slab));
        NR_PARTIAL.add(memory, cache, -1);
    }

    /** Releases the pages of a slab that is on no list. */
    private void discard(long cache, long slab) {
        debug.checkSlab(cache, slab);
        debug.changed(slab);
        events.slabFreed(cache, slab);
        long destructor = DESTRUCTOR.get(memory, cache);
        if (destructor != 0) {
            long first = memMap.pageAddress(slab) + RED_LEFT.get(memory, cache);
            for (int i = 0; i < OBJECTS.get(memory, cache); i++) {
                text.at(destructor, Constructor.class).run(first + (long) i * SIZE.get(memory, cache));
            }
        }
        PageLayout.SLAB_CACHE.set(memory, slab, 0);
        PageLayout.FREELIST.set(memory, slab, 0);
        PageLayout.COUNTERS.set(memory, slab, 0);
        PageLayout.FLAGS.set(memory, slab, PageLayout.FLAGS.get(memory, slab) & ~PageLayout.SLAB);
        pages.freePages(slab, PageLayout.ORDER.get(memory, slab));
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
        long owner = slab == 0 ? 0 : PageLayout.SLAB_CACHE.get(memory, slab);
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
        if (page == 0 || (PageLayout.FLAGS.get(memory, page) & PageLayout.SLAB) != 0) {
            return page;
        }
        long head = memMap.head(memory, page);
        return head != 0 && (PageLayout.FLAGS.get(memory, head) & PageLayout.SLAB) != 0 ? head : 0;
    }

    /**
     * Frees an object that lies in the first page of its slab, the most frequent case. Otherwise does nothing and
     * returns false.
     */
    boolean freeInFirstPage(String call, long object) {
        long page = memMap.virtToPage(object);
        if (page != 0 && mine.kfreeAtOnce(page, object)) {
            return true;
        }
        long cache = page == 0 ? 0 : PageLayout.SLAB_CACHE.get(memory, page);
        if (cache == 0) {
            return false;
        }
        freeObject(call, cache, page, object);
        return true;
    }

    void freeObject(String call, long cache, long slab, long object) {
        if (mine.giveAtOnce(cache, slab, object)) {
            return;
        }
        int fastPath = FAST_PATH.get(memory, cache);
        if (fastPath == KmemCacheLayout.SLOW_PATH) {
            freeCheckedSlow(call, cache, slab, object);
        } else if (!mine.isObject(slab, object, fastPath)) {
            reports.notAnObject(call, object);
        } else if (!mine.give(cache, slab, object, fastPath)) {
            freeSlow(call, CacheShape.read(memory, cache), slab, object);
        }
    }

    private void freeCheckedSlow(String call, long cache, long slab, long object) {
        CacheShape shape = CacheShape.read(memory, cache);
        int offset = (int) (object - memMap.pageAddress(slab)) - shape.redLeft();
        if (HartObjects.isObject(offset, shape.size(), shape.objects())) {
            freeSlow(call, shape, slab, object);
        } else {
            reports.notAnObject(call, object);
        }
    }

    private void freeSlow(String call, CacheShape shape, long slab, long object) {
        long cache = shape.record();
        int offset = shape.offset();
        int flags = cpu.irqSave();
        locks.acquire(cache);
        if (memory.load32(object + offset + KmemCacheLayout.MARK) == KmemCacheLayout.FREE
                && search.isFree(cache, slab, object, offset)) {
            unlock(cache, flags);
            reports.doubleFree(call, cache, object);
            return;
        }
        events.objectFreed(cache, object);
        if (shape.hasChecks()) {
            debug.freed(shape, slab, object);
        }
        states.freed(object, shape.objectSize());
        long next = PageLayout.FREELIST.get(memory, slab);
        memory.storeAddress(object + offset, next);
        memory.store32(object + offset + KmemCacheLayout.MARK, KmemCacheLayout.FREE);
        PageLayout.FREELIST.set(memory, slab, object);
        int counters = PageLayout.COUNTERS.get(memory, slab) - 1;
        PageLayout.COUNTERS.set(memory, slab, counters);
        boolean unused = !KmemCacheLayout.isFrozen(counters)
                && place(cache, slab, next == 0, KmemCacheLayout.inUse(counters) == 0);
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
        if (empty && NR_PARTIAL.get(memory, cache) >= MIN_PARTIAL.get(memory, cache)) {
            if (!wasFull) {
                removePartial(cache, slab);
            }
            SLABS.add(memory, cache, -1);
            return true;
        }
        if (wasFull) {
            addPartial(cache, slab);
        }
        return false;
    }

    // ---- shrinking ----

    /** Returns this hart's list and slab to a cache. Interrupts are off. */
    void flushThisHart(long cache) {
        locks.lock(cache);
        long mine = CPUS.at(cache, cpu.hartId());
        long slab = KmemCacheCpuLayout.SLAB.get(memory, mine);
        if (slab != 0) {
            PageLayout.FREELIST.set(memory, slab, joined(cache, slab, KmemCacheCpuLayout.FREELIST.get(memory, mine)));
            setFrozen(slab, false);
            if (PageLayout.FREELIST.get(memory, slab) != 0) {
                addPartial(cache, slab);
            }
            KmemCacheCpuLayout.FREELIST.set(memory, mine, 0);
            KmemCacheCpuLayout.SLAB.set(memory, mine, 0);
        }
        locks.unlock(cache);
    }

    /** Puts the objects of a hart's list in front of the slab's list. Returns the first. */
    private long joined(long cache, long slab, long list) {
        int offset = OFFSET.get(memory, cache);
        long rest = PageLayout.FREELIST.get(memory, slab);
        int counters = PageLayout.COUNTERS.get(memory, slab);
        long object = list;
        while (object != 0) {
            long next = memory.loadAddress(object + offset);
            memory.storeAddress(object + offset, rest);
            rest = object;
            counters--;
            object = next;
        }
        PageLayout.COUNTERS.set(memory, slab, counters);
        return rest;
    }

    /** Releases every slab on the partial list that has no object in use. Returns the number of slabs left. */
    int releaseEmpty(long cache) {
        long slab = takeEmpty(cache);
        while (slab != 0) {
            discard(cache, slab);
            slab = takeEmpty(cache);
        }
        fullestFirst(cache);
        return SLABS.get(memory, cache);
    }

    /** Sorts the partial list as Linux does, so that new objects fill the fullest slabs, and others become empty. */
    private void fullestFirst(long cache) {
        int flags = locks.lockIrqSave(cache);
        List<Long> nodes = ListHead.nodes(memory, PARTIAL.at(cache), Integer.MAX_VALUE);
        long[] order = new long[nodes.size()];
        for (int i = 0; i < order.length; i++) {
            int counters = PageLayout.COUNTERS.get(memory, PageLayout.LRU.containerOf(nodes.get(i)));
            order[i] = (long) KmemCacheLayout.inUse(counters) << Integer.SIZE | order.length - i;
        }
        Arrays.sort(order);
        for (long one : order) {                       // each goes to the head, the fullest last
            long node = nodes.get(order.length - (int) one);
            ListHead.delete(memory, node);
            ListHead.add(memory, node, PARTIAL.at(cache));
        }
        locks.unlockIrqRestore(cache, flags);
    }

    private long takeEmpty(long cache) {
        int flags = locks.lockIrqSave(cache);
        long end = PARTIAL.at(cache);
        long node = ListHead.first(memory, end);
        while (node != end
                && KmemCacheLayout.inUse(PageLayout.COUNTERS.get(memory, PageLayout.LRU.containerOf(node))) != 0) {
            node = ListHead.first(memory, node);
        }
        if (node != end) {
            removePartial(cache, PageLayout.LRU.containerOf(node));
            SLABS.add(memory, cache, -1);
        }
        locks.unlockIrqRestore(cache, flags);
        return node == end ? 0 : PageLayout.LRU.containerOf(node);
    }

    void panicWithout(String name) {
        throw new KernelPanic("kmem_cache_create: Failed to create slab '" + name + "'");
    }
}

package ferrite.kernel.mm;

import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.check.Violations;
import ferrite.kernel.core.Context;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.log.KernelLog;
import ferrite.kernel.sched.CrossCall;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * All lookaside caches: {@code kmem_cache_create}, {@code kmem_cache_shrink}, {@code kmem_cache_destroy}. As in Linux,
 * the checks of a cache are chosen by its flags and by {@code slub_debug} on the kernel's command line.
 */
public final class KmemCaches {

    private static final int MAX_OBJECT = AddressSpace.PAGE_SIZE << Zones.MAX_ORDER - 1;
    private static final int MAX_ALIGN = AddressSpace.PAGE_SIZE;

    private final KernelMemory memory;
    private final Context context;
    private final SpinLock locks;
    private final KmemCache slab;
    private final SlabView view;
    private final SlabDebug debug;
    private final SlabReports reports;
    private final FailSlab failures;
    private final Violations violations;
    private final KernelLog log;
    private final String slubDebug;
    private final long root;
    private final long flush;
    private final CrossCall crossCall;

    KmemCaches(KernelBase base, BuddyAllocator pages, CrossCall crossCall) {
        MemMap memMap = pages.frames().memMap();
        this.memory = base.memory();
        this.context = base.context();
        this.locks = base.locks();
        this.view = new SlabView(memMap, base.locks(), base.root());
        this.reports = new SlabReports(base, memMap, view);
        this.debug = new SlabDebug(base, memMap, reports);
        this.failures = new FailSlab(base);
        this.slab = new KmemCache(base, pages, failures, debug, reports);
        this.violations = base.violations();
        this.log = base.log();
        this.slubDebug = base.commandLine().get("slub_debug", SlabFlags.DEFAULT_SLUB_DEBUG);
        this.root = base.root();
        this.flush = base.text().newModule().add("flush_cpu_slab", (CrossCall.Callee) slab::flushThisHart);
        this.crossCall = crossCall;
    }

    /**
     * Makes the list of caches, and the cache of cache records.
     *
     * @param firstCache {@link KmemCacheLayout#BYTES} zeroed bytes
     */
    public void init(long firstCache) {
        ListHead.init(memory, RootLayout.SLAB_CACHES.at(root));
        RootLayout.KMEM_CACHE.set(memory, root, firstCache);
        add(firstCache, "kmem_cache", KmemCacheLayout.BYTES, 0, SlabFlags.SLAB_HWCACHE_ALIGN, 0, 0);
    }

    /** Makes a cache for the kernel in a zeroed record that boot allocated. */
    public void add(long cache, String name, int size) {
        add(cache, name, size, 0, SlabFlags.SLAB_HWCACHE_ALIGN, 0, 0);
    }

    /** Makes a cache in a zeroed record. */
    boolean add(long cache, String name, int size, int align, int flags, long constructor, long destructor) {
        if (!slab.init(cache, name, size, align, flags | SlabFlags.debugFlags(slubDebug, name),
                constructor, destructor)) {
            return false;
        }
        int irqs = locks.lockIrqSave(RootLayout.SLAB_CACHES_LOCK.at(root));
        ListHead.addTail(memory, KmemCacheLayout.CACHES.at(cache), RootLayout.SLAB_CACHES.at(root));
        locks.unlockIrqRestore(RootLayout.SLAB_CACHES_LOCK.at(root), irqs);
        return true;
    }

    /**
     * Makes a lookaside cache (LDD3 page 217). Task context; may sleep.
     *
     * @param size        of an object, 1 byte to 4 MiB
     * @param align       of an object's address, a power of two up to 4096, or 0
     * @param flags       of {@link SlabFlags}
     * @param constructor text address of a {@link Constructor} that runs for each object of a new slab, or 0. Objects
     *                    keep their constructed state between uses: a caller restores it before it frees an object.
     * @param destructor  text address of a {@link Constructor} that runs for each object before its slab is released,
     *                    or 0 (LDD3 has it; Linux has dropped it)
     * @return the cache; 0 if an argument is wrong, which the log says, or there is no memory
     */
    public long create(String name, int size, int align, int flags, long constructor, long destructor) {
        context.mightSleep("kmem_cache_create", "make the cache when the driver is initialised");
        boolean right = !name.isEmpty() && name.length() < KmemCacheLayout.NAME_BYTES && size > 0
                && size <= MAX_OBJECT && align >= 0 && align <= MAX_ALIGN && Integer.bitCount(align) <= 1;
        long cache = right ? slab.allocObject(RootLayout.KMEM_CACHE.get(memory, root), Gfp.GFP_KERNEL | Gfp.__GFP_ZERO,
                KmemCacheLayout.BYTES) : 0;
        if (cache != 0 && !add(cache, name, size, align, flags, constructor, destructor)) {
            slab.free(RootLayout.KMEM_CACHE.get(memory, root), cache);
            cache = 0;
        }
        if (cache == 0) {
            if ((flags & SlabFlags.SLAB_PANIC) != 0) {
                slab.panicWithout(name);
            }
            log.print("kmem_cache_create(" + name + ") failed with error " + (right ? "-12" : "-22"));
        }
        return cache;
    }

    /**
     * Releases slabs in which no object is allocated. Task context; may sleep. As in Linux, returns 0 if the cache has
     * no slab left.
     */
    public int shrink(long cache) {
        context.mightSleep("kmem_cache_shrink", "shrink outside of the atomic section");
        crossCall.onEachHart(flush, cache, RootLayout.ONLINE.get(memory, root));
        return slab.releaseEmpty(cache) == 0 ? 0 : 1;
    }

    /** Shrinks every cache, see {@link #shrink}. Task context; may sleep. */
    public void shrinkAll() {
        for (long cache : view.caches(violations.peek())) {
            shrink(cache);
        }
    }

    /**
     * Destroys a lookaside cache; 0 is legal. Task context; may sleep. While objects are allocated the cache stays, and
     * a report names them.
     *
     * @return whether the cache is gone
     */
    public boolean destroy(long cache) {
        context.mightSleep("kmem_cache_destroy", "destroy the cache when the driver is removed");
        if (cache == 0) {
            return true;
        }
        if (shrink(cache) != 0) {
            reports.cacheInUse(cache, view.live(violations.peek(), cache));
            return false;
        }
        int irqs = locks.lockIrqSave(RootLayout.SLAB_CACHES_LOCK.at(root));
        ListHead.delete(memory, KmemCacheLayout.CACHES.at(cache));
        locks.unlockIrqRestore(RootLayout.SLAB_CACHES_LOCK.at(root), irqs);
        slab.free(RootLayout.KMEM_CACHE.get(memory, root), cache);
        return true;
    }

    /**
     * Returns how many bytes of an object of a cache have old contents when it is allocated; 0 if a constructor has
     * written them. Only looks.
     */
    public int oldBytes(ReadableMemory view, long cache) {
        return KmemCacheLayout.CONSTRUCTOR.get(view, cache) != 0 ? 0 : KmemCacheLayout.OBJECT_SIZE.get(view, cache);
    }

    /** {@code kmem_cache_alloc} and {@code kmem_cache_free}. */
    public KmemCache objects() {
        return slab;
    }

    /** The view for inspectors. */
    public SlabView view() {
        return view;
    }

    /** Allocations that fail on purpose. */
    public FailSlab failures() {
        return failures;
    }

    SlabDebug debug() {
        return debug;
    }

    SlabReports reports() {
        return reports;
    }

    /** Returns the number of allocated objects per cache; caches without any are left out. */
    public Map<String, Long> live(ReadableMemory from) {
        Map<String, Long> live = new LinkedHashMap<>();
        for (long cache : view.caches(from)) {
            SlabView.Usage usage = view.usage(from, cache);
            if (usage.active() > 0) {
                live.merge(usage.name(), usage.active(), Long::sum);
            }
        }
        return live;
    }
}

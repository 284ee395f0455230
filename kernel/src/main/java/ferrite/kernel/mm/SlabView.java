package ferrite.kernel.mm;

import ferrite.hardware.Machine;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.log.StringTable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Shows lookaside caches to inspectors. It only reads, and leaves corrupt lists that have become circles after a limit.
 */
public final class SlabView {

    private static final int MAX_CACHES = 4096;
    private static final int MAX_SLABS = 1 << 20;

    private final MemMap memMap;
    private final SpinLock locks;
    private final long root;

    /** @param root the kernel's root page */
    public SlabView(MemMap memMap, SpinLock locks, long root) {
        this.memMap = memMap;
        this.locks = locks;
        this.root = root;
    }

    /**
     * The usage of a cache.
     *
     * @param objects the slabs' capacity
     * @param active  allocated objects
     * @param slabs   all slabs
     * @param partial slabs with a free object that no hart owns
     */
    public record Usage(String name, int objectSize, int size, int objectsPerSlab, int pagesPerSlab, long objects,
            long active, long slabs, long partial) { }

    /**
     * The task that allocated or freed an object.
     *
     * @param site  the line of source, or null if it was not recorded
     * @param ticks virtual time
     */
    public record Owner(String site, String task, int pid, int hart, int gfp, long ticks) { }

    /**
     * An object, or a place between two objects.
     *
     * @param index  its number in its slab; -1 if the address is past the last object
     * @param inside offset of the address from the object's beginning; negative in the left red zone
     * @param owner  the last task that allocated it, or null
     * @param freer  the last task that freed it, or null
     */
    public record Found(long cache, String cacheName, long slab, long object, int index, int objects, int objectSize,
            long inside, boolean allocated, Owner owner, Owner freer) { }

    /** The spinlock that keeps the list of caches. */
    public long lock() {
        return RootLayout.SLAB_CACHES_LOCK.at(root);
    }

    /** Returns all caches, in the order in which they were made. */
    public List<Long> caches(ReadableMemory view) {
        List<Long> caches = new ArrayList<>();
        for (long node : ListHead.nodes(view, RootLayout.SLAB_CACHES.at(root), MAX_CACHES)) {
            caches.add(KmemCacheLayout.CACHES.containerOf(node));
        }
        return caches;
    }

    /** Counts the slabs and objects of a cache. A task does so with the cache's lock, which is free until then. */
    public Usage usage(ReadableMemory view, long cache) {
        boolean isTask = view instanceof KernelMemory;
        int flags = isTask ? locks.lockIrqSave(KmemCacheLayout.LOCK.at(cache)) : 0;
        Usage usage = count(view, cache);
        if (isTask) {
            locks.unlockIrqRestore(KmemCacheLayout.LOCK.at(cache), flags);
        }
        return usage;
    }

    private Usage count(ReadableMemory view, long cache) {
        long slabs = KmemCacheLayout.SLABS.get(view, cache);
        int perSlab = KmemCacheLayout.OBJECTS.get(view, cache);
        long free = 0;
        for (long node : ListHead.nodes(view, KmemCacheLayout.PARTIAL.at(cache), MAX_SLABS)) {
            free += free(view, PageLayout.LRU.containerOf(node));
        }
        for (int hart = 0; hart < Machine.MAX_HARTS; hart++) {
            long mine = KmemCacheLayout.CPUS.at(cache, hart);
            long slab = KmemCacheCpuLayout.SLAB.get(view, mine);
            free += slab == 0 ? 0 : free(view, slab)
                    + list(view, cache, slab, KmemCacheCpuLayout.FREELIST.get(view, mine)).size();
        }
        return new Usage(name(view, cache), KmemCacheLayout.OBJECT_SIZE.get(view, cache),
                KmemCacheLayout.SIZE.get(view, cache), perSlab, 1 << KmemCacheLayout.ORDER.get(view, cache),
                slabs * perSlab, slabs * perSlab - free, slabs, KmemCacheLayout.NR_PARTIAL.get(view, cache));
    }

    private static int free(ReadableMemory view, long slab) {
        int counters = PageLayout.COUNTERS.get(view, slab);
        return KmemCacheLayout.objects(counters) - KmemCacheLayout.inUse(counters);
    }

    /**
     * Returns the objects of a list of free ones. It ends where it leaves the slab: a hart takes objects from its list
     * without a lock, and what a task then reads in such an object may lead anywhere.
     */
    private List<Long> list(ReadableMemory view, long cache, long slab, long first) {
        List<Long> objects = new ArrayList<>();
        int offset = KmemCacheLayout.OFFSET.get(view, cache);
        long begin = memMap.pageAddress(slab);
        long end = begin + ((long) AddressSpace.PAGE_SIZE << KmemCacheLayout.ORDER.get(view, cache));
        int most = KmemCacheLayout.OBJECTS.get(view, cache);
        long object = first;
        while (object >= begin && object < end && objects.size() < most) {
            objects.add(object);
            object = view.loadAddress(object + offset);
        }
        return objects;
    }

    /** Returns the pages in the slabs of all caches. */
    public long pages(ReadableMemory view) {
        return caches(view).stream().mapToLong(cache -> pages(view, cache)).sum();
    }

    private static long pages(ReadableMemory view, long cache) {
        return (long) KmemCacheLayout.SLABS.get(view, cache) << KmemCacheLayout.ORDER.get(view, cache);
    }

    /** Returns the name of a cache, as {@code /proc/slabinfo} shows it. */
    public static String name(ReadableMemory view, long cache) {
        return KmemCacheLayout.NAME.get(view, cache);
    }

    /** Returns the allocated objects of a cache, by address. Reads every frame, because a full slab is on no list. */
    public List<Long> live(ReadableMemory view, long cache) {
        List<Long> live = new ArrayList<>();
        for (long pfn = memMap.firstPfn(); pfn < memMap.lowEndPfn(); pfn++) {
            long page = memMap.pfnToPage(pfn);
            if ((PageLayout.FLAGS.get(view, page) & PageLayout.SLAB) != 0
                    && PageLayout.SLAB_CACHE.get(view, page) == cache) {
                Set<Long> free = freeObjects(view, cache, page);
                int objects = KmemCacheLayout.objects(PageLayout.COUNTERS.get(view, page));
                for (int i = 0; i < objects; i++) {
                    long object = object(view, cache, page, i);
                    if (!free.contains(object)) {
                        live.add(object);
                    }
                }
            }
        }
        return live;
    }

    private long object(ReadableMemory view, long cache, long slab, int index) {
        return memMap.pageAddress(slab) + KmemCacheLayout.RED_LEFT.get(view, cache)
                + (long) index * KmemCacheLayout.SIZE.get(view, cache);
    }

    /** An allocated object, and how many bytes of it were requested as far as the cache records that. */
    record Piece(long object, int requested) { }

    /** Returns the allocated objects of a slab, by address. */
    List<Piece> allocated(ReadableMemory view, long cache, long slab) {
        Set<Long> free = freeObjects(view, cache, slab);
        int size = KmemCacheLayout.OBJECT_SIZE.get(view, cache);
        boolean records = (KmemCacheLayout.FLAGS.get(view, cache) & SlabFlags.DEBUG) != 0;
        List<Piece> allocated = new ArrayList<>();
        for (int i = 0; i < KmemCacheLayout.objects(PageLayout.COUNTERS.get(view, slab)); i++) {
            long object = object(view, cache, slab, i);
            int mark = records ? view.load32(object + KmemCacheLayout.OFFSET.get(view, cache) + KmemCacheLayout.MARK)
                    : size;
            if (!free.contains(object)) {
                allocated.add(new Piece(object, mark < 0 || mark > size ? size : mark));
            }
        }
        return allocated;
    }

    private Set<Long> freeObjects(ReadableMemory view, long cache, long slab) {
        Set<Long> free = new HashSet<>(list(view, cache, slab, PageLayout.FREELIST.get(view, slab)));
        for (int hart = 0; hart < Machine.MAX_HARTS; hart++) {
            long mine = KmemCacheLayout.CPUS.at(cache, hart);
            if (KmemCacheCpuLayout.SLAB.get(view, mine) == slab) {
                free.addAll(list(view, cache, slab, KmemCacheCpuLayout.FREELIST.get(view, mine)));
            }
        }
        return free;
    }

    /** Returns the object in which or next to which an address lies; null if it is in no slab. */
    public Found find(ReadableMemory view, long address) {
        long page = memMap.virtToPage(address);
        long slab = page == 0 ? 0 : memMap.head(view, page);
        if (slab == 0 || (PageLayout.FLAGS.get(view, slab) & PageLayout.SLAB) == 0) {
            return null;
        }
        long cache = PageLayout.SLAB_CACHE.get(view, slab);
        int objects = KmemCacheLayout.objects(PageLayout.COUNTERS.get(view, slab));
        long index = (address - memMap.pageAddress(slab)) / KmemCacheLayout.SIZE.get(view, cache);
        boolean past = index >= objects;
        long object = object(view, cache, slab, past ? objects - 1 : (int) index);
        return new Found(cache, name(view, cache), slab, object, past ? -1 : (int) index, objects,
                KmemCacheLayout.OBJECT_SIZE.get(view, cache), address - object,
                !freeObjects(view, cache, slab).contains(object),
                owner(view, cache, object, 0), owner(view, cache, object, 1));
    }

    private static Owner owner(ReadableMemory view, long cache, long object, int which) {
        if ((KmemCacheLayout.FLAGS.get(view, cache) & SlabFlags.SLAB_STORE_USER) == 0) {
            return null;
        }
        long track = object + KmemCacheLayout.TRACK.get(view, cache) + (long) which * TrackLayout.BYTES;
        int hart = TrackLayout.HART.get(view, track) - 1;
        if (hart < 0) {
            return null;
        }
        long site = TrackLayout.SITE.get(view, track);
        return new Owner(site == 0 ? null : StringTable.read(view, site),
                StringTable.read(view, TrackLayout.TASK_NAME.get(view, track)), TrackLayout.PID.get(view, track), hart,
                TrackLayout.GFP.get(view, track), TrackLayout.TIME.get(view, track));
    }
}

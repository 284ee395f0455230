package ferrite.kernel.mm;

import ferrite.hardware.Machine;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.log.StringTable;
import ferrite.kernel.mm.KmemCacheLayout.Track;
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
    private final long root;

    /** @param root the kernel's root page */
    public SlabView(MemMap memMap, long root) {
        this.memMap = memMap;
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
    public record Usage(String name, int objectSize, int size, int objectsPerSlab, int pagesPerSlab, long objects, long active, long slabs, long partial) { }

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
    public record Found(long cache, String cacheName, long slab, long object, int index, int objects, int objectSize, long inside, boolean allocated,
                        Owner owner, Owner freer) { }

    /** Returns all caches, in the order in which they were made. */
    public List<Long> caches(ReadableMemory view) {
        List<Long> caches = new ArrayList<>();
        for (long node : ListHead.nodes(view, root + RootLayout.SLAB_CACHES, MAX_CACHES)) {
            caches.add(node - KmemCacheLayout.CACHES);
        }
        return caches;
    }

    public Usage usage(ReadableMemory view, long cache) {
        long slabs = view.load32(cache + KmemCacheLayout.SLABS);
        int perSlab = view.load32(cache + KmemCacheLayout.OBJECTS);
        long free = 0;
        for (long node : ListHead.nodes(view, cache + KmemCacheLayout.PARTIAL, MAX_SLABS)) {
            free += free(view, node - PageLayout.LRU);
        }
        for (int hart = 0; hart < Machine.MAX_HARTS; hart++) {
            long mine = KmemCacheLayout.cpu(cache, hart);
            long slab = view.loadAddress(mine + KmemCacheLayout.CPU_SLAB);
            free += list(view, cache, view.loadAddress(mine + KmemCacheLayout.CPU_FREELIST)).size() + (slab == 0 ? 0 : free(view, slab));
        }
        return new Usage(KmemCache.name(view, cache), KmemCache.objectSize(view, cache), view.load32(cache + KmemCacheLayout.SIZE), perSlab,
                1 << view.load32(cache + KmemCacheLayout.ORDER), slabs * perSlab, slabs * perSlab - free, slabs, view.load32(cache + KmemCacheLayout.NR_PARTIAL));
    }

    private static int free(ReadableMemory view, long slab) {
        int counters = view.load32(slab + PageLayout.COUNTERS);
        return KmemCacheLayout.objects(counters) - KmemCacheLayout.inUse(counters);
    }

    private List<Long> list(ReadableMemory view, long cache, long first) {
        List<Long> objects = new ArrayList<>();
        int offset = view.load32(cache + KmemCacheLayout.OFFSET);
        long object = first;
        while (memMap.virtToPage(object) != 0 && objects.size() < KmemCacheLayout.OBJECTS_MASK) {
            objects.add(object);
            object = view.loadAddress(object + offset);
        }
        return objects;
    }

    /** Returns the pages in the slabs of all caches. */
    public long pages(ReadableMemory view) {
        return caches(view).stream().mapToLong(cache -> KmemCache.pages(view, cache)).sum();
    }

    /** Returns the allocated objects of a cache, by address. Reads every frame, because a full slab is on no list. */
    public List<Long> live(ReadableMemory view, long cache) {
        List<Long> live = new ArrayList<>();
        for (long pfn = memMap.firstPfn(); pfn < memMap.lowEndPfn(); pfn++) {
            long page = memMap.pfnToPage(pfn);
            if ((view.load32(page + PageLayout.FLAGS) & PageLayout.SLAB) != 0 && view.loadAddress(page + PageLayout.SLAB_CACHE) == cache) {
                Set<Long> free = freeObjects(view, cache, page);
                int objects = KmemCacheLayout.objects(view.load32(page + PageLayout.COUNTERS));
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
        return memMap.pageAddress(slab) + view.load32(cache + KmemCacheLayout.RED_LEFT) + (long) index * view.load32(cache + KmemCacheLayout.SIZE);
    }

    private Set<Long> freeObjects(ReadableMemory view, long cache, long slab) {
        Set<Long> free = new HashSet<>(list(view, cache, view.loadAddress(slab + PageLayout.FREELIST)));
        for (int hart = 0; hart < Machine.MAX_HARTS; hart++) {
            long mine = KmemCacheLayout.cpu(cache, hart);
            if (view.loadAddress(mine + KmemCacheLayout.CPU_SLAB) == slab) {
                free.addAll(list(view, cache, view.loadAddress(mine + KmemCacheLayout.CPU_FREELIST)));
            }
        }
        return free;
    }

    /** Returns the object in which or next to which an address lies; null if it is in no slab. */
    public Found find(ReadableMemory view, long address) {
        long page = memMap.virtToPage(address);
        long slab = page == 0 ? 0 : memMap.head(view, page);
        if (slab == 0 || (view.load32(slab + PageLayout.FLAGS) & PageLayout.SLAB) == 0) {
            return null;
        }
        long cache = view.loadAddress(slab + PageLayout.SLAB_CACHE);
        int objects = KmemCacheLayout.objects(view.load32(slab + PageLayout.COUNTERS));
        long index = (address - memMap.pageAddress(slab)) / view.load32(cache + KmemCacheLayout.SIZE);
        boolean behind = index >= objects;
        long object = object(view, cache, slab, behind ? objects - 1 : (int) index);
        return new Found(cache, KmemCache.name(view, cache), slab, object, behind ? -1 : (int) index, objects, KmemCache.objectSize(view, cache),
                address - object, !freeObjects(view, cache, slab).contains(object), owner(view, cache, object, 0), owner(view, cache, object, 1));
    }

    private static Owner owner(ReadableMemory view, long cache, long object, int which) {
        if ((view.load32(cache + KmemCacheLayout.FLAGS) & SlabFlags.SLAB_STORE_USER) == 0) {
            return null;
        }
        long track = object + view.load32(cache + KmemCacheLayout.TRACK) + (long) which * Track.BYTES;
        int hart = view.load32(track + Track.HART) - 1;
        if (hart < 0) {
            return null;
        }
        long site = view.loadAddress(track + Track.SITE);
        return new Owner(site == 0 ? null : StringTable.read(view, site), StringTable.read(view, view.loadAddress(track + Track.TASK_NAME)),
                view.load32(track + Track.PID), hart, view.load32(track + Track.GFP), view.load64(track + Track.TIME));
    }
}

package ferrite.kernel.mm;

import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.ListHead;
import ferrite.kernel.log.CallSite;
import ferrite.kernel.log.StringTable;
import ferrite.kernel.mm.KmemCacheLayout.Track;
import ferrite.kernel.sched.SpinLock;
import ferrite.kernel.sched.TaskLayout;

/**
 * The checks of a cache that has any: red zones and poison, written and looked at at every allocation and free, and who did either. The bytes are Linux's.
 * What was overwritten is reported, and put right, so that each mistake is reported once. {@link SlabGeometry} draws where everything is.
 */
final class SlabDebug {

    static final int POISON_INUSE = 0x5a;
    static final int POISON_FREE = 0x6b;
    static final int POISON_END = 0xa5;
    static final int RED_INACTIVE = 0xbb;
    static final int RED_ACTIVE = 0xcc;

    /** So much of a left red zone is written and looked at; alignment may make it longer. */
    static final int LEFT_GUARD = 8;

    private static final int REPEAT = 0x0101_0101;

    /** Makes slabs. */
    @FunctionalInterface
    interface SlabSource {
        long newSlab(long cache, int gfp);
    }

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final SpinLock locks;
    private final MemMap memMap;
    private final StringTable strings;
    private final SlabReports reports;
    private final boolean callSites;

    /** @param callSites whether who allocated and who freed includes the line of source, which takes a microsecond of the host's time */
    SlabDebug(KernelMemory memory, KernelCpu cpu, MemMap memMap, StringTable strings, SlabReports reports, boolean callSites) {
        this.memory = memory;
        this.cpu = cpu;
        this.locks = new SpinLock(memory, cpu);
        this.memMap = memMap;
        this.strings = strings;
        this.reports = reports;
        this.callSites = callSites;
    }

    // ---- allocating ----

    /** An object of a cache with checks, or 0. */
    long alloc(long cache, int gfp, int requested, SlabSource slabs) {
        int checks = memory.load32(cache + KmemCacheLayout.FLAGS);
        long slab = 0;
        for (;;) {
            int flags = locks.lockIrqSave(cache);
            if (slab != 0) {
                ListHead.add(memory, slab + PageLayout.LRU, cache + KmemCacheLayout.PARTIAL);
                add(cache + KmemCacheLayout.NR_PARTIAL, 1);
                add(cache + KmemCacheLayout.SLABS, 1);
            }
            long object = take(cache);
            if (object != 0) {
                allocated(cache, object, requested, checks);
                track(cache, object, 0, checks, gfp);
            }
            locks.unlockIrqRestore(cache, flags);
            if (object != 0) {
                return object;
            }
            slab = slabs.newSlab(cache, gfp);
            if (slab == 0) {
                return 0;
            }
        }
    }

    private void add(long at, int change) {
        memory.store32(at, memory.load32(at) + change);
    }

    private long take(long cache) {
        long node = ListHead.first(memory, cache + KmemCacheLayout.PARTIAL);
        if (node == cache + KmemCacheLayout.PARTIAL) {
            return 0;
        }
        long slab = node - PageLayout.LRU;
        long object = memory.loadAddress(slab + PageLayout.FREELIST);
        long next = memory.loadAddress(object + memory.load32(cache + KmemCacheLayout.OFFSET));
        memory.storeAddress(slab + PageLayout.FREELIST, next);
        add(slab + PageLayout.COUNTERS, 1);
        if (next == 0) {
            ListHead.delete(memory, node);
            add(cache + KmemCacheLayout.NR_PARTIAL, -1);
        }
        return object;
    }

    private void allocated(long cache, long object, int requested, int flags) {
        int size = memory.load32(cache + KmemCacheLayout.OBJECT_SIZE);
        checkFree(cache, object, flags, size);
        memory.store32(object + memory.load32(cache + KmemCacheLayout.OFFSET) + KmemCacheLayout.MARK, requested);
        redZones(cache, object, requested, flags, RED_ACTIVE);
    }

    // ---- freeing; the cache is locked ----

    /** An object of a cache with checks is about to be linked to its slab's list. */
    void freed(long cache, long object, int flags) {
        int size = memory.load32(cache + KmemCacheLayout.OBJECT_SIZE);
        checkRedZones(cache, object, requested(cache, object, size), flags, RED_ACTIVE);
        checkPadding(cache, object, flags);
        redZones(cache, object, size, flags, RED_INACTIVE);
        if (isPoisoned(cache, flags)) {
            poison(object, size);
        }
        track(cache, object, 1, flags, 0);
    }

    private int requested(long cache, long object, int size) {
        int mark = memory.load32(object + memory.load32(cache + KmemCacheLayout.OFFSET) + KmemCacheLayout.MARK);
        return mark < 0 || mark > size ? size : mark;
    }

    /** {@code ksize} was asked, and from now on the caller may use all of the object. */
    void useAll(long cache, long object) {
        if ((memory.load32(cache + KmemCacheLayout.FLAGS) & SlabFlags.DEBUG) != 0) {
            memory.store32(object + memory.load32(cache + KmemCacheLayout.OFFSET) + KmemCacheLayout.MARK, memory.load32(cache + KmemCacheLayout.OBJECT_SIZE));
        }
    }

    /** How much of an object its user asked for: all of it where nobody has written that down. */
    int requested(long cache, long object) {
        int size = memory.load32(cache + KmemCacheLayout.OBJECT_SIZE);
        return (memory.load32(cache + KmemCacheLayout.FLAGS) & SlabFlags.DEBUG) == 0 ? size : requested(cache, object, size);
    }

    // ---- slabs ----

    /** Fills a new slab with what free objects, and what is between them, must hold. */
    void initSlab(long cache, long slab, int order) {
        int flags = memory.load32(cache + KmemCacheLayout.FLAGS);
        if ((flags & SlabFlags.DEBUG) == 0) {
            return;
        }
        long start = memMap.pageAddress(slab);
        if ((flags & SlabFlags.SLAB_POISON) != 0) {
            memory.fill(start, POISON_INUSE, AddressSpace.PAGE_SIZE << order);
        }
        int size = memory.load32(cache + KmemCacheLayout.OBJECT_SIZE);
        for (int i = 0; i < memory.load32(cache + KmemCacheLayout.OBJECTS); i++) {
            long object = start + memory.load32(cache + KmemCacheLayout.RED_LEFT) + (long) i * memory.load32(cache + KmemCacheLayout.SIZE);
            redZones(cache, object, size, flags, RED_INACTIVE);
            if (isPoisoned(cache, flags)) {
                poison(object, size);
            }
            if ((flags & SlabFlags.SLAB_STORE_USER) != 0) {
                memory.fill(object + memory.load32(cache + KmemCacheLayout.TRACK), 0, 2 * Track.BYTES);
            }
        }
    }

    /** Looks at every object of a slab that is about to go. */
    void checkSlab(long cache, long slab) {
        int flags = memory.load32(cache + KmemCacheLayout.FLAGS);
        if ((flags & SlabFlags.DEBUG) == 0) {
            return;
        }
        int size = memory.load32(cache + KmemCacheLayout.OBJECT_SIZE);
        long first = memMap.pageAddress(slab) + memory.load32(cache + KmemCacheLayout.RED_LEFT);
        for (int i = 0; i < memory.load32(cache + KmemCacheLayout.OBJECTS); i++) {
            checkFree(cache, first + (long) i * memory.load32(cache + KmemCacheLayout.SIZE), flags, size);
        }
    }

    // ---- looking at an object ----

    private boolean isPoisoned(long cache, int flags) {
        return (flags & SlabFlags.SLAB_POISON) != 0 && memory.load32(cache + KmemCacheLayout.CONSTRUCTOR) == 0;
    }

    private void checkFree(long cache, long object, int flags, int size) {
        if (isPoisoned(cache, flags)) {
            long bad = firstOther(object, POISON_FREE, size - 1);
            bad = bad == 0 && memory.load8(object + size - 1) != POISON_END ? object + size - 1 : bad;
            if (bad != 0) {
                reports.overwritten(SlabReports.Damage.POISON, cache, object, bad, object, size, POISON_FREE);
                poison(object, size);
            }
        }
        checkRedZones(cache, object, size, flags, RED_INACTIVE);
        checkPadding(cache, object, flags);
    }

    private void checkRedZones(long cache, long object, int used, int flags, int value) {
        if ((flags & SlabFlags.SLAB_RED_ZONE) != 0) {
            int guard = Math.min(LEFT_GUARD, memory.load32(cache + KmemCacheLayout.RED_LEFT));
            check(SlabReports.Damage.LEFT_RED_ZONE, cache, object, object - guard, guard, value);
            check(SlabReports.Damage.RIGHT_RED_ZONE, cache, object, object + used, memory.load32(cache + KmemCacheLayout.RED_END) - used, value);
        }
    }

    private void checkPadding(long cache, long object, int flags) {
        if ((flags & SlabFlags.SLAB_POISON) != 0) {
            int end = memory.load32(cache + KmemCacheLayout.TRACK) + ((flags & SlabFlags.SLAB_STORE_USER) != 0 ? 2 * Track.BYTES : 0);
            int padding = memory.load32(cache + KmemCacheLayout.SIZE) - memory.load32(cache + KmemCacheLayout.RED_LEFT) - end;
            check(SlabReports.Damage.PADDING, cache, object, object + end, padding, POISON_INUSE);
        }
    }

    private void check(SlabReports.Damage damage, long cache, long object, long from, int bytes, int value) {
        long bad = firstOther(from, value, bytes);
        if (bad != 0) {
            reports.overwritten(damage, cache, object, bad, from, bytes, value);
            fill(from, value, bytes);
        }
    }

    private void redZones(long cache, long object, int used, int flags, int value) {
        if ((flags & SlabFlags.SLAB_RED_ZONE) != 0) {
            int guard = Math.min(LEFT_GUARD, memory.load32(cache + KmemCacheLayout.RED_LEFT));
            fill(object - guard, value, guard);
            fill(object + used, value, memory.load32(cache + KmemCacheLayout.RED_END) - used);
        }
    }

    private void poison(long object, int size) {
        fill(object, POISON_FREE, size - 1);
        memory.store8(object + size - 1, POISON_END);
    }

    // ---- bytes ----

    /** The first byte that is not {@code value}, or 0. */
    private long firstOther(long from, int value, int bytes) {
        long end = from + bytes;
        long at = from;
        for (; at < end && (at & 3) != 0; at++) {
            if (memory.load8(at) != value) {
                return at;
            }
        }
        while (at + 4 <= end) {
            int words = wordsOfPage(at, end);
            int same = memory.findOther32(at, value * REPEAT, words);
            at += 4L * same;
            if (same < words) {
                break;
            }
        }
        for (; at < end; at++) {
            if (memory.load8(at) != value) {
                return at;
            }
        }
        return 0;
    }

    private void fill(long from, int value, int bytes) {
        long end = from + bytes;
        long at = from;
        for (; at < end && (at & 3) != 0; at++) {
            memory.store8(at, value);
        }
        while (at + 4 <= end) {
            int words = wordsOfPage(at, end);
            memory.fill32(at, value * REPEAT, words);
            at += 4L * words;
        }
        for (; at < end; at++) {
            memory.store8(at, value);
        }
    }

    /** Whole words from here to the end, or to that of the page. */
    private static int wordsOfPage(long at, long end) {
        return (int) (Math.min(end, (at | AddressSpace.PAGE_SIZE - 1) + 1) - at) >> 2;
    }

    // ---- who ----

    /** @param which 0 who allocated, 1 who freed */
    private void track(long cache, long object, int which, int flags, int gfp) {
        if ((flags & SlabFlags.SLAB_STORE_USER) == 0) {
            return;
        }
        long site = callSites ? strings.intern(CallSite.ofCaller()) : 0;
        long track = object + memory.load32(cache + KmemCacheLayout.TRACK) + (long) which * Track.BYTES;
        long task = cpu.tp();
        memory.storeAddress(track + Track.SITE, site);
        memory.storeAddress(track + Track.TASK_NAME, memory.loadAddress(task + TaskLayout.NAME));
        memory.store32(track + Track.PID, memory.load32(task + TaskLayout.PID));
        memory.store32(track + Track.HART, cpu.hartId() + 1);
        memory.store32(track + Track.GFP, gfp);
        memory.store64(track + Track.TIME, cpu.time());
    }
}

package ferrite.kernel.mm;

import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.log.CallSite;
import ferrite.kernel.log.StringTable;
import ferrite.kernel.shadow.MemoryStates;

/**
 * The checks of a cache: red zones, poison and owners. Allocation and free write them and check them. The byte values
 * are Linux's. Overwritten bytes are reported and then repaired, so that each mistake is reported once.
 * {@link SlabGeometry} draws the layout.
 */
final class SlabDebug {

    static final int POISON_INUSE = 0x5a;
    static final int POISON_FREE = 0x6b;
    static final int POISON_END = 0xa5;
    static final int RED_INACTIVE = 0xbb;
    static final int RED_ACTIVE = 0xcc;

    private static final int REPEAT = 0x0101_0101;
    private static final int POISON_LAST_WORD = POISON_FREE * REPEAT & 0xff_ffff | POISON_END << 24;

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
    private final MemoryStates states;
    private final boolean callSites;

    SlabDebug(KernelBase base, MemMap memMap, SlabReports reports) {
        this.memory = base.memory();
        this.cpu = base.cpu();
        this.locks = base.locks();
        this.memMap = memMap;
        this.strings = base.strings();
        this.reports = reports;
        this.states = base.states();
        this.callSites = base.commandLine().get("call_sites", "on").equals("on");
    }

    // ---- allocating ----

    /** Allocates an object of a cache with checks. Returns 0 if there is no memory. */
    long alloc(long cache, int gfp, int requested, SlabSource slabs) {
        CacheShape shape = CacheShape.read(memory, cache);
        long slab = 0;
        for (;;) {
            int flags = cpu.irqSave();
            locks.acquire(cache);
            if (slab != 0) {
                ListHead.add(memory, PageLayout.LRU.at(slab), KmemCacheLayout.PARTIAL.at(cache));
                KmemCacheLayout.NR_PARTIAL.add(memory, cache, 1);
                KmemCacheLayout.SLABS.add(memory, cache, 1);
            }
            long object = take(shape);
            if (object != 0) {
                checkFree(shape, object);
                memory.store32(object + shape.offset() + KmemCacheLayout.MARK, requested);
                redZones(shape, object, requested, RED_ACTIVE);
                track(shape, object, 0, gfp);
            }
            locks.release(cache);
            cpu.irqRestore(flags);
            if (object != 0) {
                return object;
            }
            slab = slabs.newSlab(cache, gfp);
            if (slab == 0) {
                return 0;
            }
        }
    }

    private long take(CacheShape shape) {
        long partial = KmemCacheLayout.PARTIAL.at(shape.record());
        long node = ListHead.first(memory, partial);
        if (node == partial) {
            return 0;
        }
        long slab = PageLayout.LRU.containerOf(node);
        long object = PageLayout.FREELIST.get(memory, slab);
        long next = memory.loadAddress(object + shape.offset());
        PageLayout.FREELIST.set(memory, slab, next);
        PageLayout.COUNTERS.add(memory, slab, 1);
        if (next == 0) {
            ListHead.delete(memory, node);
            KmemCacheLayout.NR_PARTIAL.add(memory, shape.record(), -1);
        }
        return object;
    }

    // ---- freeing; the cache is locked ----

    /** Checks an object that is about to be freed, and fills it. */
    void freed(CacheShape shape, long slab, long object) {
        checkRedZones(shape, object, requested(shape, object), RED_ACTIVE);
        checkPadding(shape, slab, object);
        redZones(shape, object, shape.objectSize(), RED_INACTIVE);
        if (shape.isPoisoned()) {
            poison(object, shape.objectSize());
        }
        track(shape, object, 1, 0);
    }

    private int requested(CacheShape shape, long object) {
        int mark = memory.load32(object + shape.offset() + KmemCacheLayout.MARK);
        return mark < 0 || mark > shape.objectSize() ? shape.objectSize() : mark;
    }

    /** Notes after {@code ksize} that the caller may use the whole object. */
    void useAll(long cache, long object) {
        CacheShape shape = CacheShape.read(memory, cache);
        if (shape.hasChecks()) {
            memory.store32(object + shape.offset() + KmemCacheLayout.MARK, shape.objectSize());
        }
        states.usesAll(object);
    }

    /** Returns the bytes of an object that were requested, or its whole size if that was not recorded. */
    int requested(long cache, long object) {
        CacheShape shape = CacheShape.read(memory, cache);
        return shape.hasChecks() ? requested(shape, object) : shape.objectSize();
    }

    // ---- slabs ----

    /** Fills a new slab with the patterns of free objects and of padding. */
    void initSlab(long cache, long slab) {
        CacheShape shape = CacheShape.read(memory, cache);
        if (!shape.hasChecks()) {
            return;
        }
        long start = memMap.pageAddress(slab);
        if (shape.hasPadding()) {
            memory.fill(start, POISON_INUSE, AddressSpace.PAGE_SIZE << shape.order());
        }
        for (int i = 0; i < shape.objects(); i++) {
            long object = shape.object(start, i);
            redZones(shape, object, shape.objectSize(), RED_INACTIVE);
            if (shape.isPoisoned()) {
                poison(object, shape.objectSize());
            }
            if (shape.hasOwners()) {
                memory.fill(object + shape.track(), 0, 2 * TrackLayout.BYTES);
            }
        }
    }

    /** Tells the shadow that pages have become a slab, or are about to stop being one. Only looks. */
    void changed(long slab) {
        states.changed(memMap.pageAddress(slab), AddressSpace.PAGE_SIZE << PageLayout.ORDER.get(reports.peek(), slab));
    }

    /** Checks every object of a slab before its pages are released. */
    void checkSlab(long cache, long slab) {
        CacheShape shape = CacheShape.read(memory, cache);
        for (int i = 0; i < shape.objects() && shape.hasChecks(); i++) {
            long object = shape.object(memMap.pageAddress(slab), i);
            checkFree(shape, object);
            checkPadding(shape, slab, object);
        }
    }

    // ---- looking at an object ----

    private void checkFree(CacheShape shape, long object) {
        int size = shape.objectSize();
        if (shape.isPoisoned() && !isPoison(object, size)) {
            long bad = firstOther(object, POISON_FREE, size - 1);
            reports.overwritten(SlabReports.Damage.POISON, shape.record(), object, bad == 0 ? object + size - 1 : bad,
                    object, size, POISON_FREE);
            poison(object, size);
        }
        checkRedZones(shape, object, size, RED_INACTIVE);
    }

    private void checkRedZones(CacheShape shape, long object, int used, int value) {
        if (shape.hasRedZones()) {
            int guard = shape.leftGuard();
            check(SlabReports.Damage.LEFT_RED_ZONE, shape, object, object - guard, guard, value);
            check(SlabReports.Damage.RIGHT_RED_ZONE, shape, object, object + used, shape.redEnd() - used, value);
        }
    }

    /** Checks the padding of an object; for the last object of a slab, also the bytes up to the slab's end. */
    private void checkPadding(CacheShape shape, long slab, long object) {
        if (shape.hasPadding()) {
            check(SlabReports.Damage.PADDING, shape, object, object + shape.padding(),
                    shape.paddingBytes(), POISON_INUSE);
            long start = memMap.pageAddress(slab);
            if (shape.restBytes() > 0 && object == shape.object(start, shape.objects() - 1)) {
                checkRest(shape, object, start + (long) shape.objects() * shape.size());
            }
        }
    }

    private void checkRest(CacheShape shape, long object, long rest) {
        check(SlabReports.Damage.PADDING, shape, object, rest, shape.restBytes(), POISON_INUSE);
    }

    private void check(SlabReports.Damage damage, CacheShape shape, long object, long from, int bytes, int value) {
        long bad = bytes == 0 ? 0 : firstOther(from, value, bytes);
        if (bad != 0) {
            reports.overwritten(damage, shape.record(), object, bad, from, bytes, value);
            fill(from, value, bytes);
        }
    }

    private void redZones(CacheShape shape, long object, int used, int value) {
        if (shape.hasRedZones()) {
            int guard = shape.leftGuard();
            fill(object - guard, value, guard);
            fill(object + used, value, shape.redEnd() - used);
        }
    }

    /**
     * Fills all bytes with {@code POISON_FREE} except the last, which is {@code POISON_END}. Most objects consist of
     * whole words; those take the first branch.
     */
    private void poison(long object, int size) {
        if (isWords(object, size)) {
            fill(object, POISON_FREE, size - 4);
            memory.store32(object + size - 4, POISON_LAST_WORD);
        } else {
            fill(object, POISON_FREE, size - 1);
            memory.store8(object + size - 1, POISON_END);
        }
    }

    private boolean isPoison(long object, int size) {
        return isWords(object, size)
                ? firstOther(object, POISON_FREE, size - 4) == 0 && memory.load32(object + size - 4) == POISON_LAST_WORD
                : firstOther(object, POISON_FREE, size - 1) == 0 && memory.load8(object + size - 1) == POISON_END;
    }

    private static boolean isWords(long object, int size) {
        return ((object | size) & 3) == 0 && size > 0;
    }

    // ---- bytes ----

    /** Returns the address of the first byte that is not {@code value}, or 0. */
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

    /** Counts the whole words up to {@code end} or the end of the page. */
    private static int wordsOfPage(long at, long end) {
        return (int) (Math.min(end, (at | AddressSpace.PAGE_SIZE - 1) + 1) - at) >> 2;
    }

    // ---- owners ----

    /** @param which 0 for the task that allocated, 1 for the task that freed */
    private void track(CacheShape shape, long object, int which, int gfp) {
        if (!shape.hasOwners()) {
            return;
        }
        long site = callSites ? strings.intern(CallSite.ofCaller()) : 0;
        long task = cpu.tp();
        int name = (int) TaskLayout.NAME.get(memory, task);
        int pid = TaskLayout.PID.get(memory, task);
        long time = cpu.time();
        memory.store32s(object + shape.track() + (long) which * TrackLayout.BYTES, (int) site, name, pid,
                cpu.hartId() + 1, gfp, (int) time, (int) (time >>> 32));
    }
}

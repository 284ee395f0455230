package ferrite.kernel.mm;

import static ferrite.kernel.mm.KmemCacheLayout.CPUS;
import static ferrite.kernel.mm.KmemCacheLayout.FAST_PATH;
import static ferrite.kernel.mm.KmemCacheLayout.MARK;
import static ferrite.kernel.mm.KmemCacheLayout.OFFSET;

import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ShortSequence;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.core.Context;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.shadow.MemoryStates;

/**
 * The fast paths of lookaside caches: allocations from the list of this hart's free objects, and frees to it, with
 * interrupts off. Any context.
 *
 * <p>Each path is there twice. {@code takeAtOnce} and {@code giveAtOnce} execute the instructions of {@code take} and
 * {@code give}, and the load of {@link KmemCacheLayout#FAST_PATH} before them, as one {@link ShortSequence}.
 */
final class HartObjects {

    /** Loads of FAST_PATH, list and link, stores of list and mark, and irqSave. */
    private static final int TAKE_TICKS = 6;
    /** Loads of FAST_PATH, slab, mark and list, stores of link, mark and list, and irqSave. */
    private static final int GIVE_TICKS = 8;

    /** The mark follows the link, and the hart's slab its list. Each pair is aligned to 8 bytes. */
    private static final int MARK_WORD = MARK / 4;
    private static final int SLAB_WORD =
            (KmemCacheCpuLayout.SLAB.offset() - KmemCacheCpuLayout.FREELIST.offset()) / 4;
    private static final long ADDRESS = 0xffff_ffffL;

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final ShortSequence sequence;
    private final MemMap memMap;
    private final MemoryStates states;
    private final MemoryEvents events;

    HartObjects(KernelBase base, MemMap memMap, MemoryEvents events) {
        this.memory = base.memory();
        this.cpu = base.cpu();
        this.sequence = new ShortSequence(memory);
        this.memMap = memMap;
        this.states = base.states();
        this.events = events;
    }

    private int linkOffset(long cache, int fastPath) {
        return KmemCacheLayout.hasLinkOutside(fastPath) ? OFFSET.get(memory, cache) : 0;
    }

    // ---- allocating ----

    /** Takes an object. Returns 0, and has done nothing, if the instructions must be executed one by one. */
    long takeAtOnce(long cache) {
        return sequence.canSpendWithIrqsOff(TAKE_TICKS) ? takeAtOnce(cache, TAKE_TICKS) : 0;
    }

    /** As {@link #takeAtOnce}, with {@link Context#mightAlloc} before. Returns 0 also if a caller may not sleep. */
    long kmallocAtOnce(long cache, int gfp) {
        if (!Gfp.maySleep(gfp)) {
            return takeAtOnce(cache);
        }
        if (!sequence.canSpendWithIrqsOff(1 + TAKE_TICKS) || !sequence.irqsEnabled()) {
            return 0;
        }
        long count = TaskLayout.PREEMPT_COUNT.at(sequence.currentTask());
        int[] record = sequence.readOnlyPage(count);
        return record != null && record[ShortSequence.index(count)] == 0 ? takeAtOnce(cache, 1 + TAKE_TICKS) : 0;
    }

    private long takeAtOnce(long cache, int ticks) {
        long mine = CPUS.at(cache, sequence.hartId());
        int[] page = sequence.page(mine);
        if (page == null || !isOnOnePage(cache, mine)
                || !KmemCacheLayout.hasLinkInside(page[ShortSequence.index(FAST_PATH.at(cache))])) {
            return 0;
        }
        int list = ShortSequence.index(KmemCacheCpuLayout.FREELIST.at(mine));
        long object = page[list] & ADDRESS;
        int[] words = object == 0 ? null : sequence.page(object);
        if (words == null) {
            return 0;
        }
        int link = ShortSequence.index(object);
        page[list] = words[link];
        words[link + MARK_WORD] = 0;
        sequence.spendWithIrqsOff(ticks);
        return object;
    }

    private static boolean isOnOnePage(long cache, long mine) {
        return (cache ^ mine) >>> AddressSpace.PAGE_SHIFT == 0;
    }

    /** Takes an object. Returns 0 if the list is empty. */
    long take(long cache, int fastPath) {
        int offset = linkOffset(cache, fastPath);
        int flags = cpu.irqSave();
        long mine = CPUS.at(cache, cpu.hartId());
        long object = KmemCacheCpuLayout.FREELIST.get(memory, mine);
        if (object != 0) {
            KmemCacheCpuLayout.FREELIST.set(memory, mine, memory.loadAddress(object + offset));
            memory.store32(object + offset + MARK, 0);
        }
        cpu.irqRestore(flags);
        return object;
    }

    // ---- freeing ----

    /** Tells whether an object begins at this address of a slab. */
    boolean isObject(long slab, long object, int fastPath) {
        return isObject((int) (object - memMap.pageAddress(slab)), fastPath);
    }

    private static boolean isObject(int offset, int fastPath) {
        return isObject(offset, KmemCacheLayout.fastSize(fastPath), KmemCacheLayout.fastObjects(fastPath));
    }

    /** Tells whether an object begins at this offset from the first one. */
    static boolean isObject(int offset, int size, int objects) {
        return offset >= 0 && offset < objects * size
                && ((size & size - 1) == 0 ? (offset & size - 1) == 0 : offset % size == 0);
    }

    /** Frees an object. Returns false, and has done nothing, if the instructions must be executed one by one. */
    boolean giveAtOnce(long cache, long slab, long object) {
        return sequence.canSpendWithIrqsOff(GIVE_TICKS)
                && giveAtOnce(cache, slab, object, (int) (object - memMap.pageAddress(slab)), GIVE_TICKS);
    }

    /** As {@link #giveAtOnce}, with the load of {@link PageLayout#SLAB_CACHE} before. The slab begins at the page. */
    boolean kfreeAtOnce(long page, long object) {
        long field = PageLayout.SLAB_CACHE.at(page);
        int[] record = sequence.canSpendWithIrqsOff(1 + GIVE_TICKS) ? sequence.readOnlyPage(field) : null;
        long cache = record == null ? 0 : record[ShortSequence.index(field)] & ADDRESS;
        return cache != 0 && giveAtOnce(cache, page, object, (int) object & AddressSpace.PAGE_SIZE - 1, 1 + GIVE_TICKS);
    }

    private boolean giveAtOnce(long cache, long slab, long object, int offset, int ticks) {
        long mine = CPUS.at(cache, sequence.hartId());
        int[] page = sequence.page(mine);
        int[] words = sequence.page(object);
        if (page == null || words == null || !isOnOnePage(cache, mine)) {
            return false;
        }
        int fastPath = page[ShortSequence.index(FAST_PATH.at(cache))];
        int list = ShortSequence.index(KmemCacheCpuLayout.FREELIST.at(mine));
        int link = ShortSequence.index(object);
        if (!KmemCacheLayout.hasLinkInside(fastPath) || !isObject(offset, fastPath)
                || page[list + SLAB_WORD] != (int) slab || words[link + MARK_WORD] == KmemCacheLayout.FREE) {
            return false;
        }
        words[link] = page[list];
        words[link + MARK_WORD] = KmemCacheLayout.FREE;
        page[list] = (int) object;
        if (states.notesFrees() || events.tellsFrees()) {
            int flags = sequence.spendAndSaveIrqs(ticks);
            noteFree(cache, object, fastPath);
            cpu.irqRestore(flags);
        } else {
            sequence.spendWithIrqsOff(ticks);
        }
        return true;
    }

    /**
     * Frees an object. Returns false if this hart does not own its slab, or the object seems to be free already; then
     * it stays.
     */
    boolean give(long cache, long slab, long object, int fastPath) {
        int offset = linkOffset(cache, fastPath);
        int flags = cpu.irqSave();
        long mine = CPUS.at(cache, cpu.hartId());
        long mark = object + offset + MARK;
        boolean ours = KmemCacheCpuLayout.SLAB.get(memory, mine) == slab && memory.load32(mark) != KmemCacheLayout.FREE;
        if (ours) {
            memory.storeAddress(object + offset, KmemCacheCpuLayout.FREELIST.get(memory, mine));
            memory.store32(mark, KmemCacheLayout.FREE);
            KmemCacheCpuLayout.FREELIST.set(memory, mine, object);
            noteFree(cache, object, fastPath);
        }
        cpu.irqRestore(flags);
        return ours;
    }

    private void noteFree(long cache, long object, int fastPath) {
        states.freed(object, KmemCacheLayout.fastSize(fastPath));
        events.objectFreed(cache, object);
    }
}

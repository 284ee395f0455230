package ferrite.kernel.mm;

import static ferrite.kernel.mm.MempoolLayout.ALLOC;
import static ferrite.kernel.mm.MempoolLayout.CURR_NR;
import static ferrite.kernel.mm.MempoolLayout.DATA;
import static ferrite.kernel.mm.MempoolLayout.ELEMENTS;
import static ferrite.kernel.mm.MempoolLayout.FREE;
import static ferrite.kernel.mm.MempoolLayout.MIN_NR;
import static ferrite.kernel.mm.MempoolLayout.NEXT_NUMBER;
import static ferrite.kernel.mm.MempoolLayout.OUT;
import static ferrite.kernel.mm.MempoolLayout.PROMISED;
import static ferrite.kernel.mm.MempoolLayout.RETRIES;
import static ferrite.kernel.mm.MempoolLayout.SERVING;
import static ferrite.kernel.mm.MempoolLayout.TIMER;
import static ferrite.kernel.mm.MempoolLayout.TIMER_SET;
import static ferrite.kernel.mm.MempoolLayout.WAIT;

import ferrite.hardware.report.Hex;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.KernelBug;
import ferrite.kernel.base.ResourceTracker;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.check.Rule;
import ferrite.kernel.check.Violations;
import ferrite.kernel.core.Context;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.sched.Jiffies;
import ferrite.kernel.sched.KernelTimer;
import ferrite.kernel.sched.Sleep;
import ferrite.kernel.sched.TaskSystem;
import ferrite.kernel.sched.TimerFunction;
import ferrite.kernel.sched.WaitQueue;
import ferrite.kernel.shadow.MemoryStates;

/**
 * Memory pools (LDD3 pages 220-221): elements of an allocator, and a reserve for when the allocator has none. A caller
 * that may sleep always gets an element: from the allocator, else from the reserve, else it waits for one to be freed.
 * Waiting tasks are served in the order of arrival, and no later caller overtakes them. The first waiter retries the
 * allocator every five seconds, as Linux does.
 */
public final class Mempool {

    private static final int RETRY_JIFFIES = 5 * Jiffies.HZ;

    private final KernelMemory memory;
    private final Context context;
    private final TextTable text;
    private final SpinLock locks;
    private final Sleep sleep;
    private final WaitQueue queues;
    private final KernelTimer timers;
    private final Kmalloc kmalloc;
    private final Violations violations;
    private final ResourceTracker tracker;
    private final MemoryStates states;
    private final long allocSlab;
    private final long freeSlab;
    private final long allocKmalloc;
    private final long freeKmalloc;
    private final long allocPages;
    private final long freePages;
    private final long timeout;

    Mempool(KernelBase base, TaskSystem tasks, KmemCaches caches, Kmalloc kmalloc, BuddyAllocator pages) {
        this.memory = base.memory();
        this.context = base.context();
        this.text = base.text();
        this.locks = base.locks();
        this.sleep = tasks.sleep();
        this.queues = tasks.waitQueues();
        this.timers = tasks.timers();
        this.kmalloc = kmalloc;
        this.violations = base.violations();
        this.tracker = base.tracker();
        this.states = base.states();
        TextTable.Module module = text.newModule();
        allocSlab = module.add("mempool_alloc_slab", (MempoolAlloc) (gfp, cache) -> caches.objects().alloc(cache, gfp));
        freeSlab = module.add("mempool_free_slab",
                (MempoolFree) (element, cache) -> caches.objects().free(cache, element));
        allocKmalloc = module.add("mempool_kmalloc", (MempoolAlloc) (gfp, size) -> kmalloc.kmalloc((int) size, gfp));
        freeKmalloc = module.add("mempool_kfree", (MempoolFree) (element, size) -> kmalloc.kfree(element));
        allocPages = module.add("mempool_alloc_pages",
                (MempoolAlloc) (gfp, order) -> pages.allocPages(gfp, (int) order));
        freePages = module.add("mempool_free_pages",
                (MempoolFree) (element, order) -> pages.freePages(element, (int) order));
        timeout = module.add("mempool_timeout", (TimerFunction) this::retry);
    }

    // ---- making ----

    /**
     * Makes a memory pool and fills its reserve (LDD3 page 220). Task context; may sleep.
     *
     * @param minNr elements of the reserve, at least 1
     * @param alloc text address of a {@link MempoolAlloc}
     * @param free  text address of a {@link MempoolFree}
     * @param data  given to both
     * @return the pool, or 0
     */
    public long mempoolCreate(int minNr, long alloc, long free, long data) {
        context.mightSleep("mempool_create", "make the pool when the driver starts");
        if (minNr <= 0) {
            return 0;
        }
        long pool = kmalloc.kzalloc(MempoolLayout.BYTES, Gfp.GFP_KERNEL);
        long elements = pool == 0 ? 0 : kmalloc.kcalloc(minNr, 4, Gfp.GFP_KERNEL);
        if (elements == 0) {
            kmalloc.kfree(pool);
            return 0;
        }
        ELEMENTS.set(memory, pool, elements);
        MIN_NR.set(memory, pool, minNr);
        DATA.set(memory, pool, data);
        ALLOC.set(memory, pool, alloc);
        FREE.set(memory, pool, free);
        queues.init(WAIT.at(pool));
        if (!fill(pool, Gfp.GFP_KERNEL)) {
            dissolve(pool);
            return 0;
        }
        return tracker.took(ResourceTracker.Kind.POOL, pool, 0);
    }

    /** Makes a pool of objects of a lookaside cache, see {@link #mempoolCreate}. Task context; may sleep. */
    public long mempoolCreateSlabPool(int minNr, long cache) {
        return mempoolCreate(minNr, allocSlab, freeSlab, cache);
    }

    /** Makes a pool of kmalloc memory, see {@link #mempoolCreate}. Task context; may sleep. */
    public long mempoolCreateKmallocPool(int minNr, int bytes) {
        return mempoolCreate(minNr, allocKmalloc, freeKmalloc, bytes);
    }

    /** Makes a pool of page blocks; an element is a {@code struct page}. Task context; may sleep. */
    public long mempoolCreatePagePool(int minNr, int order) {
        return mempoolCreate(minNr, allocPages, freePages, order);
    }

    /** Fills the reserve. Returns false if the allocator has too little memory. */
    private boolean fill(long pool, int gfp) {
        while (CURR_NR.get(memory, pool) < MIN_NR.get(memory, pool)) {
            long element = fromAllocator(pool, gfp);
            if (element == 0) {
                return false;
            }
            int flags = locks.lockIrqSave(pool);
            boolean room = CURR_NR.get(memory, pool) < MIN_NR.get(memory, pool);
            if (room) {
                add(pool, element);
            }
            locks.unlockIrqRestore(pool, flags);
            if (!room) {
                toAllocator(pool, element);
            }
        }
        return true;
    }

    /**
     * Changes the size of the reserve. May sleep if the flags allow it.
     *
     * @return 0, or a negative {@link Errno}: EINVAL for a size below 1; ENOMEM, and then the reserve may hold fewer
     *         elements than its size, but no fewer than before
     */
    public int mempoolResize(long pool, int minNr, int gfp) {
        context.mightAlloc(gfp, "mempool_resize");
        if (minNr <= 0) {
            return -Errno.EINVAL;
        }
        // elements promised to waiters stay, even in a smaller reserve
        long larger = kmalloc.kcalloc(minNr + MIN_NR.get(memory, pool), 4, gfp);
        if (larger == 0) {
            return -Errno.ENOMEM;
        }
        for (long extra = takeExtra(pool, minNr); extra != 0; extra = takeExtra(pool, minNr)) {
            toAllocator(pool, extra);
        }
        int flags = locks.lockIrqSave(pool);
        long old = ELEMENTS.get(memory, pool);
        int count = CURR_NR.get(memory, pool);
        for (int i = 0; i < count; i++) {
            memory.storeAddress(larger + 4L * i, memory.loadAddress(old + 4L * i));
        }
        ELEMENTS.set(memory, pool, larger);
        MIN_NR.set(memory, pool, minNr);
        locks.unlockIrqRestore(pool, flags);
        kmalloc.kfree(old);
        return fill(pool, gfp) ? 0 : -Errno.ENOMEM;
    }

    /** Lowers the reserve's size to {@code minNr} and takes one element that no longer fits. Returns 0 if all fit. */
    private long takeExtra(long pool, int minNr) {
        int flags = locks.lockIrqSave(pool);
        MIN_NR.set(memory, pool, Math.min(minNr, MIN_NR.get(memory, pool)));
        long element = CURR_NR.get(memory, pool) > Math.max(minNr, PROMISED.get(memory, pool)) ? remove(pool) : 0;
        locks.unlockIrqRestore(pool, flags);
        return element;
    }

    /**
     * Destroys a pool; 0 is legal. Task context; may sleep. While elements are allocated from it the pool stays and is
     * reported. Returns whether it is gone.
     */
    public boolean mempoolDestroy(long pool) {
        context.mightSleep("mempool_destroy", "destroy the pool when the driver is removed");
        if (pool == 0) {
            return true;
        }
        int out = OUT.get(memory, pool);
        if (out != 0) {
            violations.of(Rule.POOL_IN_USE, "mempool_destroy of the pool at " + Hex.grouped(pool) + ", while " + out
                    + (out == 1 ? " element is" : " elements are") + " allocated from it")
                    .line("pool", "elements from " + text.name(ALLOC.get(memory, pool))
                            + ", reserve " + CURR_NR.get(violations.peek(), pool) + " of "
                            + MIN_NR.get(violations.peek(), pool) + "; the pool stays")
                    .line("instead", Rule.POOL_IN_USE.right()).address("pool", pool).number("out", out).report();
            return false;
        }
        if (TIMER_SET.get(memory, pool) != 0) {
            timers.delete(TIMER.at(pool));
        }
        dissolve(pool);
        tracker.gaveBack(ResourceTracker.Kind.POOL, pool);
        return true;
    }

    private void dissolve(long pool) {
        while (CURR_NR.get(memory, pool) > 0) {
            toAllocator(pool, remove(pool));
        }
        kmalloc.kfree(ELEMENTS.get(memory, pool));
        kmalloc.kfree(pool);
    }

    // ---- elements ----

    /**
     * Allocates an element. May sleep if the flags allow it, and then always succeeds.
     *
     * @return 0 if the flags forbid to sleep and both allocator and reserve are empty
     * @throws KernelBug for {@code __GFP_ZERO}: elements of the reserve are not zeroed
     */
    public long mempoolAlloc(long pool, int gfp) {
        context.mightAlloc(gfp, "mempool_alloc");
        if ((gfp & Gfp.__GFP_ZERO) != 0) {
            throw new KernelBug("mempool_alloc with __GFP_ZERO: elements of the reserve are not zeroed, so zero the "
                    + "element after the call");
        }
        int flags = gfp | Gfp.__GFP_NORETRY | Gfp.__GFP_NOWARN;
        long element = fromAllocator(pool, flags & ~(Gfp.__GFP_DIRECT_RECLAIM | Gfp.__GFP_IO));
        if (element == 0) {
            element = fromReserve(pool);
        }
        if (element == 0 && Gfp.maySleep(gfp)) {
            element = fromAllocator(pool, flags);
            if (element == 0) {
                element = await(pool, flags);
            }
        }
        if (element != 0) {
            OUT.amoAdd(memory, pool, 1);
        }
        return element;
    }

    private long fromReserve(long pool) {
        int flags = locks.lockIrqSave(pool);
        boolean spare = CURR_NR.get(memory, pool) > PROMISED.get(memory, pool);
        long element = spare ? remove(pool) : 0;
        locks.unlockIrqRestore(pool, flags);
        return element;
    }

    /** Waits for this task's turn and for an element. */
    private long await(long pool, int gfp) {
        int flags = locks.lockIrqSave(pool);
        if (CURR_NR.get(memory, pool) > PROMISED.get(memory, pool)) {
            long element = remove(pool);
            locks.unlockIrqRestore(pool, flags);
            return element;
        }
        int mine = NEXT_NUMBER.get(memory, pool);
        NEXT_NUMBER.set(memory, pool, mine + 1);
        locks.unlockIrqRestore(pool, flags);
        for (;;) {
            int tried = RETRIES.get(memory, pool);
            setTimer(pool);
            sleep.waitEvent(WAIT.at(pool), () -> isServed(pool, mine)
                    || SERVING.get(memory, pool) == mine && RETRIES.get(memory, pool) != tried);
            if (isServed(pool, mine)) {
                return takePromised(pool);
            }
            long element = fromAllocator(pool, gfp);
            if (element != 0) {
                return leaveQueue(pool, mine, element);
            }
        }
    }

    private boolean isServed(long pool, int number) {
        return SERVING.get(memory, pool) - number > 0;
    }

    private long takePromised(long pool) {
        int flags = locks.lockIrqSave(pool);
        PROMISED.add(memory, pool, -1);
        long element = remove(pool);
        locks.unlockIrqRestore(pool, flags);
        return element;
    }

    /**
     * Removes the first waiter, which got its element from the allocator. If it was promised one meanwhile, that one
     * goes to the next waiter.
     */
    private long leaveQueue(long pool, int mine, long element) {
        int flags = locks.lockIrqSave(pool);
        if (isServed(pool, mine)) {
            PROMISED.add(memory, pool, -1);
            promise(pool);
        } else {
            SERVING.set(memory, pool, mine + 1);
        }
        locks.unlockIrqRestore(pool, flags);
        queues.wakeUpAll(WAIT.at(pool));
        return element;
    }

    /** Promises an element of the reserve to the next waiter. Returns false if no task waits. The pool is locked. */
    private boolean promise(long pool) {
        int serving = SERVING.get(memory, pool);
        boolean awaited = serving != NEXT_NUMBER.get(memory, pool);
        if (awaited) {
            SERVING.set(memory, pool, serving + 1);
            PROMISED.add(memory, pool, 1);
        }
        return awaited;
    }

    private void setTimer(long pool) {
        if (TIMER_SET.amoSwap(memory, pool, 1) == 0) {
            timers.add(TIMER.at(pool), sleep.now() + RETRY_JIFFIES, timeout, pool);
        }
    }

    private void retry(long pool) {
        TIMER_SET.set(memory, pool, 0);
        askToRetry(pool);
    }

    private void askToRetry(long pool) {
        RETRIES.amoAdd(memory, pool, 1);
        queues.wakeUpAll(WAIT.at(pool));
    }

    /** Frees an element, to the reserve first; 0 is legal. Any context. A wrong element is reported. */
    public void mempoolFree(long element, long pool) {
        if (element == 0) {
            return;
        }
        if (isInReserve(pool, element) || OUT.get(violations.peek(), pool) <= 0) {
            violations.of(Rule.POOL_BAD_FREE, "mempool_free of " + Hex.grouped(element)
                    + " to the pool at " + Hex.grouped(pool) + (isInReserve(pool, element)
                            ? ", but the element is in its reserve already" : ", but no element is allocated from it"))
                    .line("instead", Rule.POOL_BAD_FREE.right()).address("element", element)
                    .address("pool", pool).report();
            return;
        }
        int flags = locks.lockIrqSave(pool);
        boolean room = CURR_NR.get(memory, pool) < MIN_NR.get(memory, pool);
        boolean promised = false;
        if (room) {
            add(pool, element);
            promised = promise(pool);
        }
        boolean awaited = promised || SERVING.get(memory, pool) != NEXT_NUMBER.get(memory, pool);
        locks.unlockIrqRestore(pool, flags);
        OUT.amoAdd(memory, pool, -1);
        if (!room) {
            toAllocator(pool, element);
        }
        if (promised) {
            queues.wakeUpAll(WAIT.at(pool));
        } else if (awaited) {
            askToRetry(pool);
        }
    }

    private boolean isInReserve(long pool, long element) {
        ReadableMemory view = violations.peek();
        long elements = ELEMENTS.get(view, pool);
        int count = CURR_NR.get(view, pool);
        for (int i = 0; i < count; i++) {
            if (view.loadAddress(elements + 4L * i) == element) {
                return true;
            }
        }
        return false;
    }

    private void add(long pool, long element) {
        int count = CURR_NR.get(memory, pool);
        memory.storeAddress(ELEMENTS.get(memory, pool) + 4L * count, element);
        CURR_NR.set(memory, pool, count + 1);
        states.parked(element);
    }

    private long remove(long pool) {
        int count = CURR_NR.get(memory, pool) - 1;
        CURR_NR.set(memory, pool, count);
        long element = memory.loadAddress(ELEMENTS.get(memory, pool) + 4L * count);
        states.usesAll(element);
        return element;
    }

    private long fromAllocator(long pool, int gfp) {
        return text.at(ALLOC.get(memory, pool), MempoolAlloc.class).alloc(gfp, DATA.get(memory, pool));
    }

    private void toAllocator(long pool, long element) {
        text.at(FREE.get(memory, pool), MempoolFree.class).free(element, DATA.get(memory, pool));
    }

    // ---- looking ----

    /** Returns the number of elements in the reserve. */
    public int reserve(ReadableMemory view, long pool) {
        return CURR_NR.get(view, pool);
    }
}

package ferrite.kernel.mm;

import ferrite.hardware.clock.Clock;
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
import ferrite.kernel.sched.KernelTimer;
import ferrite.kernel.sched.TaskSystem;
import ferrite.kernel.sched.TimerFunction;
import ferrite.kernel.sched.WaitQueue;

/**
 * Memory pools (LDD3 pages 220-221): elements of an allocator, with a reserve for when it has none. Who may sleep always gets one: out of the allocator, else out of the
 * reserve, else it waits for one that is given back. Those who wait are served in the order in which they came, and nobody who comes later takes theirs; the first of them tries the allocator
 * again every five seconds, as Linux does.
 */
public final class Mempool {

    private static final long RETRY_TICKS = 5L * Clock.TICKS_PER_SECOND;

    private final KernelMemory memory;
    private final Context context;
    private final TextTable text;
    private final SpinLock locks;
    private final WaitQueue queues;
    private final KernelTimer timers;
    private final Kmalloc kmalloc;
    private final Violations violations;
    private final ResourceTracker tracker;
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
        this.queues = tasks.waitQueues();
        this.timers = tasks.timers();
        this.kmalloc = kmalloc;
        this.violations = base.violations();
        this.tracker = base.tracker();
        TextTable.Module module = text.newModule();
        allocSlab = module.add("mempool_alloc_slab", (MempoolAlloc) (gfp, cache) -> caches.objects().alloc(cache, gfp));
        freeSlab = module.add("mempool_free_slab", (MempoolFree) (element, cache) -> caches.objects().free(cache, element));
        allocKmalloc = module.add("mempool_kmalloc", (MempoolAlloc) (gfp, size) -> kmalloc.kmalloc((int) size, gfp));
        freeKmalloc = module.add("mempool_kfree", (MempoolFree) (element, size) -> kmalloc.kfree(element));
        allocPages = module.add("mempool_alloc_pages", (MempoolAlloc) (gfp, order) -> pages.allocPages(gfp, (int) order));
        freePages = module.add("mempool_free_pages", (MempoolFree) (element, order) -> pages.freePages(element, (int) order));
        timeout = module.add("mempool_timeout", (TimerFunction) this::retry);
    }

    // ---- making ----

    /**
     * {@code mempool_create}: a pool, its reserve full. May sleep.
     *
     * @param minNr how many elements the reserve holds, at least 1
     * @param alloc text address of a {@link MempoolAlloc}
     * @param free  text address of a {@link MempoolFree}
     * @param data  given to both
     * @return the pool, or 0 when there is no memory
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
        memory.storeAddress(pool + MempoolLayout.ELEMENTS, elements);
        memory.store32(pool + MempoolLayout.MIN_NR, minNr);
        memory.storeAddress(pool + MempoolLayout.DATA, data);
        memory.storeAddress(pool + MempoolLayout.ALLOC, alloc);
        memory.storeAddress(pool + MempoolLayout.FREE, free);
        queues.init(pool + MempoolLayout.WAIT);
        if (!fill(pool, Gfp.GFP_KERNEL)) {
            dissolve(pool);
            return 0;
        }
        return tracker.took(ResourceTracker.Kind.POOL, pool, 0);
    }

    /** {@code mempool_create_slab_pool}: of objects of a lookaside cache. */
    public long mempoolCreateSlabPool(int minNr, long cache) {
        return mempoolCreate(minNr, allocSlab, freeSlab, cache);
    }

    /** {@code mempool_create_kmalloc_pool}: of kmalloc memory. */
    public long mempoolCreateKmallocPool(int minNr, int bytes) {
        return mempoolCreate(minNr, allocKmalloc, freeKmalloc, bytes);
    }

    /** {@code mempool_create_page_pool}: of blocks of pages; an element is a {@code struct page}. */
    public long mempoolCreatePagePool(int minNr, int order) {
        return mempoolCreate(minNr, allocPages, freePages, order);
    }

    /** Fills the reserve. Returns false when the allocator has too little. */
    private boolean fill(long pool, int gfp) {
        while (memory.load32(pool + MempoolLayout.CURR_NR) < memory.load32(pool + MempoolLayout.MIN_NR)) {
            long element = fromAllocator(pool, gfp);
            if (element == 0) {
                return false;
            }
            int flags = locks.lockIrqSave(pool);
            boolean room = memory.load32(pool + MempoolLayout.CURR_NR) < memory.load32(pool + MempoolLayout.MIN_NR);
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
     * {@code mempool_resize}: another size for the reserve. May sleep if the flags may.
     *
     * @return 0, or a negative {@link Errno}: ENOMEM, and then the pool may have less in its reserve than it should, but no less than before; EINVAL for a size below 1
     */
    public int mempoolResize(long pool, int minNr, int gfp) {
        context.mightAlloc(gfp, "mempool_resize");
        if (minNr <= 0) {
            return -Errno.EINVAL;
        }
        long larger = kmalloc.kcalloc(minNr + memory.load32(pool + MempoolLayout.MIN_NR), 4, gfp);     // what is promised stays, even in a smaller reserve
        if (larger == 0) {
            return -Errno.ENOMEM;
        }
        for (long extra = takeExtra(pool, minNr); extra != 0; extra = takeExtra(pool, minNr)) {
            toAllocator(pool, extra);
        }
        int flags = locks.lockIrqSave(pool);
        long old = memory.loadAddress(pool + MempoolLayout.ELEMENTS);
        int count = memory.load32(pool + MempoolLayout.CURR_NR);
        for (int i = 0; i < count; i++) {
            memory.storeAddress(larger + 4L * i, memory.loadAddress(old + 4L * i));
        }
        memory.storeAddress(pool + MempoolLayout.ELEMENTS, larger);
        memory.store32(pool + MempoolLayout.MIN_NR, minNr);
        locks.unlockIrqRestore(pool, flags);
        kmalloc.kfree(old);
        return fill(pool, gfp) ? 0 : -Errno.ENOMEM;
    }

    /** Takes an element that a smaller reserve has no room for; makes the reserve smaller by it. */
    private long takeExtra(long pool, int minNr) {
        int flags = locks.lockIrqSave(pool);
        memory.store32(pool + MempoolLayout.MIN_NR, Math.min(minNr, memory.load32(pool + MempoolLayout.MIN_NR)));
        long element = memory.load32(pool + MempoolLayout.CURR_NR) > Math.max(minNr, memory.load32(pool + MempoolLayout.PROMISED)) ? remove(pool) : 0;
        locks.unlockIrqRestore(pool, flags);
        return element;
    }

    /** {@code mempool_destroy}; 0 is legal. May sleep. Returns whether the pool is gone: while somebody has elements of it, it stays. */
    public boolean mempoolDestroy(long pool) {
        context.mightSleep("mempool_destroy", "destroy the pool when the driver is removed");
        if (pool == 0) {
            return true;
        }
        int out = memory.load32(pool + MempoolLayout.OUT);
        if (out != 0) {
            violations.of(Rule.POOL_IN_USE, "mempool_destroy of the pool at " + Hex.grouped(pool) + ", of which " + out + (out == 1 ? " element is out" : " elements are out"))
                    .line("pool", "elements from " + text.name(memory.loadAddress(pool + MempoolLayout.ALLOC)) + ", reserve " + violations.peek().load32(pool + MempoolLayout.CURR_NR) + " of "
                            + violations.peek().load32(pool + MempoolLayout.MIN_NR) + "; it was left as it is")
                    .line("instead", Rule.POOL_IN_USE.right()).address("pool", pool).number("out", out).report();
            return false;
        }
        if (memory.load32(pool + MempoolLayout.TIMER_SET) != 0) {
            timers.delete(pool + MempoolLayout.TIMER);
        }
        dissolve(pool);
        tracker.gaveBack(ResourceTracker.Kind.POOL, pool);
        return true;
    }

    private void dissolve(long pool) {
        while (memory.load32(pool + MempoolLayout.CURR_NR) > 0) {
            toAllocator(pool, remove(pool));
        }
        kmalloc.kfree(memory.loadAddress(pool + MempoolLayout.ELEMENTS));
        kmalloc.kfree(pool);
    }

    // ---- elements ----

    /**
     * {@code mempool_alloc}: an element. May sleep if the flags may, and then never fails.
     *
     * @return 0 when the flags forbid to sleep, and allocator and reserve are empty
     * @throws KernelBug for {@code __GFP_ZERO}, which a reserve cannot heed
     */
    public long mempoolAlloc(long pool, int gfp) {
        context.mightAlloc(gfp, "mempool_alloc");
        if ((gfp & Gfp.__GFP_ZERO) != 0) {
            throw new KernelBug("mempool_alloc with __GFP_ZERO: an element of the reserve is as it was given back");
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
            memory.amoAdd32(pool + MempoolLayout.OUT, 1);
        }
        return element;
    }

    private long fromReserve(long pool) {
        int flags = locks.lockIrqSave(pool);
        boolean spare = memory.load32(pool + MempoolLayout.CURR_NR) > memory.load32(pool + MempoolLayout.PROMISED);
        long element = spare ? remove(pool) : 0;
        locks.unlockIrqRestore(pool, flags);
        return element;
    }

    /** Waits until it is this task's turn and there is an element for it. */
    private long await(long pool, int gfp) {
        int flags = locks.lockIrqSave(pool);
        if (memory.load32(pool + MempoolLayout.CURR_NR) > memory.load32(pool + MempoolLayout.PROMISED)) {
            long element = remove(pool);
            locks.unlockIrqRestore(pool, flags);
            return element;
        }
        int mine = memory.load32(pool + MempoolLayout.NEXT_NUMBER);
        memory.store32(pool + MempoolLayout.NEXT_NUMBER, mine + 1);
        locks.unlockIrqRestore(pool, flags);
        for (;;) {
            int tried = memory.load32(pool + MempoolLayout.RETRIES);
            setTimer(pool);
            queues.waitEvent(pool + MempoolLayout.WAIT, () -> isServed(pool, mine)
                    || memory.load32(pool + MempoolLayout.SERVING) == mine && memory.load32(pool + MempoolLayout.RETRIES) != tried);
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
        return memory.load32(pool + MempoolLayout.SERVING) - number > 0;
    }

    private long takePromised(long pool) {
        int flags = locks.lockIrqSave(pool);
        memory.store32(pool + MempoolLayout.PROMISED, memory.load32(pool + MempoolLayout.PROMISED) - 1);
        long element = remove(pool);
        locks.unlockIrqRestore(pool, flags);
        return element;
    }

    /** The first of those who wait has got an element elsewhere; if it was served meanwhile, that one is left to the others. */
    private long leaveQueue(long pool, int mine, long element) {
        int flags = locks.lockIrqSave(pool);
        if (isServed(pool, mine)) {
            memory.store32(pool + MempoolLayout.PROMISED, memory.load32(pool + MempoolLayout.PROMISED) - 1);
            promise(pool);
        } else {
            memory.store32(pool + MempoolLayout.SERVING, mine + 1);
        }
        locks.unlockIrqRestore(pool, flags);
        queues.wakeAll(pool + MempoolLayout.WAIT);
        return element;
    }

    /** An element of the reserve is for the next who waits, if anybody does. The lock is held. */
    private boolean promise(long pool) {
        int serving = memory.load32(pool + MempoolLayout.SERVING);
        boolean awaited = serving != memory.load32(pool + MempoolLayout.NEXT_NUMBER);
        if (awaited) {
            memory.store32(pool + MempoolLayout.SERVING, serving + 1);
            memory.store32(pool + MempoolLayout.PROMISED, memory.load32(pool + MempoolLayout.PROMISED) + 1);
        }
        return awaited;
    }

    private void setTimer(long pool) {
        if (memory.amoSwap32(pool + MempoolLayout.TIMER_SET, 1) == 0) {
            timers.add(pool + MempoolLayout.TIMER, RETRY_TICKS, timeout, pool);
        }
    }

    private void retry(long pool) {
        memory.store32(pool + MempoolLayout.TIMER_SET, 0);
        askToRetry(pool);
    }

    private void askToRetry(long pool) {
        memory.amoAdd32(pool + MempoolLayout.RETRIES, 1);
        queues.wakeAll(pool + MempoolLayout.WAIT);
    }

    /** {@code mempool_free}: gives an element back, to the reserve first; 0 is legal. Any context. */
    public void mempoolFree(long element, long pool) {
        if (element == 0) {
            return;
        }
        if (isInReserve(pool, element) || violations.peek().load32(pool + MempoolLayout.OUT) <= 0) {
            violations.of(Rule.POOL_BAD_FREE, "mempool_free of " + Hex.grouped(element) + " to the pool at " + Hex.grouped(pool)
                            + (isInReserve(pool, element) ? ", whose reserve it is in already" : ", of which no element is out"))
                    .line("instead", Rule.POOL_BAD_FREE.right()).address("element", element).address("pool", pool).report();
            return;
        }
        int flags = locks.lockIrqSave(pool);
        boolean room = memory.load32(pool + MempoolLayout.CURR_NR) < memory.load32(pool + MempoolLayout.MIN_NR);
        boolean promised = false;
        if (room) {
            add(pool, element);
            promised = promise(pool);
        }
        boolean awaited = promised || memory.load32(pool + MempoolLayout.SERVING) != memory.load32(pool + MempoolLayout.NEXT_NUMBER);
        locks.unlockIrqRestore(pool, flags);
        memory.amoAdd32(pool + MempoolLayout.OUT, -1);
        if (!room) {
            toAllocator(pool, element);
        }
        if (promised) {
            queues.wakeAll(pool + MempoolLayout.WAIT);
        } else if (awaited) {
            askToRetry(pool);
        }
    }

    private boolean isInReserve(long pool, long element) {
        ReadableMemory view = violations.peek();
        long elements = view.loadAddress(pool + MempoolLayout.ELEMENTS);
        int count = view.load32(pool + MempoolLayout.CURR_NR);
        for (int i = 0; i < count; i++) {
            if (view.loadAddress(elements + 4L * i) == element) {
                return true;
            }
        }
        return false;
    }

    private void add(long pool, long element) {
        int count = memory.load32(pool + MempoolLayout.CURR_NR);
        memory.storeAddress(memory.loadAddress(pool + MempoolLayout.ELEMENTS) + 4L * count, element);
        memory.store32(pool + MempoolLayout.CURR_NR, count + 1);
    }

    private long remove(long pool) {
        int count = memory.load32(pool + MempoolLayout.CURR_NR) - 1;
        memory.store32(pool + MempoolLayout.CURR_NR, count);
        return memory.loadAddress(memory.loadAddress(pool + MempoolLayout.ELEMENTS) + 4L * count);
    }

    private long fromAllocator(long pool, int gfp) {
        return text.at(memory.loadAddress(pool + MempoolLayout.ALLOC), MempoolAlloc.class).alloc(gfp, memory.loadAddress(pool + MempoolLayout.DATA));
    }

    private void toAllocator(long pool, long element) {
        text.at(memory.loadAddress(pool + MempoolLayout.FREE), MempoolFree.class).free(element, memory.loadAddress(pool + MempoolLayout.DATA));
    }

    // ---- looking ----

    /** How many elements the reserve has. */
    public int reserve(ReadableMemory view, long pool) {
        return view.load32(pool + MempoolLayout.CURR_NR);
    }
}

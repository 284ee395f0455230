package ferrite.kernel.mm;

import static ferrite.kernel.mm.ReclaimLayout.FREES;
import static ferrite.kernel.mm.ReclaimLayout.FREE_WAIT;
import static ferrite.kernel.mm.ReclaimLayout.FREE_WAITERS;
import static ferrite.kernel.mm.ReclaimLayout.KSWAPD_FAILURES;
import static ferrite.kernel.mm.ReclaimLayout.KSWAPD_ORDER;
import static ferrite.kernel.mm.ReclaimLayout.KSWAPD_WAIT;
import static ferrite.kernel.mm.ReclaimLayout.KSWAPD_ZONE;
import static ferrite.kernel.mm.ReclaimLayout.LOCK;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.core.AllocatorEvent;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.core.Tracepoint;
import ferrite.kernel.sched.Scheduler;
import ferrite.kernel.sched.Sleep;
import ferrite.kernel.sched.TaskSystem;
import ferrite.kernel.sched.WaitQueue;

/**
 * Reclaims memory in three ways. The task {@link Kswapd} wakes up when every zone is below its low watermark and works
 * until one is above its high watermark. A task that needs memory and may sleep reclaims directly. Last, it waits until
 * other tasks free pages.
 */
public final class Reclaim {

    /** Linux's {@code DEF_PRIORITY}, {@code SWAP_CLUSTER_MAX} and {@code MAX_RECLAIM_RETRIES}. */
    private static final int DEF_PRIORITY = 12;
    private static final int SWAP_CLUSTER_MAX = 32;
    private static final int MAX_FAILURES = 16;
    /** The longest wait for a free: LDD3's kernel waits a fiftieth of a second. */
    private static final long WAIT_TICKS = 20_000L * Clock.TICKS_PER_MICROSECOND;

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final Zones zones;
    private final PageSets pageSets;
    private final Scheduler scheduler;
    private final Sleep sleep;
    private final WaitQueue queues;
    private final SpinLock locks;
    private final Shrinkers shrinkers;
    private final Tracepoint<AllocatorEvent> events;
    private final long state;

    Reclaim(KernelBase base, Zones zones, PageSets pageSets, TaskSystem tasks) {
        this.memory = base.memory();
        this.cpu = base.cpu();
        this.zones = zones;
        this.pageSets = pageSets;
        this.scheduler = tasks.scheduler();
        this.sleep = tasks.sleep();
        this.queues = tasks.waitQueues();
        this.locks = base.locks();
        this.events = base.events().allocators();
        this.state = RootLayout.RECLAIM.at(base.root());
        this.shrinkers = new Shrinkers(base, tasks, state);
    }

    /** Sets up shrinkers and wait queues. Boot. */
    public void init() {
        shrinkers.init();
        queues.init(KSWAPD_WAIT.at(state));
        queues.init(FREE_WAIT.at(state));
    }

    public Shrinkers shrinkers() {
        return shrinkers;
    }

    // ---- background reclaim ----

    /** Linux's {@code wakeup_kswapd}. Any context. */
    void wakeKswapd(int order, int wanted) {
        if (KSWAPD_FAILURES.get(memory, state) >= MAX_FAILURES || zones.isBalanced(memory, order, wanted)) {
            return;
        }
        int flags = locks.lockIrqSave(LOCK.at(state));
        KSWAPD_ORDER.set(memory, state, Math.max(order, KSWAPD_ORDER.get(memory, state)));
        KSWAPD_ZONE.set(memory, state, Math.max(wanted + 1, KSWAPD_ZONE.get(memory, state)));
        locks.unlockIrqRestore(LOCK.at(state), flags);
        queues.wakeUp(KSWAPD_WAIT.at(state));
    }

    /**
     * Linux's {@code balance_pgdat}. If no large block becomes free, single pages above the high watermark are enough.
     */
    void balance(int order, int wanted) {
        setMemalloc(true);
        int size = order;
        boolean progress = true;
        while (progress && !isBalanced(size, wanted)) {
            long freed = 0;
            for (int priority = DEF_PRIORITY; priority > 0 && !isBalanced(size, wanted); priority--) {
                freed += shrinkers.shrink(Gfp.GFP_KERNEL, priority);
            }
            progress = freed > 0;
            tell(freed);
            noteProgress(progress || isBalanced(size, wanted));
            size = 0;
        }
        setMemalloc(false);
    }

    private boolean isBalanced(int order, int wanted) {
        pageSets.drainAll();
        return zones.isBalanced(memory, order, wanted);
    }

    private void noteProgress(boolean progress) {
        long failures = KSWAPD_FAILURES.at(state);
        memory.store32(failures, progress ? 0 : memory.load32(failures) + 1);
    }

    // ---- direct reclaim ----

    /**
     * Linux's {@code try_to_free_pages}: the task calls the shrinkers itself, with rising urgency. Task context; may
     * sleep. Returns whether an object was freed.
     */
    boolean direct(int gfp, int order) {
        setMemalloc(true);
        long wanted = Math.max(SWAP_CLUSTER_MAX, 1L << order);
        long freed = 0;
        for (int priority = DEF_PRIORITY; priority >= 0 && freed < wanted; priority--) {
            freed += shrinkers.shrink(gfp, priority);
        }
        setMemalloc(false);
        tell(freed);
        if (freed > 0) {
            noteProgress(true);
        }
        return freed > 0;
    }

    /** Tells debuggers of the end of a round of reclaim. */
    private void tell(long freed) {
        if (events.isOn()) {
            events.tell(new AllocatorEvent(AllocatorEvent.Kind.RECLAIM, 0, 0, freed, null));
        }
    }

    /** Sets {@code PF_MEMALLOC} of the current task. */
    private void setMemalloc(boolean on) {
        long flags = TaskLayout.FLAGS.at(cpu.tp());
        memory.store32(flags, on ? memory.load32(flags) | TaskLayout.MEMALLOC
                : memory.load32(flags) & ~TaskLayout.MEMALLOC);
    }

    // ---- waiting for frees ----

    void beginWaiting() {
        FREE_WAITERS.amoAdd(memory, state, 1);
    }

    void endWaiting() {
        FREE_WAITERS.amoAdd(memory, state, -1);
    }

    /** Returns a counter that every free increases while a task waits. */
    int frees() {
        return FREES.get(memory, state);
    }

    /** Counts a free and wakes the waiting tasks. Any context. */
    void freed() {
        FREES.amoAdd(memory, state, 1);
        queues.wakeUpAll(FREE_WAIT.at(state));
    }

    /**
     * Sleeps until pages have been freed since {@code seen} was read. Without {@code forEver} it sleeps at most a
     * fiftieth of a second, and an idle hart waits for its next interrupt, at the latest its tick. Called between
     * {@link #beginWaiting} and {@link #endWaiting}.
     */
    void waitForFree(int seen, boolean forEver) {
        if ((TaskLayout.FLAGS.get(memory, cpu.tp()) & TaskLayout.IDLE) != 0) {
            return;
        }
        if (forEver) {
            sleep.waitEvent(FREE_WAIT.at(state), () -> frees() != seen);
            return;
        }
        long end = cpu.time() + WAIT_TICKS;
        while (frees() == seen && cpu.time() < end) {
            scheduler.schedule();
            if (frees() == seen) {
                cpu.wfi();
            }
        }
    }
}

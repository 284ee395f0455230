package ferrite.kernel.mm;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.KernelPanic;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.sched.TaskEntry;
import ferrite.kernel.sched.TaskSystem;
import ferrite.kernel.sched.WaitQueue;

/** The reclaim task kswapd0. It also frees areas that interrupt handlers passed to {@code vfree}. */
final class Kswapd {

    private final KernelMemory memory;
    private final TaskSystem tasks;
    private final WaitQueue queues;
    private final SpinLock locks;
    private final Reclaim reclaim;
    private final Vmalloc vmalloc;
    private final long state;
    private final long entry;

    Kswapd(KernelBase base, TaskSystem tasks, Reclaim reclaim, Vmalloc vmalloc) {
        this.memory = base.memory();
        this.tasks = tasks;
        this.queues = tasks.waitQueues();
        this.locks = base.locks();
        this.reclaim = reclaim;
        this.vmalloc = vmalloc;
        this.state = base.root() + RootLayout.RECLAIM;
        this.entry = base.text().newModule().add("kswapd", (TaskEntry) this::run);
    }

    /** Makes the task. Boot. */
    void start() {
        if (tasks.tasks().create("kswapd0", entry, 0) == 0) {
            throw new KernelPanic("no memory for the reclaim task");
        }
    }

    private int run(long unused) {
        if (vmalloc.hasDeferred()) {
            queues.finishWait(state + ReclaimLayout.KSWAPD_WAIT);
            vmalloc.freeDeferred();
        }
        if (!isWanted()) {
            queues.prepareToWait(state + ReclaimLayout.KSWAPD_WAIT);
            if (isWanted() || vmalloc.hasDeferred()) {
                queues.finishWait(state + ReclaimLayout.KSWAPD_WAIT);
            }
            return TaskEntry.AGAIN;
        }
        queues.finishWait(state + ReclaimLayout.KSWAPD_WAIT);
        int flags = locks.lockIrqSave(state + ReclaimLayout.LOCK);
        int order = memory.load32(state + ReclaimLayout.KSWAPD_ORDER);
        int wanted = memory.load32(state + ReclaimLayout.KSWAPD_ZONE) - 1;
        memory.store32(state + ReclaimLayout.KSWAPD_ORDER, 0);
        memory.store32(state + ReclaimLayout.KSWAPD_ZONE, 0);
        locks.unlockIrqRestore(state + ReclaimLayout.LOCK, flags);
        reclaim.balance(order, wanted);
        return TaskEntry.AGAIN;
    }

    private boolean isWanted() {
        return memory.load32(state + ReclaimLayout.KSWAPD_ZONE) != 0;
    }
}

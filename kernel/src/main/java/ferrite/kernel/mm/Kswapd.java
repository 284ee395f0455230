package ferrite.kernel.mm;

import static ferrite.kernel.mm.ReclaimLayout.KSWAPD_ORDER;
import static ferrite.kernel.mm.ReclaimLayout.KSWAPD_WAIT;
import static ferrite.kernel.mm.ReclaimLayout.KSWAPD_ZONE;
import static ferrite.kernel.mm.ReclaimLayout.LOCK;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.KernelPanic;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.sched.TaskEntry;
import ferrite.kernel.sched.TaskSystem;
import ferrite.kernel.sched.WaitQueue;

/** The reclaim task kswapd0. */
final class Kswapd {

    private final KernelMemory memory;
    private final TaskSystem tasks;
    private final WaitQueue queues;
    private final SpinLock locks;
    private final Reclaim reclaim;
    private final long state;
    private final long entry;

    Kswapd(KernelBase base, TaskSystem tasks, Reclaim reclaim) {
        this.memory = base.memory();
        this.tasks = tasks;
        this.queues = tasks.waitQueues();
        this.locks = base.locks();
        this.reclaim = reclaim;
        this.state = RootLayout.RECLAIM.at(base.root());
        this.entry = base.text().newModule().add("kswapd", (TaskEntry) this::run);
    }

    /** Makes the task. Boot. */
    void start() {
        if (tasks.tasks().create("kswapd0", entry, 0) == 0) {
            throw new KernelPanic("no memory for the reclaim task");
        }
    }

    private int run(long unused) {
        if (!isWanted()) {
            queues.prepareToWait(KSWAPD_WAIT.at(state));
            if (isWanted()) {
                queues.finishWait(KSWAPD_WAIT.at(state));
            }
            return TaskEntry.AGAIN;
        }
        queues.finishWait(KSWAPD_WAIT.at(state));
        int flags = locks.lockIrqSave(LOCK.at(state));
        int order = KSWAPD_ORDER.get(memory, state);
        int wanted = KSWAPD_ZONE.get(memory, state) - 1;
        KSWAPD_ORDER.set(memory, state, 0);
        KSWAPD_ZONE.set(memory, state, 0);
        locks.unlockIrqRestore(LOCK.at(state), flags);
        reclaim.balance(order, wanted);
        return TaskEntry.AGAIN;
    }

    private boolean isWanted() {
        return KSWAPD_ZONE.get(memory, state) != 0;
    }
}

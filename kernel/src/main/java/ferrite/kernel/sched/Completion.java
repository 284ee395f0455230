package ferrite.kernel.sched;

import static ferrite.kernel.sched.CompletionLayout.ALL;
import static ferrite.kernel.sched.CompletionLayout.DONE;
import static ferrite.kernel.sched.CompletionLayout.LOCK;
import static ferrite.kernel.sched.CompletionLayout.WAITERS;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.core.Context;
import ferrite.kernel.core.KernelBase;

/**
 * Completions (LDD3 page 114): a task waits until another, or a handler, says that something is done. Either of the
 * two may come first. {@value CompletionLayout#SIZE} bytes of RAM.
 */
@Plumbing
public final class Completion {

    private static final String INSTEAD = "wait after the atomic section has ended, or ask try_wait_for_completion";

    private final KernelMemory memory;
    private final Context context;
    private final SpinLock locks;
    private final Sleep sleep;
    private final WaitQueue queues;

    Completion(KernelBase base, Sleep sleep, WaitQueue queues) {
        this.memory = base.memory();
        this.context = base.context();
        this.locks = base.locks();
        this.sleep = sleep;
        this.queues = queues;
    }

    /** {@code init_completion}, in zeroed memory. Any context. */
    public void init(long completion) {
        queues.init(WAITERS.at(completion));
    }

    /** {@code reinit_completion}: forgets earlier calls of {@link #complete}. Any context. */
    public void reinit(long completion) {
        DONE.set(memory, completion, 0);
    }

    /**
     * Waits for a call of {@link #complete}. Task context; may sleep.
     *
     * @param call  Linux's name of the call
     * @param state {@code TaskLayout.INTERRUPTIBLE} or {@code UNINTERRUPTIBLE}
     * @param ticks the longest wait, of 10 ns, or {@link Sleep#FOREVER}
     * @return as {@link Sleep#until}
     */
    public long await(String call, long completion, int state, long ticks) {
        context.mightSleep(call, INSTEAD);
        return sleep.exclusively(WAITERS.at(completion), () -> take(completion), state, ticks);
    }

    /** {@code try_wait_for_completion}: returns whether there was a call to take. Any context. */
    public boolean tryWait(long completion) {
        return take(completion);
    }

    /** {@code completion_done}: returns whether a wait would not sleep. Any context. */
    public boolean isDone(long completion) {
        int flags = locks.lockIrqSave(LOCK.at(completion));      // so that complete has ended
        boolean done = DONE.get(memory, completion) != 0;
        locks.unlockIrqRestore(LOCK.at(completion), flags);
        return done;
    }

    /** {@code complete}: lets one task go on. Any context. */
    public void complete(long completion) {
        int flags = locks.lockIrqSave(LOCK.at(completion));
        int done = DONE.get(memory, completion);
        DONE.set(memory, completion, done == ALL ? ALL : done + 1);
        queues.wakeUp(WAITERS.at(completion));
        locks.unlockIrqRestore(LOCK.at(completion), flags);      // last: the task that goes on may free the record
    }

    /** {@code complete_all}: lets all tasks go on, now and until {@link #reinit}. Any context. */
    public void completeAll(long completion) {
        int flags = locks.lockIrqSave(LOCK.at(completion));
        DONE.set(memory, completion, ALL);
        queues.wakeUpAll(WAITERS.at(completion));
        locks.unlockIrqRestore(LOCK.at(completion), flags);
    }

    private boolean take(long completion) {
        int flags = locks.lockIrqSave(LOCK.at(completion));
        int done = DONE.get(memory, completion);
        if (done > 0 && done != ALL) {
            DONE.set(memory, completion, done - 1);
        }
        locks.unlockIrqRestore(LOCK.at(completion), flags);
        return done > 0;
    }
}

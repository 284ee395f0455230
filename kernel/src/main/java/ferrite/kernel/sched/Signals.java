package ferrite.kernel.sched;

import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.core.KernelBase;

/**
 * Signals: a word of pending ones in each task's record. Sending one sets its bit and ends an interruptible sleep, nothing more. The task finds it at the end of
 * such a sleep, and gives back what it holds on its way out of the kernel; at the user boundary it takes it, and the program ends. Nothing else is
 * interrupted: not a computation, not an uninterruptible sleep, not a task of the kernel's own.
 *
 * <p>There are no handlers and no masks: a program that has to tidy up does so when it is told.
 */
public final class Signals {

    /** What a shell reports of a program that a signal ended is this and the signal's number. */
    public static final int EXIT_STATUS = 128;

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final Scheduler scheduler;

    Signals(KernelBase base, Scheduler scheduler) {
        this.memory = base.memory();
        this.cpu = base.cpu();
        this.scheduler = scheduler;
    }

    /**
     * {@code send_sig}. Any context. A task of the kernel's own, and one that has died, is sent nothing.
     *
     * @param task   the address of a task that is not buried meanwhile
     * @param signal 1 to 31
     */
    public void send(long task, int signal) {
        if ((memory.load32(task + TaskLayout.FLAGS) & TaskLayout.PROGRAM) != 0) {
            memory.amoOr32(task + TaskLayout.PENDING, 1 << signal - 1);
            scheduler.wake(task, TaskLayout.INTERRUPTIBLE);
        }
    }

    /** {@code signal_pending(current)}: whether the current task has a signal to take. Task context. */
    public boolean isPending() {
        return memory.load32(cpu.tp() + TaskLayout.PENDING) != 0;
    }

    /** At the user boundary: takes the pending signal with the lowest number from the current task. Returns it, or 0 when there is none. */
    public int take() {
        int pending = memory.load32(cpu.tp() + TaskLayout.PENDING);
        if (pending == 0) {
            return 0;
        }
        int signal = Integer.numberOfTrailingZeros(pending) + 1;
        memory.amoAnd32(cpu.tp() + TaskLayout.PENDING, ~(1 << signal - 1));
        return signal;
    }
}

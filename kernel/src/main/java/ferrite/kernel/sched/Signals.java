package ferrite.kernel.sched;

import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.core.KernelBase;

/**
 * Signals: a word of pending signals in each task's record. Sending a signal sets its bit and ends an interruptible
 * sleep, nothing more. After such a sleep the task sees the signal, and releases its resources on the way out of the
 * kernel. At the user boundary it takes the signal, and the program ends. Nothing else is interrupted: no computation,
 * no uninterruptible sleep, no kernel task.
 *
 * <p>There are no handlers and no masks. A program cleans up when a call reports a signal.
 */
public final class Signals {

    /** The exit status of a program that a signal ended is this plus the signal's number. */
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
     * {@code send_sig}: sends a signal to a program's task; kernel tasks ignore it. Any context.
     *
     * @param task   the task's address; the caller makes sure that it is not reaped during the call
     * @param signal 1 to 31
     */
    public void send(long task, int signal) {
        if ((memory.load32(task + TaskLayout.FLAGS) & TaskLayout.PROGRAM) != 0) {
            memory.amoOr32(task + TaskLayout.PENDING, 1 << signal - 1);
            scheduler.wake(task, TaskLayout.INTERRUPTIBLE);
        }
    }

    /** {@code signal_pending(current)}: whether the current task has a pending signal. Task context. */
    public boolean isPending() {
        return memory.load32(cpu.tp() + TaskLayout.PENDING) != 0;
    }

    /**
     * Takes the current task's pending signal with the lowest number, at the user boundary. Returns it, or 0 if none is
     * pending.
     */
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

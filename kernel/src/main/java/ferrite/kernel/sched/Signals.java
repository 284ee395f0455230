package ferrite.kernel.sched;

import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.SigInfoLayout;
import ferrite.kernel.base.Signal;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.core.KernelBase;

/**
 * Signals: a word of pending signals in each task's record. Sending a signal sets its bit and ends an interruptible
 * sleep, nothing more. After such a sleep the task sees the signal, and releases its resources on the way out of the
 * kernel. At the user boundary it takes the signal, and the program ends. Nothing else is interrupted: no computation,
 * no uninterruptible sleep, and no kernel task that has not allowed it.
 *
 * <p>A program of machine code may have handlers and a mask; the floor {@code user} calls them. A command of the shell
 * has none: it cleans up when a call reports a signal.
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
     * {@code send_sig}: sends a signal to a program's task. Kernel tasks ignore it, unless they allow it. Any context.
     *
     * @param task   the task's address; the caller makes sure that it is not reaped during the call
     * @param signal 1 to 31
     */
    public void send(long task, int signal) {
        send(task, signal, SigInfoLayout.SI_KERNEL, 0, 0);
    }

    /**
     * As {@link #send(long, int)}, with what {@code siginfo_t} tells of the signal.
     *
     * @param code   {@link SigInfoLayout#SI_USER} and others
     * @param pid    the sender's or the child's
     * @param status the child's
     */
    void send(long task, int signal, int code, int pid, int status) {
        long infos = TaskLayout.SIGINFO.get(memory, task);
        boolean isNew = (TaskLayout.PENDING.get(memory, task) >> signal - 1 & 1) == 0;
        if (infos != 0 && isNew) {
            setInfo(infos, signal, code, pid, status);
        }
        boolean ignored = (TaskLayout.IGNORED.get(memory, task) >> signal - 1 & 1) != 0;
        int flags = TaskLayout.FLAGS.get(memory, task);
        boolean allowed = (flags & TaskLayout.PROGRAM) != 0
                || (flags & TaskLayout.ALLOWS_SIGINT) != 0 && signal == Signal.SIGINT;
        if (allowed && !ignored) {
            TaskLayout.PENDING.amoOr(memory, task, 1 << signal - 1);
            scheduler.wake(task, TaskLayout.INTERRUPTIBLE);
        }
    }

    /** Returns the signals that a task ignores, as Linux shows them: signal N is bit N - 1. */
    public static long ignored(ReadableMemory view, long task) {
        boolean program = (TaskLayout.FLAGS.get(view, task) & TaskLayout.PROGRAM) != 0;
        return program ? TaskLayout.SIG_IGN.get(view, task) & 0xffff_ffffL : ~caught(view, task);
    }

    /** Returns the signals that a task has handlers for, or that a kernel task takes. */
    public static long caught(ReadableMemory view, long task) {
        int flags = TaskLayout.FLAGS.get(view, task);
        return (flags & TaskLayout.PROGRAM) != 0 ? TaskLayout.CAUGHT.get(view, task) & 0xffff_ffffL
                : (flags & TaskLayout.ALLOWS_SIGINT) != 0 ? 1L << Signal.SIGINT - 1 : 0;
    }

    /** Stores what {@code siginfo_t} tells of a signal, in a task's array. */
    public void setInfo(long infos, int signal, int code, int first, int status) {
        long info = infos + (long) (signal - 1) * SigInfoLayout.SIZE;
        SigInfoLayout.CODE.set(memory, info, code);
        SigInfoLayout.FIRST.set(memory, info, first);
        SigInfoLayout.STATUS.set(memory, info, status);
    }

    /**
     * {@code allow_signal}: makes the current task, which is one of the kernel's, take SIGINT or ignore it again. A
     * signal that was sent before stays pending. Task context.
     */
    public void allowInterrupt(boolean allowed) {
        int flags = TaskLayout.FLAGS.get(memory, cpu.tp());
        TaskLayout.FLAGS.set(memory, cpu.tp(), allowed ? flags | TaskLayout.ALLOWS_SIGINT
                : flags & ~TaskLayout.ALLOWS_SIGINT);
    }

    /** {@code signal_pending(current)}: whether the current task has a pending signal. Task context. */
    public boolean isPending() {
        return isPending(memory, cpu.tp());
    }

    /** Returns whether a task has a pending signal that it does not block. */
    static boolean isPending(ReadableMemory view, long task) {
        int pending = TaskLayout.PENDING.get(view, task);
        return pending != 0 && (pending & ~TaskLayout.BLOCKED.get(view, task)) != 0;
    }

    /**
     * Takes the current task's pending signal with the lowest number, at the user boundary. Returns it, or 0 if none is
     * pending.
     */
    public int take() {
        int pending = TaskLayout.PENDING.get(memory, cpu.tp());
        pending &= pending == 0 ? 0 : ~TaskLayout.BLOCKED.get(memory, cpu.tp());
        if (pending == 0) {
            return 0;
        }
        return take(Integer.numberOfTrailingZeros(pending) + 1);
    }

    /** Takes a signal that the current task has pending. Returns it. */
    public int take(int signal) {
        TaskLayout.PENDING.amoAnd(memory, cpu.tp(), ~(1 << signal - 1));
        return signal;
    }
}

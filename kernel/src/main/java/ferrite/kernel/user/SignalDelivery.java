package ferrite.kernel.user;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.PtRegsLayout;
import ferrite.kernel.base.SigInfoLayout;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.vm.MmLayout;
import ferrite.kernel.vm.UserMemory;

/**
 * Delivers signals to programs at the user boundary, on a frame as Linux has it on rv32 (arch/riscv/kernel/signal.c):
 *
 * <pre>
 *  +--------------+-------------------------------------------------------+
 *  | siginfo 128  | ucontext: flags link stack sigmask … registers  816   |
 *  +--------------+-------------------------------------------------------+
 *  ^ sp
 * </pre>
 */
final class SignalDelivery {

    static final int SIGILL = 4;
    static final int SIGTRAP = 5;
    static final int SIGBUS = 7;
    static final int SIGKILL = 9;
    static final int SIGSEGV = 11;
    static final int SIGCHLD = 17;
    static final int SIGSTOP = 19;

    static final int ILL_ILLOPC = 1;
    static final int TRAP_BRKPT = 1;
    static final int BUS_ADRALN = 1;
    static final int BUS_ADRERR = 2;
    static final int SEGV_MAPERR = 1;
    static final int SEGV_ACCERR = 2;

    static final int SA_NOCLDWAIT = 2;
    static final int SA_RESTART = 0x1000_0000;
    static final int SA_NODEFER = 0x4000_0000;
    static final int SA_RESETHAND = 0x8000_0000;

    static final long SIG_DFL = 0;
    static final long SIG_IGN = 1;

    /** The code that a handler returns to: {@code li a7, 139; ecall}. */
    static final int[] TRAMPOLINE = {0x08b0_0893, 0x0000_0073};

    /** Chld, cont, urg, winch. Programs cannot be stopped, so stop, tstp, ttin and ttou are ignored too. */
    private static final long IGNORED_BY_DEFAULT =
            1L << 17 | 1L << 18 | 1L << 23 | 1L << 28 | 1L << SIGSTOP | 1L << 20 | 1L << 21 | 1L << 22;
    private static final int UNBLOCKABLE = 1 << SIGKILL - 1 | 1 << SIGSTOP - 1;

    private static final int SIGINFO_BYTES = 128;
    private static final int UCONTEXT_BYTES = 816;
    private static final int FRAME_BYTES = SIGINFO_BYTES + UCONTEXT_BYTES;
    private static final int SIGMASK = SIGINFO_BYTES + 20;
    private static final int SC_REGS = SIGINFO_BYTES + 160;

    private final UserServices services;
    private final KernelMemory memory;
    private final UserMemory user;

    SignalDelivery(UserServices services) {
        this.services = services;
        this.memory = services.memory();
        this.user = services.space().memory();
    }

    private long task() {
        return services.cpu().tp();
    }

    private static long action(long process, int signal) {
        return ProcessLayout.ACTIONS.at(process, signal - 1);
    }

    private static boolean isIgnoredByDefault(int signal) {
        return (IGNORED_BY_DEFAULT >> signal & 1) != 0;
    }

    // ---- masks and actions ----

    /** Sets the blocked signals of the current program. */
    void block(int mask) {
        TaskLayout.BLOCKED.set(memory, task(), mask & ~UNBLOCKABLE);
    }

    /**
     * Blocks other signals for the time of a system call. The handler of a signal that ends it returns to the old mask.
     */
    void replaceMask(long process, int mask) {
        if (ProcessLayout.HAS_SAVED_MASK.get(memory, process) == 0) {
            ProcessLayout.SAVED_MASK.set(memory, process, TaskLayout.BLOCKED.get(memory, task()));
            ProcessLayout.HAS_SAVED_MASK.set(memory, process, 1);
        }
        block(mask);
    }

    /** Ends {@link #replaceMask}. */
    void restoreMask(long process) {
        if (ProcessLayout.HAS_SAVED_MASK.get(memory, process) != 0) {
            ProcessLayout.HAS_SAVED_MASK.set(memory, process, 0);
            block(ProcessLayout.SAVED_MASK.get(memory, process));
        }
    }

    /** Updates the signals that are dropped when they are sent, after an action has changed. */
    void actionChanged(long process, int signal) {
        long handler = SigActionLayout.HANDLER.get(memory, action(process, signal));
        boolean ignored = handler == SIG_IGN || handler == SIG_DFL && isIgnoredByDefault(signal);
        if (signal < Integer.SIZE) {
            int bit = 1 << signal - 1;
            int others = TaskLayout.IGNORED.get(memory, task()) & ~bit;
            TaskLayout.IGNORED.set(memory, task(), ignored ? others | bit : others);
            int otherWishes = TaskLayout.SIG_IGN.get(memory, task()) & ~bit;
            TaskLayout.SIG_IGN.set(memory, task(), handler == SIG_IGN ? otherWishes | bit : otherWishes);
            int otherHandlers = TaskLayout.CAUGHT.get(memory, task()) & ~bit;
            TaskLayout.CAUGHT.set(memory, task(), handler != SIG_IGN && handler != SIG_DFL ? otherHandlers | bit
                    : otherHandlers);
            if (ignored) {
                TaskLayout.PENDING.amoAnd(memory, task(), ~bit);
            }
            if (signal == SIGCHLD) {
                int flags = TaskLayout.FLAGS.get(memory, task()) & ~TaskLayout.NO_CLD_WAIT;
                boolean noWait = handler == SIG_IGN
                        || (SigActionLayout.FLAGS.get(memory, action(process, signal)) & SA_NOCLDWAIT) != 0;
                TaskLayout.FLAGS.set(memory, task(), noWait ? flags | TaskLayout.NO_CLD_WAIT : flags);
            }
        }
    }

    /** Gives each signal its default action, but for those that are ignored: {@code execve}. */
    void reset(long process) {
        for (int signal = 1; signal <= ProcessLayout.SIGNALS; signal++) {
            long action = action(process, signal);
            if (SigActionLayout.HANDLER.get(memory, action) != SIG_IGN) {
                SigActionLayout.HANDLER.set(memory, action, SIG_DFL);
                SigActionLayout.FLAGS.set(memory, action, 0);
            }
            actionChanged(process, signal);
        }
    }

    /**
     * Sends the current program a signal that it has caused itself. If it blocks or ignores it, the program ends.
     *
     * @return whether a handler of the program will run
     */
    boolean force(long process, int signal, int code, long va) {
        long action = action(process, signal);
        boolean blocked = (TaskLayout.BLOCKED.get(memory, task()) >> signal - 1 & 1) != 0;
        boolean handled = SigActionLayout.HANDLER.get(memory, action) > SIG_IGN && !blocked && signal != SIGKILL;
        if (!handled) {
            SigActionLayout.HANDLER.set(memory, action, SIG_DFL);
            TaskLayout.BLOCKED.amoAnd(memory, task(), ~(1 << signal - 1));
        }
        ProcessLayout.FORCED.set(memory, process, signal);
        services.tasks().signals().setInfo(ProcessLayout.INFO.at(process), signal, code, (int) va, 0);
        TaskLayout.PENDING.amoOr(memory, task(), 1 << signal - 1);
        return handled;
    }

    // ---- delivery ----

    /**
     * Delivers the pending signals to their handlers, and prepares an interrupted system call to be made again, or to
     * fail with EINTR.
     *
     * @return 0, or the signal that ends the program
     */
    int deliver(long process, Registers x) {
        for (int signal = next(process); signal != 0; signal = next(process)) {
            long action = action(process, signal);
            long handler = SigActionLayout.HANDLER.get(memory, action);
            if (handler == SIG_DFL && !isIgnoredByDefault(signal)) {
                return signal;
            }
            if (handler > SIG_IGN) {
                endCall(process, x, (SigActionLayout.FLAGS.get(memory, action) & SA_RESTART) != 0);
                if (!callHandler(process, x, signal, action, handler)) {
                    return SIGSEGV;
                }
            }
        }
        endCall(process, x, true);
        restoreMask(process);
        return 0;
    }

    /** Takes the next signal: first the one that the program has caused itself, which tells of its present state. */
    private int next(long process) {
        int forced = ProcessLayout.FORCED.get(memory, process);
        ProcessLayout.FORCED.set(memory, process, 0);
        return forced != 0 ? services.tasks().signals().take(forced) : services.tasks().signals().take();
    }

    /** Ends a system call that a signal has interrupted: it is made again, or fails with EINTR. */
    private void endCall(long process, Registers x, boolean again) {
        long regs = ProcessLayout.REGS.at(process);
        if (PtRegsLayout.CAUSE.get(memory, regs) == 0) {
            return;
        }
        PtRegsLayout.CAUSE.set(memory, regs, 0);
        if (again) {
            x.set(Registers.A0, PtRegsLayout.ORIG_A0.get(memory, regs));
            x.setPc(x.pc() - 4);
        } else {
            x.set(Registers.A0, -Errno.EINTR);
        }
    }

    /** Notes that a system call was interrupted by a signal, which decides how it ends. */
    void interrupted(long process, int originalA0) {
        long regs = ProcessLayout.REGS.at(process);
        PtRegsLayout.ORIG_A0.set(memory, regs, originalA0);
        PtRegsLayout.CAUSE.set(memory, regs, 1);
    }

    private boolean callHandler(long process, Registers x, int signal, long action, long handler) {
        long frame = x.get(Registers.SP) - FRAME_BYTES & 0xffff_fff0L;
        int mask = ProcessLayout.HAS_SAVED_MASK.get(memory, process) != 0
                ? ProcessLayout.SAVED_MASK.get(memory, process) : TaskLayout.BLOCKED.get(memory, task());
        ProcessLayout.HAS_SAVED_MASK.set(memory, process, 0);
        if (!storeFrame(process, frame, x, signal, mask)) {
            return false;
        }
        int flags = SigActionLayout.FLAGS.get(memory, action);
        int own = (flags & SA_NODEFER) == 0 && signal < Integer.SIZE ? 1 << signal - 1 : 0;
        block(TaskLayout.BLOCKED.get(memory, task()) | SigActionLayout.MASK.get(memory, action) | own);
        if ((flags & SA_RESETHAND) != 0) {
            SigActionLayout.HANDLER.set(memory, action, SIG_DFL);
            actionChanged(process, signal);
        }
        x.setPc((int) handler);
        x.set(Registers.RA, (int) MmLayout.VDSO.get(memory, services.addressSpace()));
        x.set(Registers.SP, (int) frame);
        x.set(Registers.A0, signal);
        x.set(Registers.A1, (int) frame);
        x.set(Registers.A2, (int) frame + SIGINFO_BYTES);
        return true;
    }

    private boolean storeFrame(long process, long frame, Registers x, int signal, int mask) {
        long info = ProcessLayout.INFO.at(process, signal - 1);
        int[] registers = x.words().clone();
        return user.clearUser(frame, FRAME_BYTES) == 0
                && user.put32s(frame, signal, 0, SigInfoLayout.CODE.get(memory, info),
                        SigInfoLayout.FIRST.get(memory, info), 0, SigInfoLayout.STATUS.get(memory, info))
                && user.put32s(frame + SIGMASK, mask, 0)
                && user.put32s(frame + SC_REGS, registers);
    }

    /** {@code rt_sigreturn}: restores the registers that the handler's frame holds. Returns false for a bad frame. */
    boolean returnFromHandler(Registers x) {
        long frame = x.get(Registers.SP) & 0xffff_ffffL;
        int[] mask = new int[2];
        int[] registers = new int[x.words().length];
        if (frame % 16 != 0 || !user.get32s(frame + SIGMASK, mask) || !user.get32s(frame + SC_REGS, registers)) {
            return false;
        }
        System.arraycopy(registers, 0, x.words(), 0, registers.length);
        block(mask[0]);
        return true;
    }
}

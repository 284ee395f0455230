package ferrite.kernel.user;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.SigInfoLayout;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.sched.Sleep;
import ferrite.kernel.vm.UserMemory;

/** System calls about signals. */
final class SignalCalls {

    /** The size of a set of signals. */
    static final int SIGSET_BYTES = 8;

    private static final int SIG_BLOCK = 0;
    private static final int SIG_UNBLOCK = 1;
    private static final int SIG_SETMASK = 2;

    private final UserServices services;
    private final KernelMemory memory;
    private final UserMemory user;
    private final SignalDelivery signals;

    SignalCalls(UserServices services, SignalDelivery signals) {
        this.services = services;
        this.memory = services.memory();
        this.user = services.space().memory();
        this.signals = signals;
    }

    void addTo(SystemCalls calls) {
        calls.add(129, x -> kill(x.argument(0), x.argument(1), SigInfoLayout.SI_USER));
        calls.add(130, x -> kill(x.argument(0), x.argument(1), SigInfoLayout.SI_TKILL));
        calls.add(131, x -> x.argument(0) != x.argument(1) ? -Errno.ESRCH
                : kill(x.argument(1), x.argument(2), SigInfoLayout.SI_TKILL));
        calls.add(133, this::sigsuspend);
        calls.add(134, this::sigaction);
        calls.add(135, this::sigprocmask);
        calls.add(136, this::sigpending);
        calls.add(139, x -> signals.returnFromHandler(x) ? SystemCall.REGISTERS_SET : badFrame());
    }

    private long badFrame() {
        signals.force(services.process(), SignalDelivery.SIGSEGV, 0, 0);
        return SystemCall.REGISTERS_SET;
    }

    /** Sends one of the 31 standard signals; those of real time do not exist. */
    private long kill(int pid, int signal, int code) {
        if (signal < 0 || signal > ProcessLayout.STANDARD_SIGNALS) {
            return -Errno.EINVAL;
        }
        if (pid <= 0) {
            return -Errno.ESRCH;                       // there are no process groups
        }
        return signal != 0 ? services.tasks().tasks().kill(pid, signal, code)
                : services.tasks().tasks().exists(pid) ? 0 : -Errno.ESRCH;
    }

    private long sigaction(Registers x) {
        int signal = x.argument(0);
        boolean fixed = signal == SignalDelivery.SIGKILL || signal == SignalDelivery.SIGSTOP;
        if (signal < 1 || signal > ProcessLayout.SIGNALS || x.argument(3) != SIGSET_BYTES
                || fixed && x.pointer(1) != 0) {
            return -Errno.EINVAL;
        }
        long process = services.process();
        long action = ProcessLayout.ACTIONS.at(process, signal - 1);
        int[] wanted = new int[SigActionLayout.SIZE / Integer.BYTES];
        if (x.pointer(1) != 0 && !user.get32s(x.pointer(1), wanted)
                || x.pointer(2) != 0 && user.copyToUser(x.pointer(2), action, SigActionLayout.SIZE) != 0) {
            return -Errno.EFAULT;
        }
        if (x.pointer(1) != 0) {
            for (int i = 0; i < wanted.length; i++) {
                memory.store32(action + (long) i * Integer.BYTES, wanted[i]);
            }
            signals.actionChanged(process, signal);
        }
        return 0;
    }

    private long sigprocmask(Registers x) {
        if (x.argument(3) != SIGSET_BYTES) {
            return -Errno.EINVAL;
        }
        int blocked = TaskLayout.BLOCKED.get(memory, services.cpu().tp());
        int[] set = new int[2];
        if (x.pointer(1) != 0) {
            if (!user.get32s(x.pointer(1), set)) {
                return -Errno.EFAULT;
            }
            switch (x.argument(0)) {
                case SIG_BLOCK -> signals.block(blocked | set[0]);
                case SIG_UNBLOCK -> signals.block(blocked & ~set[0]);
                case SIG_SETMASK -> signals.block(set[0]);
                default -> {
                    return -Errno.EINVAL;
                }
            }
        }
        return x.pointer(2) == 0 || user.put32s(x.pointer(2), blocked, 0) ? 0 : -Errno.EFAULT;
    }

    private long sigpending(Registers x) {
        int pending = TaskLayout.PENDING.get(memory, services.cpu().tp())
                & TaskLayout.BLOCKED.get(memory, services.cpu().tp());
        return x.argument(1) > SIGSET_BYTES ? -Errno.EINVAL : user.put32s(x.pointer(0), pending, 0) ? 0 : -Errno.EFAULT;
    }

    /** Sleeps at the restart point until a signal comes that the given mask does not block. */
    private long sigsuspend(Registers x) {
        int[] set = new int[2];
        if (x.argument(1) != SIGSET_BYTES || !user.get32s(x.pointer(0), set)) {
            return x.argument(1) != SIGSET_BYTES ? -Errno.EINVAL : -Errno.EFAULT;
        }
        long process = services.process();
        signals.replaceMask(process, set[0]);
        if (services.tasks().signals().isPending()) {
            return -Errno.EINTR;
        }
        ProcessLayout.WAITS.set(memory, process, ProcessLayout.WAITS_FOR_TIME);
        services.tasks().sleep().prepareTimeout(Sleep.FOREVER);
        return SystemCall.WAIT;
    }
}

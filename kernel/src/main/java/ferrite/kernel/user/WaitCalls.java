package ferrite.kernel.user;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.sched.Tasks;
import ferrite.kernel.vm.UserMemory;
import java.util.List;

/** {@code wait4} and {@code waitid}. */
final class WaitCalls {

    private static final int WNOHANG = 1;
    private static final int WUNTRACED = 2;
    private static final int WCONTINUED = 8;
    private static final int RUSAGE_BYTES = 72;
    private static final int WEXITED = 4;
    private static final int WNOWAIT = 0x100_0000;
    private static final int P_ALL = 0;
    private static final int P_PID = 1;
    private static final int ANY = -1;
    private static final int SIGCHLD = 17;
    private static final int CLD_EXITED = 1;
    private static final int CLD_KILLED = 2;

    private final UserServices services;
    private final KernelMemory memory;
    private final UserMemory user;
    private final Tasks tasks;

    WaitCalls(UserServices services) {
        this.services = services;
        this.memory = services.memory();
        this.user = services.space().memory();
        this.tasks = services.tasks().tasks();
    }

    void addTo(SystemCalls calls) {
        calls.add(95, this::waitid);
        calls.add(260, this::wait4);
    }

    /** Tells the program of a dead child. */
    @FunctionalInterface
    private interface Tell {

        /** Returns whether the program's memory could be written. */
        boolean of(int pid, int code, int signal);
    }

    private long wait4(Registers x) {
        if ((x.argument(2) & ~(WNOHANG | WUNTRACED | WCONTINUED)) != 0) {
            return -Errno.EINVAL;
        }
        if (x.pointer(3) != 0 && user.clearUser(x.pointer(3), RUSAGE_BYTES) != 0) {
            return -Errno.EFAULT;                      // times of children are not kept
        }
        int wanted = x.argument(0) == 0 ? ANY : x.argument(0);       // all programs are of one group
        return await(wanted, x.argument(2), true, (pid, code, signal) -> x.pointer(1) == 0
                || user.put32(x.pointer(1), signal != 0 ? signal : (code & 0xff) << 8));
    }

    private long waitid(Registers x) {
        int options = x.argument(3);
        int type = x.argument(0);
        if ((options & WEXITED) == 0 || type != P_ALL && (type != P_PID || x.argument(1) <= 0)) {
            return -Errno.EINVAL;
        }
        long result = await(type == P_ALL ? ANY : x.argument(1), options, (options & WNOWAIT) == 0,
                (pid, code, signal) -> x.pointer(2) == 0 || user.put32s(x.pointer(2), SIGCHLD, 0,
                signal != 0 ? CLD_KILLED : CLD_EXITED, pid, 0, signal != 0 ? signal : code));
        if (result == 0 && x.pointer(2) != 0 && !user.put32s(x.pointer(2), 0, 0, 0, 0)) {
            return -Errno.EFAULT;
        }
        return result > 0 && result < SystemCall.WAIT ? 0 : result;
    }

    private long await(int pid, int options, boolean reaps, Tell tell) {
        List<Long> children = tasks.children().of(services.cpu().tp()).stream()
                .filter(child -> pid == ANY || tasks.pid(child) == pid).toList();
        if (children.isEmpty()) {
            return -Errno.ECHILD;
        }
        long dead = firstDead(children);
        if (dead == 0 && (options & WNOHANG) == 0) {
            boolean queued = services.tasks().waitQueues().prepareToWait(tasks.exitWait(), TaskLayout.INTERRUPTIBLE,
                    false);
            dead = firstDead(children);                // one may have died before the task was on the queue
            if (dead == 0) {
                ProcessLayout.WAITS.set(memory, services.process(), queued ? ProcessLayout.WAITS_FOR_CHILD : 0);
                return queued ? SystemCall.WAIT : -Errno.ERESTARTSYS;
            }
            services.tasks().waitQueues().finishWait(tasks.exitWait());
        }
        return dead == 0 ? 0 : tell(dead, reaps, tell);
    }

    private long firstDead(List<Long> children) {
        return children.stream().filter(tasks::isDead).findFirst().orElse(0L);
    }

    private long tell(long dead, boolean reaps, Tell tell) {
        int pid = tasks.pid(dead);
        int signal = TaskLayout.EXIT_SIGNAL.get(memory, dead);
        int code = reaps ? tasks.reap(dead) : TaskLayout.EXIT_CODE.get(memory, dead);
        return tell.of(pid, code, signal) ? pid : -Errno.EFAULT;
    }
}

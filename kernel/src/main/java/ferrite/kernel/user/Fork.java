package ferrite.kernel.user;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.sched.Tasks;
import java.util.List;

/** {@code clone} without threads: {@code fork}, and {@code vfork}, whose child has memory of its own here too. */
final class Fork {

    private static final int MAX_TASKS = 1000;
    private static final int CSIGNAL = 0xff;
    private static final int SIGCHLD = 17;
    private static final int CLONE_VM = 0x100;
    private static final int CLONE_VFORK = 0x4000;
    private static final int CLONE_SETTLS = 0x8_0000;
    private static final int CLONE_PARENT_SETTID = 0x10_0000;
    private static final int CLONE_CHILD_CLEARTID = 0x20_0000;
    private static final int CLONE_CHILD_SETTID = 0x100_0000;
    private static final int KNOWN = CSIGNAL | CLONE_VM | CLONE_VFORK | CLONE_SETTLS | CLONE_PARENT_SETTID
            | CLONE_CHILD_CLEARTID | CLONE_CHILD_SETTID;

    private final UserServices services;
    private final KernelMemory memory;
    private final Tasks tasks;
    private final Programs programs;

    Fork(UserServices services, Programs programs) {
        this.services = services;
        this.memory = services.memory();
        this.tasks = services.tasks().tasks();
        this.programs = programs;
    }

    /** {@code clone(flags, stack, parent_tid, tls, child_tid)}. Returns the child's pid, or a negative errno. */
    long clone(Registers x) {
        int flags = x.argument(0);
        boolean threads = (flags & CLONE_VM) != 0 && (flags & CLONE_VFORK) == 0;
        if ((flags & ~KNOWN) != 0 || threads || (flags & CSIGNAL) != SIGCHLD && (flags & CSIGNAL) != 0) {
            return -Errno.EINVAL;
        }
        if (tasks.withAll(List::size) >= MAX_TASKS) {
            return -Errno.EAGAIN;
        }
        long self = services.cpu().tp();
        long mm = services.space().spaces().copy(services.addressSpace());
        long process = mm == 0 ? 0 : copyProcess(services.process());
        long child = process == 0 ? 0
                : tasks.createProgramAsleep(TaskLayout.COMM.get(memory, self), programs.entry(), 0);
        if (child == 0) {
            if (process != 0) {
                programs.free(process);
            }
            if (mm != 0) {
                services.space().spaces().put(mm);
            }
            return -Errno.ENOMEM;
        }
        storeRegisters(x, flags, process);
        TaskLayout.MM.set(memory, child, mm);
        TaskLayout.PROCESS.set(memory, child, process);
        TaskLayout.SIGINFO.set(memory, child, ProcessLayout.INFO.at(process));
        TaskLayout.FLAGS.set(memory, child, TaskLayout.FLAGS.get(memory, child)
                | TaskLayout.FLAGS.get(memory, self) & TaskLayout.NO_CLD_WAIT);
        TaskLayout.BLOCKED.set(memory, child, TaskLayout.BLOCKED.get(memory, self));
        TaskLayout.IGNORED.set(memory, child, TaskLayout.IGNORED.get(memory, self));
        TaskLayout.SIG_IGN.set(memory, child, TaskLayout.SIG_IGN.get(memory, self));
        TaskLayout.CAUGHT.set(memory, child, TaskLayout.CAUGHT.get(memory, self));
        TaskLayout.NICE.set(memory, child, TaskLayout.NICE.get(memory, self));
        TaskLayout.POLICY.set(memory, child, TaskLayout.POLICY.get(memory, self));
        TaskLayout.RT_PRIORITY.set(memory, child, TaskLayout.RT_PRIORITY.get(memory, self));
        services.files().programs().copyDescriptors(child);
        tasks.wakeReserved(child);
        int pid = tasks.pid(child);
        if ((flags & CLONE_PARENT_SETTID) != 0) {
            services.space().memory().put32(x.pointer(2), pid);
        }
        return pid;
    }

    private long copyProcess(long process) {
        long copy = services.mm().kmalloc().kmalloc(ProcessLayout.SIZE, Gfp.GFP_KERNEL);
        if (copy != 0) {
            memory.copy(copy, process, ProcessLayout.SIZE);
            ProcessLayout.EXE.set(memory, copy, copyString(ProcessLayout.EXE.get(memory, process)));
            long cwd = ProcessLayout.CWD.get(memory, process);
            ProcessLayout.CWD.set(memory, copy, copyString(cwd));
            if (cwd != 0 && ProcessLayout.CWD.get(memory, copy) == 0) {
                programs.free(copy);                   // without memory the child would be in another directory
                return 0;
            }
            ProcessLayout.CLEAR_CHILD_TID.set(memory, copy, 0);
            ProcessLayout.FORCED.set(memory, copy, 0);
        }
        return copy;
    }

    private long copyString(long from) {
        return from == 0 ? 0 : services.mm().kmalloc().kstrdup(
                memory.loadUtf8(from, ProcessLayout.MAX_PATH));
    }

    private void storeRegisters(Registers x, int flags, long process) {
        Registers child = x.copy();
        child.setPc(x.pc() + Integer.BYTES);
        child.set(Registers.A0, 0);
        if (x.argument(1) != 0) {
            child.set(Registers.SP, x.argument(1));
        }
        if ((flags & CLONE_SETTLS) != 0) {
            child.set(Registers.TP, x.argument(3));
        }
        if ((flags & CLONE_CHILD_SETTID) != 0) {
            ProcessLayout.SET_CHILD_TID.set(memory, process, x.pointer(4));
        }
        if ((flags & CLONE_CHILD_CLEARTID) != 0) {
            ProcessLayout.CLEAR_CHILD_TID.set(memory, process, x.pointer(4));
        }
        child.store(memory, ProcessLayout.REGS.at(process));
    }
}

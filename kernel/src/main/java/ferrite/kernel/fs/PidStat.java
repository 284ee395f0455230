package ferrite.kernel.fs;

import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.mm.BuddyAllocator;
import ferrite.kernel.sched.Priorities;
import ferrite.kernel.sched.Signals;
import ferrite.kernel.sched.TaskSystem;
import ferrite.kernel.vm.MmLayout;
import ferrite.kernel.vm.UserMemory;
import java.util.List;

/** {@code /proc/PID/stat}: a task's 52 numbers (proc(5)), 0 where this kernel has none. */
final class PidStat extends ProcOperations {

    /** Linux's flags of a task: PF_MEMALLOC, and PF_KTHREAD for all but programs. */
    private static final int PF_MEMALLOC = 0x800;
    private static final int PF_KTHREAD = 0x20_0000;
    private static final int SIGCHLD = 17;
    /** The bits of signals 1 to 31, as many as the file has always had. */
    private static final int SIGNALS = 0x7fff_ffff;
    private static final String RLIM_INFINITY = "4294967295";

    private final KernelBase base;
    private final TaskSystem tasks;

    PidStat(KernelBase base, TaskSystem tasks, UserMemory user, BuddyAllocator pages) {
        super(base.memory(), user, pages);
        this.base = base;
        this.tasks = tasks;
    }

    @Override
    String textOf(long pid) {
        return text(base.peek(), (int) pid);
    }

    /** Returns the pids of all tasks. Only looks. */
    List<Integer> pids() {
        return tasks.tasks().all(base.peek()).stream().map(task -> TaskLayout.PID.get(base.peek(), task)).toList();
    }

    /** Returns the text for a pid, or null if no task has it. Only looks. */
    String text(ReadableMemory view, int pid) {
        List<Long> all = tasks.tasks().all(view);
        for (long task : all) {
            if (TaskLayout.PID.get(view, task) == pid) {
                return text(view, task, all.contains(TaskLayout.PARENT.get(view, task)));
            }
        }
        return null;
    }

    private String text(ReadableMemory view, long task, boolean hasParent) {
        int flags = TaskLayout.FLAGS.get(view, task);
        boolean program = (flags & TaskLayout.PROGRAM) != 0;
        long hundredths = tasks.scheduler().runtime(view, task, base.violations().now()) / StatFile.TICKS_PER_USER_HZ;
        int shown = (program ? 0 : PF_KTHREAD) | ((flags & TaskLayout.MEMALLOC) != 0 ? PF_MEMALLOC : 0);
        long userHundredths = TaskLayout.UTIME.get(view, task) / StatFile.TICKS_PER_USER_HZ;
        long mm = TaskLayout.MM.get(view, task);
        int parent = hasParent ? TaskLayout.PID.get(view, TaskLayout.PARENT.get(view, task)) : 0;
        return TaskLayout.PID.get(view, task) + " (" + TaskLayout.COMM.get(view, task) + ") "
                + TaskLayout.stateLetter(TaskLayout.STATE.get(view, task)) + " " + parent
                + " 0 0 0 -1 " + shown                 // pgrp session tty_nr tpgid flags
                + " " + (mm == 0 ? 0 : MmLayout.FAULTS.get(view, mm)) + " 0 0 0 " + userHundredths    // minflt … utime
                + " " + (hundredths - userHundredths)  // stime
                + " 0 0 " + Priorities.shown(view, task) + " " + TaskLayout.NICE.get(view, task)
                + " 1 0 "                              // cutime cstime priority nice num_threads itrealvalue
                + TaskLayout.START_TIME.get(view, task) / StatFile.TICKS_PER_USER_HZ
                + " " + memory(view, mm) + " 0 0 "     // vsize rss rsslim startcode endcode startstack; kstkesp kstkeip
                + (TaskLayout.PENDING.get(view, task) & SIGNALS) + " "
                + (TaskLayout.BLOCKED.get(view, task) & SIGNALS) + " "
                + (Signals.ignored(view, task) & SIGNALS) + " " + (Signals.caught(view, task) & SIGNALS)
                + " 0 0 0 " + SIGCHLD + " "            // wchan nswap cnswap exit_signal
                + TaskLayout.HART.get(view, task) + " " + TaskLayout.RT_PRIORITY.get(view, task) + " "
                + TaskLayout.POLICY.get(view, task)
                + " 0 0 0"                             // rt_priority policy blkio_ticks guest_time cguest_time
                + " 0 0 0 0 0 0 0 "                    // start_data end_data start_brk and the arguments' addresses
                + TaskLayout.EXIT_CODE.get(view, task) + "\n";
    }

    /** The sizes and places of a program; 0 for other tasks. */
    private static String memory(ReadableMemory view, long mm) {
        if (mm == 0) {
            return "0 0 " + RLIM_INFINITY + " 0 0 0";
        }
        return ((long) MmLayout.TOTAL_VM.get(view, mm) << AddressSpace.PAGE_SHIFT) + " " + MmLayout.RSS.get(view, mm)
                + " " + RLIM_INFINITY + " " + MmLayout.START_CODE.get(view, mm) + " " + MmLayout.END_CODE.get(view, mm)
                + " " + MmLayout.START_STACK.get(view, mm);
    }
}

package ferrite.kernel.fs;

import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.mm.BuddyAllocator;
import ferrite.kernel.sched.Signals;
import ferrite.kernel.sched.TaskSystem;
import ferrite.kernel.vm.MmLayout;
import ferrite.kernel.vm.UserMemory;
import java.util.List;
import java.util.Locale;

/**
 * {@code /proc/PID/status}: the lines of Linux 6.1 (proc(5)) that have a meaning here. A task that is no program has
 * none about memory, and every task is root's.
 */
final class PidStatus extends ProcOperations {

    private static final int KIB_SHIFT = AddressSpace.PAGE_SHIFT - 10;
    private static final long WORD = 0xffff_ffffL;
    private static final String ROOT = "\t0\t0\t0\t0\n";

    private final KernelBase base;
    private final TaskSystem tasks;

    PidStatus(KernelBase base, TaskSystem tasks, UserMemory user, BuddyAllocator pages) {
        super(base.memory(), user, pages);
        this.base = base;
        this.tasks = tasks;
    }

    @Override
    String textOf(long pid) {
        ReadableMemory view = base.peek();
        List<Long> all = tasks.tasks().all(view);
        for (long task : all) {
            if (TaskLayout.PID.get(view, task) == pid) {
                long parent = TaskLayout.PARENT.get(view, task);
                return text(view, task, all.contains(parent) ? TaskLayout.PID.get(view, parent) : 0);
            }
        }
        return null;
    }

    private static String text(ReadableMemory view, long task, int parent) {
        int pid = TaskLayout.PID.get(view, task);
        return "Name:\t" + TaskLayout.COMM.get(view, task) + "\nState:\t" + state(TaskLayout.STATE.get(view, task))
                + "\nTgid:\t" + pid + "\nNgid:\t0\nPid:\t" + pid + "\nPPid:\t" + parent + "\nTracerPid:\t0\nUid:"
                + ROOT + "Gid:" + ROOT + memory(view, TaskLayout.MM.get(view, task)) + "Threads:\t1\n"
                + signals("SigPnd", TaskLayout.PENDING.get(view, task) & WORD)
                + signals("SigBlk", TaskLayout.BLOCKED.get(view, task) & WORD)
                + signals("SigIgn", Signals.ignored(view, task)) + signals("SigCgt", Signals.caught(view, task));
    }

    private static String state(int state) {
        String letter = TaskLayout.stateLetter(state);
        return letter + switch (letter) {
            case "R" -> " (running)";
            case "S" -> " (sleeping)";
            case "D" -> " (disk sleep)";
            case "Z" -> " (zombie)";
            default -> " (dead)";
        };
    }

    private static String memory(ReadableMemory view, long mm) {
        return mm == 0 ? "" : kibibytes("VmSize", MmLayout.TOTAL_VM.get(view, mm))
                + kibibytes("VmRSS", MmLayout.RSS.get(view, mm));
    }

    private static String kibibytes(String name, int pages) {
        return name + ":\t" + ProcText.right((long) pages << KIB_SHIFT, 8) + " kB\n";
    }

    private static String signals(String name, long mask) {
        return String.format(Locale.ROOT, "%s:\t%016x\n", name, mask);
    }
}

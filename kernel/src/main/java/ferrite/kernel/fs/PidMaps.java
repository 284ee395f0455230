package ferrite.kernel.fs;

import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.mm.BuddyAllocator;
import ferrite.kernel.sched.TaskSystem;
import ferrite.kernel.vm.MmLayout;
import ferrite.kernel.vm.UserMemory;
import ferrite.kernel.vm.UserSpace;
import ferrite.kernel.vm.VmAreaLayout;
import ferrite.kernel.vm.VmFlags;
import java.util.Locale;

/** {@code /proc/PID/maps}: the areas of a program (proc(5)); empty for other tasks. */
final class PidMaps extends ProcOperations {

    private static final int NAME_COLUMN = 73;

    private final KernelBase base;
    private final TaskSystem tasks;
    private final RootFs rootFs;

    PidMaps(KernelBase base, TaskSystem tasks, UserMemory user, BuddyAllocator pages, RootFs rootFs) {
        super(base.memory(), user, pages);
        this.base = base;
        this.tasks = tasks;
        this.rootFs = rootFs;
    }

    @Override
    String textOf(long pid) {
        ReadableMemory view = base.peek();
        for (long task : tasks.tasks().all(view)) {
            if (TaskLayout.PID.get(view, task) == pid) {
                return text(view, TaskLayout.MM.get(view, task));
            }
        }
        return null;
    }

    private String text(ReadableMemory view, long mm) {
        StringBuilder text = new StringBuilder();
        if (mm != 0) {
            UserSpace.areas(view, mm).forEach(area -> text.append(line(view, mm, area)));
        }
        return text.toString();
    }

    private String line(ReadableMemory view, long mm, long area) {
        int flags = VmAreaLayout.VM_FLAGS.get(view, area);
        long file = VmAreaLayout.VM_FILE.get(view, area);
        long inode = file != 0 && FileLayout.OPERATIONS.get(view, file) == rootFs.operations()
                ? FileLayout.DATA.get(view, file) : 0;
        String facts = String.format(Locale.ROOT, "%08x-%08x %s %08x 00:00 %d", VmAreaLayout.VM_START.get(view, area),
                VmAreaLayout.VM_END.get(view, area), access(flags),
                file == 0 ? 0 : VmAreaLayout.VM_PGOFF.get(view, area) << AddressSpace.PAGE_SHIFT,
                inode == 0 ? 0 : rootFs.stat(inode).number());
        String name = inode != 0 ? "/" + rootFs.path(view, inode) : name(view, mm, area);
        return facts + (name.isEmpty() ? "" : " ".repeat(Math.max(1, NAME_COLUMN - facts.length())) + name) + "\n";
    }

    private static String access(int flags) {
        return ((flags & VmFlags.VM_READ) != 0 ? "r" : "-") + ((flags & VmFlags.VM_WRITE) != 0 ? "w" : "-")
                + ((flags & VmFlags.VM_EXEC) != 0 ? "x" : "-") + ((flags & VmFlags.VM_SHARED) != 0 ? "s" : "p");
    }

    private static String name(ReadableMemory view, long mm, long area) {
        long start = VmAreaLayout.VM_START.get(view, area);
        boolean heap = VmAreaLayout.VM_END.get(view, area) > MmLayout.START_BRK.get(view, mm)
                && start < MmLayout.BRK.get(view, mm);
        boolean stack = (VmAreaLayout.VM_FLAGS.get(view, area) & VmFlags.VM_GROWSDOWN) != 0;
        return start == MmLayout.VDSO.get(view, mm) ? "[vdso]" : heap ? "[heap]" : stack ? "[stack]" : "";
    }
}

package ferrite.kernel.user;

import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.fs.Files;
import ferrite.kernel.mm.MemoryManager;
import ferrite.kernel.sched.TaskSystem;
import ferrite.kernel.vm.UserSpace;

/** The parts of the kernel that programs use. */
public record UserServices(KernelBase base, TaskSystem tasks, MemoryManager mm, UserSpace space, Files files) {

    KernelMemory memory() {
        return base.memory();
    }

    KernelCpu cpu() {
        return base.cpu();
    }

    /** The current task's program. */
    long process() {
        return TaskLayout.PROCESS.get(base.memory(), base.cpu().tp());
    }

    /** The current task's address space. */
    long addressSpace() {
        return TaskLayout.MM.get(base.memory(), base.cpu().tp());
    }
}

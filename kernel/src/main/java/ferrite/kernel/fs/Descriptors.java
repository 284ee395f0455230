package ferrite.kernel.fs;

import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.core.KernelBase;

/** The table of the current task's open files. The table holds a reference to each. */
final class Descriptors {

    private final KernelMemory memory;
    private final KernelCpu cpu;

    Descriptors(KernelBase base) {
        this.memory = base.memory();
        this.cpu = base.cpu();
    }

    /** Returns the file of a descriptor, or 0. */
    long file(int descriptor) {
        return isPossible(descriptor) ? TaskLayout.FILES.get(memory, cpu.tp(), descriptor) : 0;
    }

    static boolean isPossible(int descriptor) {
        return descriptor >= 0 && descriptor < TaskLayout.MAX_FILES;
    }

    /** Returns the lowest free number that is not below {@code lowest}, or {@code -EMFILE}. */
    int free(int lowest) {
        for (int descriptor = lowest; descriptor < TaskLayout.MAX_FILES; descriptor++) {
            if (file(descriptor) == 0) {
                return descriptor;
            }
        }
        return -Errno.EMFILE;
    }

    /** Gives a file a number. */
    void set(int descriptor, long file) {
        TaskLayout.FILES.set(memory, cpu.tp(), descriptor, file);
    }

    /** Takes a file out of the table. */
    void clear(int descriptor) {
        set(descriptor, 0);
        setCloseOnExec(descriptor, false);
    }

    void setCloseOnExec(int descriptor, boolean on) {
        int bit = 1 << descriptor;
        if (on) {
            TaskLayout.CLOSE_ON_EXEC.amoOr(memory, cpu.tp(), bit);
        } else {
            TaskLayout.CLOSE_ON_EXEC.amoAnd(memory, cpu.tp(), ~bit);
        }
    }

    boolean isClosedOnExec(int descriptor) {
        return (TaskLayout.CLOSE_ON_EXEC.get(memory, cpu.tp()) >> descriptor & 1) != 0;
    }

    /** Writes the table into another task's record. */
    void copyTo(long child) {
        for (int descriptor = 0; descriptor < TaskLayout.MAX_FILES; descriptor++) {
            TaskLayout.FILES.set(memory, child, descriptor, file(descriptor));
        }
        TaskLayout.CLOSE_ON_EXEC.set(memory, child, TaskLayout.CLOSE_ON_EXEC.get(memory, cpu.tp()));
    }
}

package ferrite.book.base;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.driver.KernelCalls;

/**
 * A static pointer of a driver, as C's {@code static struct scull_dev *scull_devices}. It is in RAM, so that a snapshot
 * has it: in the first copy of a per-CPU variable, which is the only memory that a driver has before it allocates any.
 */
public final class StaticPointer {

    private static final int BYTES = 4;

    private final KernelCalls kernel;
    private final KernelMemory memory;
    private final long variable;

    /** Defines the pointer, which is 0 at first. Called in {@code link}. */
    public StaticPointer(KernelCalls kernel, TextTable.Module text, String name) {
        this.kernel = kernel;
        this.memory = kernel.memory();
        this.variable = kernel.definePerCpu(text, name, BYTES, BYTES);
    }

    /** Returns the pointer. Any context. */
    public long get() {
        return memory.loadAddress(kernel.perCpuPtr(variable, 0));
    }

    /** Sets the pointer. Any context. */
    public void set(long address) {
        memory.storeAddress(kernel.perCpuPtr(variable, 0), address);
    }
}

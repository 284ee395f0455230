package ferrite.kernel.sched;

import ferrite.hardware.turn.ReadableMemory;

/** The entry of a task that executes a program of machine code. */
public interface ProgramEntry extends TaskEntry {

    /**
     * As {@link #run}, for a task whose program the hart executes already, before this kernel attached.
     *
     * @param view finds what the call needs, and only looks
     * @param sp   the task's stack pointer in the kernel
     */
    int resume(ReadableMemory view, long task, long sp);
}

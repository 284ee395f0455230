package ferrite.hardware.debug;

import java.util.List;

/** Lists the tasks of the kernel that a machine runs, for a debugger that shows them beside the harts. Only looks. */
@FunctionalInterface
public interface TaskLister {

    /** A machine without such a kernel. */
    TaskLister NONE = List::of;

    /**
     * A task.
     *
     * @param pid           its number, above 0
     * @param state         what it does, in a few words
     * @param hart          the hart that it is on, or -1
     * @param pc            where it goes on when it gets a hart
     * @param returnAddress the address to which the code there returns
     * @param tp            the address of its record
     * @param sp            its stack pointer, while it is on no hart
     */
    record Task(int pid, String name, String state, int hart, int pc, int returnAddress, int tp, int sp) { }

    /** Returns the tasks in the order of their creation. */
    List<Task> tasks();
}

package ferrite.kernel.sched;

import ferrite.kernel.base.DriverApi;

/**
 * The entry function of a task. The kernel calls it repeatedly. Between two calls the task is at its restart point, and
 * none of its Java frames matters. Before it returns {@link #AGAIN}, it usually prepares to wait for an event.
 */
@DriverApi
@FunctionalInterface
public interface TaskEntry {

    /** The return value that asks for another call. Any other value, 0 to 255, is the task's exit code. */
    int AGAIN = -1;

    /** @param argument the argument that the task was created with */
    int run(long argument);
}

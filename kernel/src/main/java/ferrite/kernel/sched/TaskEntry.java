package ferrite.kernel.sched;

import ferrite.kernel.base.DriverApi;

/**
 * Where a task begins. It is called again and again; between two calls the task is at its restart point, and no Java frame of it matters. Before it
 * returns {@link #AGAIN} it has usually prepared to wait for something.
 */
@DriverApi
@FunctionalInterface
public interface TaskEntry {

    /** Returned when the task is to be called again, once it runs. Anything else is its exit code, from 0 to 255. */
    int AGAIN = -1;

    /** @param argument what the task was made with */
    int run(long argument);
}

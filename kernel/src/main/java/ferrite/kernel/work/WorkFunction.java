package ferrite.kernel.work;

import ferrite.kernel.base.DriverApi;

/** The function of a work item, called by a task of the kernel: it may sleep. */
@DriverApi
@FunctionalInterface
public interface WorkFunction {

    /** @param work the work item's address; the function may free it, or queue it again */
    void run(long work);
}

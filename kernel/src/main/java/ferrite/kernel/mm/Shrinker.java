package ferrite.kernel.mm;

import ferrite.kernel.base.DriverApi;

/**
 * One of a shrinker's two callbacks, {@code count_objects} or {@code scan_objects}, at a text address. Called in a task that may sleep, with {@code PF_MEMALLOC} set: its own
 * allocations may use up the reserve, and do not reclaim again.
 */
@DriverApi
@FunctionalInterface
public interface Shrinker {

    /** What {@code scan_objects} returns when it can free nothing now. */
    long SHRINK_STOP = -1;

    /**
     * @param data    the shrinker's own, see {@link ShrinkerLayout#DATA}
     * @param control what is asked
     * @return of {@code count_objects} how many objects could be freed; of {@code scan_objects} how many were freed, or {@link #SHRINK_STOP}
     */
    long call(long data, ShrinkControl control);
}

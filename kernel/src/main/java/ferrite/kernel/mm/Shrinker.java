package ferrite.kernel.mm;

import ferrite.kernel.base.DriverApi;

/**
 * One of a shrinker's two callbacks, {@code count_objects} or {@code scan_objects}, at a text address. It runs in a
 * task that may sleep, with {@code PF_MEMALLOC} set: its own allocations may use the reserve and do not reclaim.
 */
@DriverApi
@FunctionalInterface
public interface Shrinker {

    /** Result of {@code scan_objects} if it can free nothing now. */
    long SHRINK_STOP = -1;

    /**
     * Counts or frees objects.
     *
     * @param data    the shrinker's own, see {@link ShrinkerLayout#DATA}
     * @param control the request
     * @return of {@code count_objects} the objects that can be freed; of {@code scan_objects} the objects freed, or
     *         {@link #SHRINK_STOP}
     */
    long call(long data, ShrinkControl control);
}

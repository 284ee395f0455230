package ferrite.kernel.mm;

import ferrite.kernel.base.DriverApi;

/**
 * Sets up an object when its slab is made, or tears it down when the slab is released (LDD3 page 218). Must not sleep.
 */
@DriverApi
@FunctionalInterface
public interface Constructor {

    void run(long object);
}

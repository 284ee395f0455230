package ferrite.kernel.mm;

import ferrite.kernel.base.DriverApi;

/** Makes an object of a lookaside cache when its slab is made, or unmakes it when the slab goes (LDD3 page 218). Does not sleep. */
@DriverApi
@FunctionalInterface
public interface Constructor {

    void run(long object);
}

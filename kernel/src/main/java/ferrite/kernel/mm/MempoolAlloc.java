package ferrite.kernel.mm;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.Gfp;

/** {@code mempool_alloc_t}: allocates an element for a {@link Mempool}. */
@DriverApi
@FunctionalInterface
public interface MempoolAlloc {

    /**
     * Allocates an element. May sleep if the flags allow it.
     *
     * @param gfp  flags of {@link Gfp}
     * @param data of the pool
     * @return the element, or 0
     */
    long alloc(int gfp, long data);
}

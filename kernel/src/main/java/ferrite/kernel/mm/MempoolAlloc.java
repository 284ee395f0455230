package ferrite.kernel.mm;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.Gfp;

/** {@code mempool_alloc_t}: how a {@link Mempool} gets an element. */
@DriverApi
@FunctionalInterface
public interface MempoolAlloc {

    /**
     * May sleep if the flags may.
     *
     * @param gfp  flags of {@link Gfp}
     * @param data of the pool
     * @return the element, or 0 when there is none
     */
    long alloc(int gfp, long data);
}

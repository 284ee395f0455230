package ferrite.kernel.mm;

import ferrite.kernel.base.DriverApi;

/** {@code mempool_free_t}: frees an element of a {@link Mempool}. Any context. */
@DriverApi
@FunctionalInterface
public interface MempoolFree {

    /** @param data of the pool */
    void free(long element, long data);
}

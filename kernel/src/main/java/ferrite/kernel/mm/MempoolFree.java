package ferrite.kernel.mm;

/** {@code mempool_free_t}: how a {@link Mempool} gives an element back. Any context. */
@FunctionalInterface
public interface MempoolFree {

    /** @param data of the pool */
    void free(long element, long data);
}

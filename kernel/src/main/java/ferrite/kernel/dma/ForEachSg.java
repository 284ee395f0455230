package ferrite.kernel.dma;

import ferrite.kernel.base.DriverApi;

/** The body of {@code for_each_sg}. */
@DriverApi
@FunctionalInterface
public interface ForEachSg {

    /**
     * Handles an entry.
     *
     * @param sg    its address
     * @param index counts from 0
     */
    void entry(long sg, int index);
}

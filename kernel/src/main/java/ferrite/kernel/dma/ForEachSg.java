package ferrite.kernel.dma;

import ferrite.kernel.base.DriverApi;

/** The body of {@code for_each_sg}. */
@DriverApi
@FunctionalInterface
public interface ForEachSg {

    /**
     * Handles an entry.
     *
     * @param sg    the entry's address
     * @param index the entry's index, from 0
     */
    void entry(long sg, int index);
}

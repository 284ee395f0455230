package ferrite.kernel.block;

import ferrite.kernel.base.DriverApi;

/**
 * The body of {@code rq_for_each_segment} and {@code bio_for_each_segment}.
 */
@DriverApi
@FunctionalInterface
public interface BvecBody {

    /**
     * Handles a segment.
     *
     * @param page   address of its {@code struct page}
     * @param offset of its bytes in the page
     * @param bytes  at most a page
     */
    void segment(long page, int offset, int bytes);
}

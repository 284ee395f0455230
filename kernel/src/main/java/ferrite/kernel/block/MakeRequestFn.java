package ferrite.kernel.block;

import ferrite.kernel.base.DriverApi;

/**
 * The function of a driver without a queue (LDD3 page 490): it serves a bio, and ends it by {@code bio_endio}. It may
 * sleep.
 */
@DriverApi
@FunctionalInterface
public interface MakeRequestFn {

    /** @param bio address of a {@link BioLayout}; {@code QUEUEDATA} of the queue is the driver's */
    void make(long queue, long bio);
}

package ferrite.kernel.block;

import ferrite.kernel.base.DriverApi;

/**
 * The request function of a driver (LDD3 page 474). It is called with the queue's lock held, so it must not sleep. It
 * fetches requests and ends them at once, or has a work item or an interrupt handler do so.
 */
@DriverApi
@FunctionalInterface
public interface RequestFn {

    /** @param queue address of the {@link RequestQueueLayout} */
    void request(long queue);
}

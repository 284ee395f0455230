package ferrite.kernel.fs;

import ferrite.kernel.base.DriverApi;

/** A driver's function that cancels an asynchronous operation. */
@FunctionalInterface
@DriverApi
public interface KiocbCancel {

    /**
     * Cancels an operation, which the driver then completes soon with {@code aio_complete}, unless it has done so. Task
     * context; may sleep.
     *
     * <p>Another hart, or an interrupt handler, can complete the operation just before the call. So the function does
     * not rely on a record that the driver frees at the completion: it looks for the operation among those in progress,
     * with the lock under which they are taken off to be completed.
     *
     * @param iocb address of a {@link KiocbLayout}
     * @return 0, or a negative errno if the operation goes on
     */
    int cancel(long iocb);
}

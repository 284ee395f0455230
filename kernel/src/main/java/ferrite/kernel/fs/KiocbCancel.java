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
     * @param iocb address of a {@link KiocbLayout}
     * @return 0, or a negative errno if the operation goes on
     */
    int cancel(long iocb);
}

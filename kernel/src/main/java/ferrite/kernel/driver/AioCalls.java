package ferrite.kernel.driver;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.fs.FileOperations;
import ferrite.kernel.fs.KiocbCancel;

/**
 * Asynchronous I/O (LDD3 pages 437-441), for drivers with {@link FileOperations#aioRead} or {@code aioWrite}. {@code
 * iocb} is the address of a {@link ferrite.kernel.fs.KiocbLayout}.
 */
@DriverApi
public interface AioCalls {

    /**
     * Returns whether an operation is synchronous: a caller waits, so that the driver does it at once (LDD3 page 438).
     * Any context.
     */
    @CName("is_sync_kiocb")
    boolean isSyncKiocb(long iocb);

    /**
     * Completes an operation that has returned {@code -EIOCBQUEUED} (LDD3 page 439), once. The record belongs to the
     * driver no more. Any context. A second completion is reported.
     *
     * @param result  the number of bytes, or a negative errno
     * @param result2 a second result for the program, mostly 0
     */
    @CName("aio_complete")
    void aioComplete(long iocb, long result, long result2);

    /**
     * Lets {@code io_cancel} and the end of the program cancel an operation. Any context. The function may be called
     * also when the operation has just been completed.
     *
     * @param cancel text address of a {@link KiocbCancel}
     */
    @CName("kiocb_set_cancel_fn")
    void kiocbSetCancelFn(long iocb, long cancel);

    /**
     * Reads by {@link FileOperations#aioRead}, and waits until the operation is complete: the {@code read} operation of
     * a driver that has only the asynchronous one. Task context; may sleep. Returns as {@code read} does.
     */
    @CName("do_sync_read")
    int doSyncRead(long file, long to, int count, long position);

    /** Writes by {@link FileOperations#aioWrite}, as {@link #doSyncRead}. Task context; may sleep. */
    @CName("do_sync_write")
    int doSyncWrite(long file, long from, int count, long position);
}

package ferrite.kernel.fs;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.Errno;
import ferrite.kernel.vm.VmAreaLayout;

/**
 * A driver's operations on an open file (LDD3 pages 49-53). The kernel calls them in task context, and they may sleep.
 * If a signal ends an interruptible sleep, the operation releases its resources and returns {@code -ERESTARTSYS}, or
 * the number of bytes done so far. {@code file} is the address of the file's record ({@link FileLayout}). Results below
 * zero are negative {@link Errno}s.
 */
@DriverApi
public interface FileOperations {

    /** Opens a file. The driver may use {@link FileLayout#PRIVATE}. */
    default int open(long file) {
        return 0;
    }

    /**
     * Reads up to {@code count} bytes at {@code position} into memory at {@code to}.
     *
     * @return the number of bytes; 0 at the end
     */
    default int read(long file, long to, int count, long position) {
        return -Errno.EINVAL;
    }

    /** Writes up to {@code count} bytes from memory at {@code from}; returns the number of bytes. */
    default int write(long file, long from, int count, long position) {
        return -Errno.EINVAL;
    }

    /** Returns the file's size in bytes, or a negative errno if it has none. */
    default long size(long file) {
        return -Errno.EINVAL;
    }

    /**
     * Moves the file's position. A driver that does not implement it has {@code default_llseek}.
     *
     * @param whence {@link Fcntl#SEEK_SET} and its kin
     * @return the new position; {@code -ENOSYS} stands for {@code default_llseek}
     */
    default long llseek(long file, long offset, int whence) {
        return -Errno.ENOSYS;
    }

    /**
     * Tells which events have come, after it has called {@code poll_wait} for each queue that is woken when one comes
     * (LDD3 page 164). A driver that does not implement it never lets a task sleep, and {@code epoll}
     * refuses its files.
     *
     * @param table for {@code poll_wait}
     * @return a mask of {@link PollEvents}; {@code -ENOSYS} stands for no such operation
     */
    default int poll(long file, long table) {
        return -Errno.ENOSYS;
    }

    /**
     * Obeys a command (LDD3 pages 135-147).
     *
     * @param command  a number of {@link Ioctl}
     * @param argument a value, or the address of the program's bytes
     * @return 0 or more; {@code -ENOTTY} if the driver does not know the command
     */
    default int ioctl(long file, int command, long argument) {
        return -Errno.ENOTTY;
    }

    /**
     * Maps the file, or a device's memory, for a program (LDD3 page 422): with {@code remap_pfn_range} at once, or by
     * {@link VmAreaLayout#VM_OPS} page by page. The driver checks the area's size against its own.
     *
     * @param area address of a {@link VmAreaLayout}
     * @return 0, or a negative errno; {@code -ENODEV} stands for a file that cannot be mapped
     */
    default int mmap(long file, long area) {
        return -Errno.ENODEV;
    }

    /**
     * Begins or ends to send the file's program SIGIO when there is an event, with {@code fasync_helper} (LDD3 page
     * 171). The kernel calls it to end it before {@link #release}.
     *
     * @param descriptor the file's number, or -1 at the end of the file
     * @return 0 or more, or a negative errno; {@code -ENOTTY} stands for no such operation
     */
    default int fasync(int descriptor, long file, boolean on) {
        return -Errno.ENOTTY;
    }

    /**
     * Begins to read (LDD3 page 438). If {@code is_sync_kiocb}, or if the bytes are there, it reads them at once and
     * returns as {@link #read} does. Otherwise it returns {@code -EIOCBQUEUED}, and calls {@code aio_complete} once,
     * later.
     *
     * @param iocb address of a {@link KiocbLayout}
     * @return the number of bytes, or a negative errno; {@code -ENOSYS} stands for no such operation
     */
    default int aioRead(long iocb, long to, int count, long position) {
        return -Errno.ENOSYS;
    }

    /** Begins to write, as {@link #aioRead}. */
    default int aioWrite(long iocb, long from, int count, long position) {
        return -Errno.ENOSYS;
    }

    /**
     * Begins to complete the file's writes, as {@link #aioRead}.
     *
     * @param dataOnly whether the file's size and times may be left out
     */
    default int aioFsync(long iocb, boolean dataOnly) {
        return -Errno.ENOSYS;
    }

    /**
     * Completes the file's writes before it is closed.
     *
     * @return the result of {@code close}: 0 or a negative errno
     */
    default int flush(long file) {
        return 0;
    }

    /** Releases the driver's resources after the file's last descriptor was closed. */
    default void release(long file) { }
}

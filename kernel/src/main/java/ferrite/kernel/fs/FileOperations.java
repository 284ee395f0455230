package ferrite.kernel.fs;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.Errno;

/**
 * What a driver does for an open file (LDD3 pages 49-53). All are called in task context and may sleep. One whose
 * interruptible sleep a signal ended gives back what it holds and returns {@code -ERESTARTSYS}, or how much it had done. {@code file} is the address of the file's
 * record ({@link FileLayout}); results below zero are negative {@link Errno}s.
 */
@DriverApi
public interface FileOperations {

    /** A file was opened; {@link FileLayout#PRIVATE} is the driver's to use. */
    default int open(long file) {
        return 0;
    }

    /**
     * Puts up to {@code count} bytes from {@code position} on into memory at {@code to}.
     *
     * @return how many; 0 at the end
     */
    default int read(long file, long to, int count, long position) {
        return -Errno.EINVAL;
    }

    /** Takes up to {@code count} bytes from memory at {@code from}; returns how many. */
    default int write(long file, long from, int count, long position) {
        return -Errno.EINVAL;
    }

    /** How many bytes the file has, or a negative errno when that cannot be said. */
    default long size(long file) {
        return -Errno.EINVAL;
    }

    /**
     * The file is about to be closed: what was written is to reach where it belongs.
     *
     * @return 0, or what {@code close} is to return
     */
    default int flush(long file) {
        return 0;
    }

    /** The last descriptor of an open file was closed. */
    default void release(long file) { }
}

package ferrite.kernel.base;

/**
 * Linux's error numbers. A kernel call that fails returns one of them negated. A call that returns an address returns 0
 * instead.
 */
@DriverApi
public final class Errno {

    public static final int EPERM = 1;
    public static final int ENOENT = 2;
    public static final int ESRCH = 3;
    public static final int EINTR = 4;
    public static final int EIO = 5;
    public static final int ENXIO = 6;
    public static final int E2BIG = 7;
    public static final int ENOEXEC = 8;
    public static final int EBADF = 9;
    public static final int ECHILD = 10;
    public static final int EAGAIN = 11;
    public static final int ENOMEM = 12;
    public static final int EACCES = 13;
    public static final int EFAULT = 14;
    public static final int EBUSY = 16;
    public static final int EEXIST = 17;
    public static final int ENODEV = 19;
    public static final int ENOTDIR = 20;
    public static final int EISDIR = 21;
    public static final int EINVAL = 22;
    public static final int EMFILE = 24;
    public static final int ENOTTY = 25;
    public static final int EFBIG = 27;
    public static final int ENOSPC = 28;
    public static final int ESPIPE = 29;
    public static final int EROFS = 30;
    public static final int EPIPE = 32;
    public static final int ERANGE = 34;
    public static final int ENAMETOOLONG = 36;
    public static final int ENOSYS = 38;
    public static final int ELOOP = 40;
    public static final int ETIME = 62;
    public static final int EOVERFLOW = 75;
    public static final int EMSGSIZE = 90;
    public static final int ENETUNREACH = 101;
    public static final int ENOBUFS = 105;
    public static final int EINPROGRESS = 115;
    /** Inside the kernel only: a signal ended a sleep. Programs see {@link #EINTR}. */
    public static final int ERESTARTSYS = 512;

    /** Inside the kernel only: a probe needs a device that is not there yet, and is to be tried again. */
    public static final int EPROBE_DEFER = 517;
    /**
     * The current system call waits at its program's restart point, and will be made again. No program sees this.
     */
    public static final int ERESTART_WAIT = 520;
    /** An asynchronous operation has begun, and will be completed by {@code aio_complete} (LDD3 page 439). */
    public static final int EIOCBQUEUED = 529;

    private Errno() { }

    /** Returns {@code strerror}'s text for an error number, positive or negated. */
    public static String message(int errno) {
        return switch (Math.abs(errno)) {
            case EPERM -> "Operation not permitted";
            case ENOENT -> "No such file or directory";
            case ESRCH -> "No such process";
            case EINTR -> "Interrupted system call";
            case EIO -> "Input/output error";
            case ENXIO -> "No such device or address";
            case E2BIG -> "Argument list too long";
            case ENOEXEC -> "Exec format error";
            case EBADF -> "Bad file descriptor";
            case ECHILD -> "No child processes";
            case EAGAIN -> "Resource temporarily unavailable";
            case ENOMEM -> "Cannot allocate memory";
            case EACCES -> "Permission denied";
            case EFAULT -> "Bad address";
            case EBUSY -> "Device or resource busy";
            case EEXIST -> "File exists";
            case ENODEV -> "No such device";
            case ENOTDIR -> "Not a directory";
            case EISDIR -> "Is a directory";
            case EINVAL -> "Invalid argument";
            case EMFILE -> "Too many open files";
            case ENOTTY -> "Inappropriate ioctl for device";
            case EFBIG -> "File too large";
            case ENOSPC -> "No space left on device";
            case ESPIPE -> "Illegal seek";
            case EROFS -> "Read-only file system";
            case EPIPE -> "Broken pipe";
            case ERANGE -> "Numerical result out of range";
            case ENAMETOOLONG -> "File name too long";
            case ELOOP -> "Too many levels of symbolic links";
            case EOVERFLOW -> "Value too large for defined data type";
            case ETIME -> "Timer expired";
            case EMSGSIZE -> "Message too long";
            case ENETUNREACH -> "Network is unreachable";
            case ENOBUFS -> "No buffer space available";
            case EINPROGRESS -> "Operation now in progress";
            case ENOSYS -> "Function not implemented";
            default -> "Unknown error " + Math.abs(errno);
        };
    }
}

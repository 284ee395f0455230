package ferrite.peripherals.semihosting;

/** A call that fails, with the error number that SYS_ERRNO gives. The numbers are Linux's. */
final class Refusal extends Exception {

    private static final long serialVersionUID = 1;

    static final int ENOENT = 2;
    static final int EIO = 5;
    static final int EBADF = 9;
    static final int EACCES = 13;
    static final int EFAULT = 14;
    static final int ENOTDIR = 20;
    static final int EISDIR = 21;
    static final int EINVAL = 22;
    static final int EMFILE = 24;
    static final int EFBIG = 27;
    static final int ENOSPC = 28;
    static final int ESPIPE = 29;
    static final int ENAMETOOLONG = 36;
    static final int ENOSYS = 38;

    private final int number;

    Refusal(int number) {
        super(null, null, false, false);
        this.number = number;
    }

    int number() {
        return number;
    }
}

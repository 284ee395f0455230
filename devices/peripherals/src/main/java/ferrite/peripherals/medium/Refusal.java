package ferrite.peripherals.medium;

/** A request for a file of the host that fails, with Linux's error number. */
public final class Refusal extends Exception {

    private static final long serialVersionUID = 1;

    public static final int ENOENT = 2;
    public static final int EIO = 5;
    public static final int EBADF = 9;
    public static final int EACCES = 13;
    public static final int EFAULT = 14;
    public static final int EBUSY = 16;
    public static final int ENOTDIR = 20;
    public static final int EISDIR = 21;
    public static final int EINVAL = 22;
    public static final int EMFILE = 24;
    public static final int EFBIG = 27;
    public static final int ENOSPC = 28;
    public static final int ESPIPE = 29;
    public static final int ENAMETOOLONG = 36;
    public static final int ENOSYS = 38;

    private final int number;

    /** @param number one of the numbers above */
    public Refusal(int number) {
        super(null, null, false, false);
        this.number = number;
    }

    public int number() {
        return number;
    }
}

package ferrite.kernel.fs;

import ferrite.kernel.base.DriverApi;

/**
 * Device numbers (LDD3 page 44), as linux/kdev_t.h takes them apart. The methods have the names of the macros.
 *
 * <pre>
 *   31        20 19                    0
 *  +------------+-----------------------+
 *  |   major    |         minor         |
 *  +------------+-----------------------+
 * </pre>
 */
@DriverApi
public final class Kdev {

    private static final int MINOR_BITS = 20;
    static final int MINOR_MASK = (1 << MINOR_BITS) - 1;

    private Kdev() { }

    public static int MKDEV(int major, int minor) {
        return major << MINOR_BITS | minor & MINOR_MASK;
    }

    public static int MAJOR(int dev) {
        return dev >>> MINOR_BITS;
    }

    public static int MINOR(int dev) {
        return dev & MINOR_MASK;
    }

    /** {@code new_encode_dev}: returns a number as {@code stat} tells it to programs. */
    public static int newEncodeDev(int dev) {
        return MINOR(dev) & 0xff | MAJOR(dev) << 8 | (MINOR(dev) & ~0xff) << 12;
    }
}

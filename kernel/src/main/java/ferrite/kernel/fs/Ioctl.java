package ferrite.kernel.fs;

import ferrite.kernel.base.DriverApi;

/**
 * The numbers of {@code ioctl} commands (LDD3 pages 136-140), as asm-generic/ioctl.h takes them apart:
 *
 * <pre>
 *   31  30 29             16 15             8 7              0
 *  +------+-----------------+----------------+----------------+
 *  | dir  |      size       |      type      |       nr       |
 *  +------+-----------------+----------------+----------------+
 * </pre>
 *
 * <p>The direction is the program's: {@link #_IOC_READ} means that the program reads, and the driver writes, the bytes
 * at the argument. The methods have the names of the macros.
 */
@DriverApi
public final class Ioctl {

    public static final int _IOC_NONE = 0;
    public static final int _IOC_WRITE = 1;
    public static final int _IOC_READ = 2;

    /** Commands that the kernel serves for all files: set or clear O_NONBLOCK, or FASYNC, by a word at the argument. */
    public static final int FIONBIO = 0x5421;
    public static final int FIOASYNC = 0x5452;

    private static final int TYPE_SHIFT = 8;
    private static final int SIZE_SHIFT = 16;
    private static final int DIR_SHIFT = 30;
    private static final int BYTE_MASK = 0xff;
    private static final int SIZE_MASK = 0x3fff;

    private Ioctl() { }

    /**
     * Makes a number.
     *
     * @throws IllegalArgumentException if a part does not fit into its bits
     */
    public static int _IOC(int direction, int type, int number, int size) {
        if ((direction & ~3) != 0 || (type & ~BYTE_MASK) != 0 || (number & ~BYTE_MASK) != 0
                || (size & ~SIZE_MASK) != 0) {
            throw new IllegalArgumentException("direction " + direction + ", type " + type + ", number " + number
                    + ", size " + size + ": they have 2, 8, 8 and 14 bits");
        }
        return direction << DIR_SHIFT | size << SIZE_SHIFT | type << TYPE_SHIFT | number;
    }

    /** Makes the number of a command without bytes at its argument. */
    public static int _IO(int type, int number) {
        return _IOC(_IOC_NONE, type, number, 0);
    }

    /** Makes the number of a command that gives the program bytes at the argument. */
    public static int _IOR(int type, int number, int size) {
        return _IOC(_IOC_READ, type, number, size);
    }

    /** Makes the number of a command that takes the program's bytes at the argument. */
    public static int _IOW(int type, int number, int size) {
        return _IOC(_IOC_WRITE, type, number, size);
    }

    /** Makes the number of a command that takes bytes at the argument, and gives others. */
    public static int _IOWR(int type, int number, int size) {
        return _IOC(_IOC_READ | _IOC_WRITE, type, number, size);
    }

    public static int _IOC_DIR(int command) {
        return command >>> DIR_SHIFT;
    }

    public static int _IOC_TYPE(int command) {
        return command >>> TYPE_SHIFT & BYTE_MASK;
    }

    public static int _IOC_NR(int command) {
        return command & BYTE_MASK;
    }

    public static int _IOC_SIZE(int command) {
        return command >>> SIZE_SHIFT & SIZE_MASK;
    }
}

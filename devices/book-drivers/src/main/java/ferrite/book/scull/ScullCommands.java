package ferrite.book.scull;

import ferrite.kernel.fs.Ioctl;
import java.util.List;

/**
 * The ioctl commands of scull (LDD3 page 140). The letter of a group says how the value travels: S sets through a
 * pointer, T (tell) sets the argument's value, G gets through a pointer, Q (query) returns the value, X (exchange)
 * is S and G, H (shift) is T and Q.
 */
public final class ScullCommands {

    private static final int MAGIC = 'k';
    private static final int INT = 4;

    public static final int SCULL_IOCRESET = Ioctl._IO(MAGIC, 0);
    public static final int SCULL_IOCSQUANTUM = Ioctl._IOW(MAGIC, 1, INT);
    public static final int SCULL_IOCSQSET = Ioctl._IOW(MAGIC, 2, INT);
    public static final int SCULL_IOCTQUANTUM = Ioctl._IO(MAGIC, 3);
    public static final int SCULL_IOCTQSET = Ioctl._IO(MAGIC, 4);
    public static final int SCULL_IOCGQUANTUM = Ioctl._IOR(MAGIC, 5, INT);
    public static final int SCULL_IOCGQSET = Ioctl._IOR(MAGIC, 6, INT);
    public static final int SCULL_IOCQQUANTUM = Ioctl._IO(MAGIC, 7);
    public static final int SCULL_IOCQQSET = Ioctl._IO(MAGIC, 8);
    public static final int SCULL_IOCXQUANTUM = Ioctl._IOWR(MAGIC, 9, INT);
    public static final int SCULL_IOCXQSET = Ioctl._IOWR(MAGIC, 10, INT);
    public static final int SCULL_IOCHQUANTUM = Ioctl._IO(MAGIC, 11);
    public static final int SCULL_IOCHQSET = Ioctl._IO(MAGIC, 12);
    /** The sizes of pipes: tell, and query. */
    public static final int SCULL_P_IOCTSIZE = Ioctl._IO(MAGIC, 13);
    public static final int SCULL_P_IOCQSIZE = Ioctl._IO(MAGIC, 14);

    /** All commands, by their number. */
    static final List<Integer> ALL = List.of(SCULL_IOCRESET, SCULL_IOCSQUANTUM, SCULL_IOCSQSET, SCULL_IOCTQUANTUM,
            SCULL_IOCTQSET, SCULL_IOCGQUANTUM, SCULL_IOCGQSET, SCULL_IOCQQUANTUM, SCULL_IOCQQSET, SCULL_IOCXQUANTUM,
            SCULL_IOCXQSET, SCULL_IOCHQUANTUM, SCULL_IOCHQSET, SCULL_P_IOCTSIZE, SCULL_P_IOCQSIZE);

    private ScullCommands() { }
}

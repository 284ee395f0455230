package ferrite.kernel.fs;

import ferrite.kernel.base.Bytes;
import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;

/** The argument of {@link #HOST_OPEN}: the file of the host that a file of {@code /dev/hostfs} stands for. */
@DriverApi
public final class HostOpenLayout {

    public static final int SIZE = 1024;
    public static final Struct STRUCT = Struct.of("host_open", SIZE);

    /** {@link Fcntl#O_CREAT} and {@link Fcntl#O_TRUNC}; the access is that of the open file. */
    public static final Word FLAGS = STRUCT.u32("flags", 0);
    /** The name in the host's directory, with a zero at its end. */
    public static final Bytes NAME = STRUCT.bytes("name", 4, SIZE - 4);

    /** Opens the file of the host. */
    public static final int HOST_OPEN = Ioctl._IOW('h', 1, SIZE);

    private HostOpenLayout() { }
}

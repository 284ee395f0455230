package ferrite.kernel.fs;

import ferrite.kernel.base.DriverApi;

/** The events of {@code poll} (LDD3 page 164), with Linux's values (uapi/linux/eventpoll.h). */
@DriverApi
public final class PollEvents {

    /** There are bytes to read. */
    public static final int EPOLLIN = 0x1;
    public static final int EPOLLPRI = 0x2;
    /** A write does not sleep. */
    public static final int EPOLLOUT = 0x4;
    /** An error; always told. */
    public static final int EPOLLERR = 0x8;
    /** The device is gone, or there is the end of the file; always told. */
    public static final int EPOLLHUP = 0x10;
    /** The descriptor is not open; told by the kernel alone. */
    public static final int POLLNVAL = 0x20;
    public static final int EPOLLRDNORM = 0x40;
    public static final int EPOLLRDBAND = 0x80;
    public static final int EPOLLWRNORM = 0x100;
    public static final int EPOLLWRBAND = 0x200;

    private PollEvents() { }
}

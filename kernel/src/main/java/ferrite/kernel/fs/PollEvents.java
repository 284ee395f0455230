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

    /** The other end has closed its half of a connection. */
    public static final int EPOLLRDHUP = 0x2000;
    /** The events of a file whose driver does not implement {@code poll}: Linux's {@code DEFAULT_POLLMASK}. */
    static final int DEFAULT = EPOLLIN | EPOLLOUT | EPOLLRDNORM | EPOLLWRNORM;

    // flags of epoll_ctl, among the events that it asks for

    /** One of the epoll files that are told of an event is enough. */
    static final int EPOLLEXCLUSIVE = 1 << 28;
    /** The system stays awake meanwhile. */
    static final int EPOLLWAKEUP = 1 << 29;
    /** The file is told of once, until {@code EPOLL_CTL_MOD}. */
    static final int EPOLLONESHOT = 1 << 30;
    /** Edge-triggered: the file is told of after each wake-up, not as long as there are events. */
    static final int EPOLLET = 1 << 31;

    private PollEvents() { }
}

package ferrite.peripherals.tty;

/**
 * Requests of a terminal to the driver of its port ({@code struct tty_operations}). {@code port} is the address of a
 * {@link TtyPortLayout}. The port's lock is held, with interrupts off, but for the first two calls.
 */
public interface TtyPortDriver {

    /** Lets bytes come, before the first file is open for reading. Task context. Returns 0 or a negative errno. */
    int activate(long port);

    /** Lets no bytes come, after the last file for reading was closed. Task context; may sleep. */
    void shutdown(long port);

    /** Sends a byte, at the latest with {@link #flushChars}. */
    void putChar(long port, int value);

    /** Sends the bytes that are kept. */
    default void flushChars(long port) { }

    /** Sets the speed of the line; 0 changes nothing. */
    default void setTermios(long port, int baud) { }

    /** Lets no bytes come: the ring is nearly full. */
    void throttle(long port);

    /** Lets bytes come again. They are given to the terminal with its lock held. */
    void unthrottle(long port);
}

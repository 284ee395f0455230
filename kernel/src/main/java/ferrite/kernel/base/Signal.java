package ferrite.kernel.base;

/** Linux's signal numbers. */
@DriverApi
public final class Signal {

    /** The interrupt key, Ctrl-C. */
    public static final int SIGINT = 2;
    /** The quit key, Ctrl-\. */
    public static final int SIGQUIT = 3;
    public static final int SIGKILL = 9;
    public static final int SIGTERM = 15;
    /** A file that the program watches has an event (LDD3 page 169). */
    public static final int SIGIO = 29;

    /** The events of SIGIO: there are bytes to read, or there is room to write. */
    public static final int POLL_IN = 1;
    public static final int POLL_OUT = 2;

    private Signal() { }
}

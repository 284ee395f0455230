package ferrite.kernel.base;

/** Linux's signal numbers. */
@DriverApi
public final class Signal {

    /** The interrupt key, Ctrl-C. */
    public static final int SIGINT = 2;
    public static final int SIGKILL = 9;
    public static final int SIGTERM = 15;

    private Signal() { }
}

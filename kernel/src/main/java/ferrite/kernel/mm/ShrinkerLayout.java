package ferrite.kernel.mm;

import ferrite.kernel.base.DriverApi;

/** {@code struct shrinker}: {@value #SIZE} zeroed bytes of its owner's, who fills in the first fields before it is registered. */
@DriverApi
public final class ShrinkerLayout {

    public static final int SIZE = 48;

    /** Text addresses of the two {@link Shrinker} callbacks. */
    public static final int COUNT_OBJECTS = 0;
    public static final int SCAN_OBJECTS = 4;
    /** Given to both. */
    public static final int DATA = 8;
    /** What an object costs to make anew, in units of its kind's own; 0 stands for {@link #DEFAULT_SEEKS}. */
    public static final int SEEKS = 12;
    /** How many objects it is asked to scan at once; 0 stands for {@link #SHRINK_BATCH}. */
    public static final int BATCH = 16;
    /** {@link #NEEDS_IO}, {@link #NEEDS_FS}. */
    public static final int FLAGS = 20;

    /** What it should have scanned and has not yet. */
    static final int NR_DEFERRED = 24;
    static final int NODE = 28;
    /** How many call it now. */
    static final int USERS = 36;
    static final int DYING = 40;

    /** To free anything it has to start block I/O: it is left alone where that is forbidden ({@code GFP_NOIO}). */
    public static final int NEEDS_IO = 1;
    /** To free anything it has to call a file system: it is left alone where that is forbidden ({@code GFP_NOFS}, {@code GFP_NOIO}). */
    public static final int NEEDS_FS = 2;

    /** Linux's values. */
    public static final int DEFAULT_SEEKS = 2;
    public static final int SHRINK_BATCH = 128;

    private ShrinkerLayout() { }
}

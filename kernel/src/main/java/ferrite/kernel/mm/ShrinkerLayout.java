package ferrite.kernel.mm;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;

/**
 * {@code struct shrinker}: {@value #SIZE} zeroed bytes of its owner's. The owner sets the public fields before it
 * registers the shrinker.
 */
@DriverApi
public final class ShrinkerLayout {

    public static final int SIZE = 48;

    public static final Struct STRUCT = Struct.of("shrinker", SIZE);

    /** The two callbacks, see {@link Shrinker}. */
    public static final Pointer COUNT_OBJECTS = STRUCT.function("count_objects", 0);
    public static final Pointer SCAN_OBJECTS = STRUCT.function("scan_objects", 4);
    /** Given to both callbacks. */
    public static final Pointer DATA = STRUCT.pointer("data", 8, "void");
    /** Cost of making an object again, in units of the owner's choice; 0 stands for {@link #DEFAULT_SEEKS}. */
    public static final Word SEEKS = STRUCT.s32("seeks", 12);
    /** Objects that one call should scan; 0 stands for {@link #SHRINK_BATCH}. */
    public static final Word BATCH = STRUCT.s32("batch", 16);
    /** {@link #NEEDS_IO}, {@link #NEEDS_FS}. */
    public static final Word FLAGS = STRUCT.u32("flags", 20);

    /** Objects that earlier calls should have scanned and did not. */
    static final Word NR_DEFERRED = STRUCT.u32("nr_deferred", 24);
    static final Embedded NODE = STRUCT.list("list", 28);
    /** Tasks that are calling it now. */
    static final Word USERS = STRUCT.u32("users", 36);
    static final Word DYING = STRUCT.u32("dying", 40);

    /** The owner needs block I/O to free anything. It is not called where I/O is forbidden ({@code GFP_NOIO}). */
    public static final int NEEDS_IO = 1;
    /**
     * The owner needs a file system to free anything. It is not called where that is forbidden ({@code GFP_NOFS},
     * {@code GFP_NOIO}).
     */
    public static final int NEEDS_FS = 2;

    /** Linux's values. */
    public static final int DEFAULT_SEEKS = 2;
    public static final int SHRINK_BATCH = 128;

    private ShrinkerLayout() { }
}

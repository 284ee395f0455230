package ferrite.kernel.fs;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;

/** {@code struct cdev}: the operations of some device numbers, in a driver's memory. */
@DriverApi
public final class CdevLayout {

    public static final int SIZE = 24;

    public static final Struct STRUCT = Struct.of("cdev", SIZE);

    static final Embedded LIST = STRUCT.list("list", 0);
    /** Text address of {@link FileOperations}. */
    public static final Pointer OPS = STRUCT.function("ops", 8);
    /** The first number. */
    static final Word DEV = STRUCT.u32("dev", 12);
    static final Word COUNT = STRUCT.u32("count", 16);
    /** Not 0 if {@code cdev_alloc} made it, so that {@code cdev_del} frees it. */
    static final Word ALLOCATED = STRUCT.u32("allocated", 20);

    private CdevLayout() { }
}

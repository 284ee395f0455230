package ferrite.kernel.sched;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.U64;
import ferrite.kernel.base.Word;

/** {@code struct timespec64}: a time, or a length of time (LDD3 page 186). */
@DriverApi
public final class Timespec64Layout {

    public static final int SIZE = 16;

    static final Struct STRUCT = Struct.of("timespec64", SIZE);

    /** Seconds; less than 0 for a time before 1970. */
    public static final U64 TV_SEC = STRUCT.u64("tv_sec", 0);
    /** Nanoseconds in the second, 0 to 999,999,999. */
    public static final Word TV_NSEC = STRUCT.s32("tv_nsec", 8);

    private Timespec64Layout() { }
}

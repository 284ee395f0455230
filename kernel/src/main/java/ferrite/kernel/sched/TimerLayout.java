package ferrite.kernel.sched;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.U64;
import ferrite.kernel.base.Word;

/**
 * {@code struct timer_list}, see {@link KernelTimer}, in zeroed memory that stays where it is while the timer is set.
 */
@DriverApi
public final class TimerLayout {

    public static final int SIZE = 32;

    public static final Struct STRUCT = Struct.of("timer_list", SIZE);

    static final Embedded NODE = STRUCT.list("entry", 0);
    /** The time at which it expires, in ticks of 10 ns. */
    static final U64 DUE = STRUCT.u64("due", 8);
    static final Pointer FUNCTION = STRUCT.function("function", 16);
    static final Pointer DATA = STRUCT.pointer("data", 20, "void");
    static final Word HART = STRUCT.u32("cpu", 24);
    /** The jiffy at which it expires. */
    static final Word EXPIRES = STRUCT.u32("expires", 28);

    private TimerLayout() { }
}

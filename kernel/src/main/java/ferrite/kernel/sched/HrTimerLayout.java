package ferrite.kernel.sched;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.U64;
import ferrite.kernel.base.Word;

/**
 * {@code struct hrtimer}, see {@link HrTimer}, in zeroed memory that stays where it is while the timer is set. Its
 * fields lie where {@link TimerLayout} has them, because both kinds stand in a {@link TimerQueue}.
 */
@DriverApi
public final class HrTimerLayout {

    public static final int SIZE = TimerLayout.SIZE;

    public static final Struct STRUCT = Struct.of("hrtimer", SIZE);

    static final Embedded NODE = STRUCT.list("node", TimerLayout.NODE.offset());
    /** The time at which it expires, in ticks of 10 ns. */
    static final U64 DUE = STRUCT.u64("due", TimerLayout.DUE.offset());
    static final Pointer FUNCTION = STRUCT.function("function", TimerLayout.FUNCTION.offset());
    static final Word HART = STRUCT.u32("cpu", TimerLayout.HART.offset());

    private HrTimerLayout() { }
}

package ferrite.kernel.sched;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.Struct;

/**
 * {@code struct hrtimer}, see {@link HrTimer}, in zeroed memory that stays where it is while the timer is set. Its
 * fields lie where {@link TimerLayout} has them, because both kinds stand in a {@link TimerQueue}.
 */
@DriverApi
public final class HrTimerLayout {

    public static final int SIZE = TimerLayout.SIZE;

    public static final Struct STRUCT = Struct.of("hrtimer", SIZE);

    static {
        STRUCT.list("node", TimerLayout.NODE.offset());
        STRUCT.u64("due", TimerLayout.DUE.offset());
        STRUCT.function("function", TimerLayout.FUNCTION.offset());
        STRUCT.u32("cpu", TimerLayout.HART.offset());
    }

    private HrTimerLayout() { }
}

package ferrite.kernel.sched;

import ferrite.kernel.base.DriverApi;

/** {@code struct timer_list}: a timer of {@link KernelTimer}, in zeroed memory that stays where it is while the timer is set. */
@DriverApi
public final class TimerLayout {

    static final int NODE = 0;
    static final int EXPIRES = 8;
    static final int FUNCTION = 16;
    static final int DATA = 20;
    static final int HART = 24;
    public static final int SIZE = 32;

    private TimerLayout() { }
}

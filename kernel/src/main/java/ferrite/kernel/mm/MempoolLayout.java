package ferrite.kernel.mm;

import ferrite.kernel.sched.TimerLayout;
import ferrite.kernel.sched.WaitQueueLayout;

/** {@code mempool_t}. */
final class MempoolLayout {

    static final int LOCK = 0;
    /** How many elements the reserve holds at most, and does now. */
    static final int MIN_NR = 4;
    static final int CURR_NR = 8;
    /** Address of the array of those in the reserve. */
    static final int ELEMENTS = 12;
    static final int DATA = 16;
    /** Text addresses of {@link MempoolAlloc} and {@link MempoolFree}. */
    static final int ALLOC = 20;
    static final int FREE = 24;
    /** Elements that somebody has. */
    static final int OUT = 28;
    /** Who waits has a number: the next to be given, and the next to be served. */
    static final int NEXT_NUMBER = 32;
    static final int SERVING = 36;
    /** How many were served who have not taken theirs yet: so much of the reserve is not for others. */
    static final int PROMISED = 40;
    /** Counts the times that those who wait are to try the allocator again. */
    static final int RETRIES = 44;
    static final int TIMER_SET = 48;
    static final int WAIT = 52;
    static final int TIMER = WAIT + WaitQueueLayout.SIZE;
    static final int BYTES = TIMER + TimerLayout.SIZE;

    private MempoolLayout() { }
}

package ferrite.kernel.mm;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;
import ferrite.kernel.sched.TimerLayout;
import ferrite.kernel.sched.WaitQueueLayout;

/** {@code mempool_t}. */
final class MempoolLayout {

    static final int BYTES = 96;

    static final Struct STRUCT = Struct.of("mempool_s", BYTES);

    static final Embedded LOCK = STRUCT.spinlock("lock", 0);
    /** Elements that the reserve should hold, and those that it holds. */
    static final Word MIN_NR = STRUCT.s32("min_nr", 4);
    static final Word CURR_NR = STRUCT.s32("curr_nr", 8);
    /** Address of the array of the reserve's elements. */
    static final Pointer ELEMENTS = STRUCT.pointer("elements", 12, "void *");
    static final Pointer DATA = STRUCT.pointer("pool_data", 16, "void");
    /** A {@link MempoolAlloc} and a {@link MempoolFree}. */
    static final Pointer ALLOC = STRUCT.function("alloc", 20);
    static final Pointer FREE = STRUCT.function("free", 24);
    /** Elements that users have. */
    static final Word OUT = STRUCT.s32("out", 28);
    /** Waiting tasks have numbers: the next number to give, and the next one to serve. */
    static final Word NEXT_NUMBER = STRUCT.u32("next_number", 32);
    static final Word SERVING = STRUCT.u32("serving", 36);
    /** Elements of the reserve that are kept for tasks that were served and have not run yet. */
    static final Word PROMISED = STRUCT.s32("promised", 40);
    /** Changes when waiting tasks should try the allocator again. */
    static final Word RETRIES = STRUCT.u32("retries", 44);
    static final Word TIMER_SET = STRUCT.u32("timer_set", 48);
    static final Embedded WAIT = STRUCT.embedded("wait", 52, WaitQueueLayout.STRUCT);
    static final Embedded TIMER = STRUCT.embedded("timer", WAIT.end(), TimerLayout.STRUCT);

    private MempoolLayout() { }
}

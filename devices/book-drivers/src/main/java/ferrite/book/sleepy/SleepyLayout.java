package ferrite.book.sleepy;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;
import ferrite.kernel.sched.WaitQueueLayout;

/** The variables of sleepy. */
final class SleepyLayout {

    static final int SIZE = 16;

    static final Struct STRUCT = Struct.of("sleepy", SIZE);

    static final Embedded WQ = STRUCT.embedded("wq", 0, WaitQueueLayout.STRUCT);
    /** Not 0 after a write, until a reader is awake. */
    static final Word FLAG = STRUCT.u32("flag", WQ.end());

    private SleepyLayout() { }
}

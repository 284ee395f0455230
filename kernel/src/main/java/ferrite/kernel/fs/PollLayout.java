package ferrite.kernel.fs;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;
import ferrite.kernel.sched.WaitQueueLayout;

/** {@code struct poll_wqueues}: one call of {@code poll}. */
final class PollLayout {

    static final int SIZE = 32;

    static final Struct STRUCT = Struct.of("poll_wqueues", SIZE);

    static final Embedded TABLE = STRUCT.embedded("pt", 0, PollTableLayout.STRUCT);
    /** The task sleeps here. */
    static final Embedded WAIT = STRUCT.embedded("wait", 16, WaitQueueLayout.STRUCT);
    /** Not 0 after a wake-up of one of the queues. */
    static final Word TRIGGERED = STRUCT.u32("triggered", 28);

    private PollLayout() { }
}

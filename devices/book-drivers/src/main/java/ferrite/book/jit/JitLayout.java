package ferrite.book.jit;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;
import ferrite.kernel.sched.WaitQueueLayout;

/** The variables of jit. */
final class JitLayout {

    static final int SIZE = 20;

    static final Struct STRUCT = Struct.of("jit", SIZE);

    /** Jiffies. */
    static final Word DELAY = STRUCT.u32("delay", 0);
    static final Word TDELAY = STRUCT.u32("tdelay", 4);
    /** A queue that is never woken. */
    static final Embedded QUEUE = STRUCT.embedded("wait", 8, WaitQueueLayout.STRUCT);

    private JitLayout() { }
}

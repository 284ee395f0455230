package ferrite.book.jit;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;
import ferrite.kernel.sched.TaskletLayout;
import ferrite.kernel.sched.TimerLayout;
import ferrite.kernel.sched.WaitQueueLayout;
import ferrite.kernel.work.DelayedWorkLayout;
import ferrite.kernel.work.WorkLayout;

/** {@code struct jit_data} and {@code struct clientdata}: a text that grows line by line (LDD3 pages 199 and 206). */
final class DeferredLinesLayout {

    static final int SIZE = 196;

    static final Struct STRUCT = Struct.of("jit_data", SIZE);

    /** The reader, which waits for the last line. */
    static final Embedded WAIT = STRUCT.embedded("wait", 0, WaitQueueLayout.STRUCT);
    /** The text, and its bytes. */
    static final Pointer BUF = STRUCT.pointer("buf", WAIT.end(), "char");
    static final Word LEN = STRUCT.u32("len", BUF.end());
    /** The jiffy of the last line. */
    static final Word PREVIOUS = STRUCT.u32("prevjiffies", LEN.end());
    /** The lines that are to come. */
    static final Word LOOPS = STRUCT.s32("loops", PREVIOUS.end());
    /** The way in which the next line comes, see {@link DeferredLines}, and jiffies between two lines. */
    static final Word HOW = STRUCT.u32("how", LOOPS.end());
    static final Word DELAY = STRUCT.u32("delay", HOW.end());
    static final Embedded TIMER = STRUCT.embedded("timer", DELAY.end(), TimerLayout.STRUCT);
    static final Embedded TASKLET = STRUCT.embedded("tlet", TIMER.end(), TaskletLayout.STRUCT);
    static final Embedded WORK = STRUCT.embedded("jiq_work", TASKLET.end(), WorkLayout.STRUCT);
    static final Embedded DELAYED = STRUCT.embedded("jiq_delayed", WORK.end(), DelayedWorkLayout.STRUCT);

    private DeferredLinesLayout() { }
}

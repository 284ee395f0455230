package ferrite.kernel.sched;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;

/** {@code wait_queue_entry_t}: a receiver of wake-ups. A task's own entry is in its record. */
public final class WaitEntryLayout {

    public static final int SIZE = 20;

    public static final Struct STRUCT = Struct.of("wait_queue_entry", SIZE);

    /** {@link #EXCLUSIVE}, or 0. */
    static final Word FLAGS = STRUCT.u32("flags", 0);
    /** The task, or the function's argument. */
    public static final Pointer PRIVATE = STRUCT.pointer("private", 4, "void");
    /** A {@link WakeFunction}; 0 for the task's own entry: it leaves the queue, and the task wakes. */
    public static final Pointer FUNCTION = STRUCT.function("func", 8);
    static final Embedded NODE = STRUCT.list("entry", 12);

    /** Linux's {@code WQ_FLAG_EXCLUSIVE}: a wake-up that reaches this entry reaches no other exclusive one. */
    static final int EXCLUSIVE = 1;

    private WaitEntryLayout() { }
}

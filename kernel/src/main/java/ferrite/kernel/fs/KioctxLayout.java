package ferrite.kernel.fs;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.ULong;
import ferrite.kernel.base.Word;
import ferrite.kernel.sched.WaitQueueLayout;

/** {@code struct kioctx}: the asynchronous operations that a program has submitted together. */
final class KioctxLayout {

    static final int SIZE = 56;

    static final Struct STRUCT = Struct.of("kioctx", SIZE);

    /** On the list of all contexts. */
    static final Embedded NODE = STRUCT.list("list", 0);
    static final Pointer TASK = STRUCT.pointer("task", 8, "struct task_struct");
    /** The number by which the program knows it, see {@code io_setup}. */
    static final ULong USER_ID = STRUCT.ulong("user_id", 12);
    /** The largest number of operations, with those that are complete. */
    static final Word MAX_REQS = STRUCT.u32("max_reqs", 16);
    static final Word ACTIVE_REQS = STRUCT.u32("reqs_active", 20);
    static final Word COMPLETE_REQS = STRUCT.u32("reqs_complete", 24);
    static final Embedded ACTIVE = STRUCT.list("active_reqs", 28);
    /** In the order of their completion. */
    static final Embedded COMPLETE = STRUCT.list("complete_reqs", 36);
    /** Tasks that wait for completions. */
    static final Embedded WAIT = STRUCT.embedded("wait", 44, WaitQueueLayout.STRUCT);

    private KioctxLayout() { }
}

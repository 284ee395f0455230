package ferrite.kernel.fs;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;
import ferrite.kernel.sched.WaitEntryLayout;
import ferrite.kernel.sched.WaitQueueLayout;

/** {@code struct poll_wqueues}: one call of {@code poll}, with an entry on each queue that a driver named. */
final class PollLayout {

    static final int SIZE = 28;

    static final Struct STRUCT = Struct.of("poll_wqueues", SIZE);

    /** The task sleeps here. */
    static final Embedded WAIT = STRUCT.embedded("wait", 0, WaitQueueLayout.STRUCT);
    /** Not 0 after a wake-up of one of the queues. */
    static final Word TRIGGERED = STRUCT.u32("triggered", 12);
    /** {@code -ENOMEM} if there was no memory for an entry. */
    static final Word ERROR = STRUCT.s32("error", 16);
    /** Not 0 while {@code poll_wait} adds entries: in the first round, if the call may sleep. */
    static final Word ADDS = STRUCT.u32("adds", 20);
    static final Pointer ENTRIES = STRUCT.pointer("entries", 24, "struct poll_table_entry");

    static final int ENTRY_SIZE = 28;

    static final Struct ENTRY_STRUCT = Struct.of("poll_table_entry", ENTRY_SIZE);

    /** Its private word is the address of the {@code poll_wqueues}. */
    static final Embedded ENTRY = ENTRY_STRUCT.embedded("wait", 0, WaitEntryLayout.STRUCT);
    static final Pointer QUEUE = ENTRY_STRUCT.pointer("wait_address", 20, "struct wait_queue_head");
    static final Pointer NEXT = ENTRY_STRUCT.pointer("next", 24, "struct poll_table_entry");

    private PollLayout() { }
}

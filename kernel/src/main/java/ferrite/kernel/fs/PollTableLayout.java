package ferrite.kernel.fs;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;
import ferrite.kernel.sched.WaitEntryLayout;

/** {@code poll_table}: an entry on each queue that drivers named to {@code poll_wait}. */
final class PollTableLayout {

    static final int SIZE = 16;

    static final Struct STRUCT = Struct.of("poll_table", SIZE);

    /** A {@link ferrite.kernel.sched.WakeFunction}, which each wake-up calls. */
    static final Pointer FUNCTION = STRUCT.function("func", 0);
    static final Pointer ENTRIES = STRUCT.pointer("entries", 4, "struct poll_table_entry");
    /** {@code -ENOMEM} if there was no memory for an entry. */
    static final Word ERROR = STRUCT.s32("error", 8);
    /** Not 0 while {@code poll_wait} adds entries. */
    static final Word ADDS = STRUCT.u32("adds", 12);

    static final int ENTRY_SIZE = 28;

    static final Struct ENTRY_STRUCT = Struct.of("poll_table_entry", ENTRY_SIZE);

    /** Its private word is the address of the table. */
    static final Embedded ENTRY = ENTRY_STRUCT.embedded("wait", 0, WaitEntryLayout.STRUCT);
    static final Pointer QUEUE = ENTRY_STRUCT.pointer("wait_address", 20, "struct wait_queue_head");
    static final Pointer NEXT = ENTRY_STRUCT.pointer("next", 24, "struct poll_table_entry");

    private PollTableLayout() { }
}

package ferrite.peripherals.disk;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;
import ferrite.kernel.sched.WaitQueueLayout;
import ferrite.kernel.work.WorkLayout;

/** The record in RAM that {@link DiskDriver} keeps for the controller. */
final class DiskLayout {

    static final int MAX_DRIVES = 16;
    static final int SIZE = 168;

    static final Struct STRUCT = Struct.of("disk", SIZE);

    static final Pointer REGISTERS = STRUCT.pointer("registers", 0, "void");
    static final Word CHANNEL = STRUCT.u32("channel", 4);
    static final Word IRQ = STRUCT.u32("irq", 8);
    /** Flags that the buffers are allocated with. */
    static final Word GFP = STRUCT.u32("gfp", 12);
    /** Status at the end of the last request; 0 while it runs. */
    static final Word RESULT = STRUCT.u32("result", 16);
    /** The item that serves requests. */
    static final Embedded WORK = STRUCT.embedded("work", 20, WorkLayout.STRUCT);
    static final Embedded DONE_WAIT = STRUCT.embedded("done_wait", WORK.end(), WaitQueueLayout.STRUCT);
    static final Pointer DRIVES = STRUCT.pointer("drives", DONE_WAIT.end(), "struct drive", MAX_DRIVES);
    /** The number of open files, and 1 while the driver serves the device. The last user frees the record. */
    static final Word USERS = STRUCT.u32("users", DRIVES.end());
    /** Not 0 after the controller was pulled out. */
    static final Word GONE = STRUCT.u32("gone", USERS.end());
    /** Held while a result is taken, by the interrupt handler or by a task that has waited for long. */
    static final Embedded LOCK = STRUCT.spinlock("lock", GONE.end());

    /** The major number of the drives. */
    static final Word MAJOR = STRUCT.u32("major", LOCK.end());
    static final Word READ_AHEAD_KB = STRUCT.u32("read_ahead_kb", MAJOR.end());

    /** The queue of the work item. */
    static final Pointer WORKS = STRUCT.pointer("works", READ_AHEAD_KB.end(), "struct workqueue_struct");

    private DiskLayout() { }
}

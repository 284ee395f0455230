package ferrite.peripherals.disk;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;
import ferrite.kernel.sched.MutexLayout;
import ferrite.kernel.sched.WaitQueueLayout;

/** The record in RAM that {@link DiskDriver} keeps for the controller. */
final class DiskLayout {

    static final int MAX_DRIVES = 16;
    static final int SIZE = 128;

    static final Struct STRUCT = Struct.of("disk", SIZE);

    /** 0 when the driver does not serve the device any more. */
    static final Pointer REGISTERS = STRUCT.pointer("registers", 0, "void");
    static final Word CHANNEL = STRUCT.u32("channel", 4);
    static final Word IRQ = STRUCT.u32("irq", 8);
    /** Flags that the buffers are allocated with. */
    static final Word GFP = STRUCT.u32("gfp", 12);
    /** Status at the end of the last request; 0 while it runs. */
    static final Word RESULT = STRUCT.u32("result", 16);
    static final Embedded ONE_REQUEST = STRUCT.embedded("one_request", 20, MutexLayout.STRUCT);
    static final Embedded DONE_WAIT = STRUCT.embedded("done_wait", ONE_REQUEST.end(), WaitQueueLayout.STRUCT);
    static final Pointer DRIVES = STRUCT.pointer("drives", DONE_WAIT.end(), "struct drive", MAX_DRIVES);
    /** The number of open files, and 1 while the driver serves the device. The last user frees the record. */
    static final Word USERS = STRUCT.u32("users", DRIVES.end());
    /** Not 0 after the controller was pulled out. */
    static final Word GONE = STRUCT.u32("gone", USERS.end());
    /** Held while a result is taken, by the interrupt handler or by a task that has waited for long. */
    static final Embedded LOCK = STRUCT.spinlock("lock", GONE.end());

    private DiskLayout() { }
}

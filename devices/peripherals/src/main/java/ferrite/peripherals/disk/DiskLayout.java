package ferrite.peripherals.disk;

import ferrite.kernel.sched.MutexLayout;
import ferrite.kernel.sched.WaitQueueLayout;

/** What {@link DiskDriver} keeps in RAM: a record for the controller, and a smaller one for each drive. */
final class DiskLayout {

    static final int MAX_DRIVES = 16;

    static final int REGISTERS = 0;
    static final int CHANNEL = 4;
    static final int IRQ = 8;
    static final int GFP = 12;
    /** The status that the last request ended with; 0 while it runs. */
    static final int RESULT = 16;
    static final int ONE_REQUEST = 20;
    static final int DONE_WAIT = ONE_REQUEST + MutexLayout.SIZE;
    static final int DRIVES = DONE_WAIT + WaitQueueLayout.SIZE;
    static final int SIZE = DRIVES + 4 * MAX_DRIVES;

    /** Of a drive. */
    static final int DISK = 0;
    static final int INDEX = 4;
    static final int SECTORS = 8;
    static final int READ_ONLY = 12;
    static final int DRIVE_SIZE = 16;

    private DiskLayout() { }
}

package ferrite.book.scull;

import ferrite.book.quanta.ScullDevLayout;
import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;
import ferrite.kernel.sched.MutexLayout;
import ferrite.kernel.sched.WaitQueueLayout;

/** {@code struct scull_access_info}: a scull device, and the rule by which it is opened (LDD3 page 174). */
final class ScullAccessLayout {

    static final int SIZE = 116;

    static final Struct STRUCT = Struct.of("scull_access", SIZE);

    /** The device; of scullpriv, its cdev only. */
    static final Embedded DEV = STRUCT.embedded("dev", 0, ScullDevLayout.STRUCT);
    /** scullsingle: 1 while the device is free. */
    static final Word AVAILABLE = STRUCT.s32("available", DEV.end());
    /** sculluid and scullwuid: the lock of the next two, the open files, and their user. */
    static final Embedded LOCK = STRUCT.spinlock("lock", AVAILABLE.end());
    static final Word COUNT = STRUCT.s32("count", LOCK.end());
    static final Word OWNER = STRUCT.s32("owner", COUNT.end());
    /** scullwuid: those that wait for another user to close the device. */
    static final Embedded QUEUE = STRUCT.embedded("queue", OWNER.end(), WaitQueueLayout.STRUCT);
    /** scullpriv: the devices of all keys, and the mutex of their list. */
    static final Pointer LIST = STRUCT.pointer("list", QUEUE.end(), "struct scull_listitem");
    static final Embedded LIST_MUTEX = STRUCT.embedded("list_mutex", LIST.end(), MutexLayout.STRUCT);

    private ScullAccessLayout() { }
}

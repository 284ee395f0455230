package ferrite.kernel.fs;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.sched.MutexLayout;
import ferrite.kernel.sched.WaitQueueLayout;

/** {@code struct eventpoll}: the files that an epoll file watches. */
final class EventPollLayout {

    static final int SIZE = 76;

    static final Struct STRUCT = Struct.of("eventpoll", SIZE);

    /** Held while items are added or removed, and while the ready ones are asked. */
    static final Embedded MUTEX = STRUCT.embedded("mtx", 0, MutexLayout.STRUCT);
    /** Tasks in {@code epoll_wait}. */
    static final Embedded WAIT = STRUCT.embedded("wq", 20, WaitQueueLayout.STRUCT);
    /** Tasks and other epoll files that poll this one. */
    static final Embedded POLL_WAIT = STRUCT.embedded("poll_wait", 32, WaitQueueLayout.STRUCT);
    /** Protects the next two lists. Wake-ups take it, in any context. */
    static final Embedded LOCK = STRUCT.spinlock("lock", 44);
    /** The items whose files may have events. */
    static final Embedded READY = STRUCT.list("rdllist", 48);
    /** Those of them that are still to be asked, while the mutex is held. */
    static final Embedded SCANNED = STRUCT.list("txlist", 56);
    static final Embedded ITEMS = STRUCT.list("items", 64);
    /** The epoll file itself. */
    static final Pointer FILE = STRUCT.pointer("file", 72, "struct file");

    private EventPollLayout() { }
}

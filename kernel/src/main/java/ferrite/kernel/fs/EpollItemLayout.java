package ferrite.kernel.fs;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.U64;
import ferrite.kernel.base.Word;

/** {@code struct epitem}: a file that an epoll file watches, under a descriptor. */
final class EpollItemLayout {

    static final int SIZE = 64;

    static final Struct STRUCT = Struct.of("epitem", SIZE);

    /** The queues of the file. */
    static final Embedded TABLE = STRUCT.embedded("pwqlist", 0, PollTableLayout.STRUCT);
    static final Embedded NODE = STRUCT.list("node", 16);
    /** A node of {@link EventPollLayout#READY} or {@link EventPollLayout#SCANNED}, or on no list. */
    static final Embedded READY_NODE = STRUCT.list("rdllink", 24);
    static final Pointer EPOLL = STRUCT.pointer("ep", 32, "struct eventpoll");
    static final Pointer FILE = STRUCT.pointer("file", 36, "struct file");
    /** The next item of the same file, see {@link FileLayout#WATCHERS}. */
    static final Pointer NEXT_WATCHER = STRUCT.pointer("fllink", 40, "struct epitem");
    static final Word DESCRIPTOR = STRUCT.s32("fd", 44);
    /** The events that the program wants, with flags as {@link PollEvents#EPOLLET}. */
    static final Word EVENTS = STRUCT.u32("events", 48);
    /** The program's own word for the file. */
    static final U64 DATA = STRUCT.u64("data", 56);

    private EpollItemLayout() { }
}

package ferrite.book.scull;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;
import ferrite.kernel.fs.CdevLayout;
import ferrite.kernel.sched.MutexLayout;
import ferrite.kernel.sched.WaitQueueLayout;

/** {@code struct scull_pipe}: a circular buffer between processes (LDD3 page 153). */
final class ScullPipeLayout {

    static final int SIZE = 100;

    static final Struct STRUCT = Struct.of("scull_pipe", SIZE);

    /** Readers and writers that wait. */
    static final Embedded INQ = STRUCT.embedded("inq", 0, WaitQueueLayout.STRUCT);
    static final Embedded OUTQ = STRUCT.embedded("outq", INQ.end(), WaitQueueLayout.STRUCT);
    /** The buffer, which exists while the pipe is open, and its end. */
    static final Pointer BUFFER = STRUCT.pointer("buffer", OUTQ.end(), "char");
    static final Pointer END = STRUCT.pointer("end", BUFFER.end(), "char");
    static final Word BUFFER_SIZE = STRUCT.u32("buffersize", END.end());
    /** Where the next byte is read, and where it is written. The buffer is empty if they are equal. */
    static final Pointer RP = STRUCT.pointer("rp", BUFFER_SIZE.end(), "char");
    static final Pointer WP = STRUCT.pointer("wp", RP.end(), "char");
    static final Word READERS = STRUCT.s32("nreaders", WP.end());
    static final Word WRITERS = STRUCT.s32("nwriters", READERS.end());
    /** The list of fasync_helper: the programs that get SIGIO. */
    static final Pointer ASYNC_QUEUE = STRUCT.pointer("async_queue", WRITERS.end(), "void");
    static final Embedded MUTEX = STRUCT.embedded("mutex", ASYNC_QUEUE.end(), MutexLayout.STRUCT);
    static final Embedded CDEV = STRUCT.embedded("cdev", MUTEX.end(), CdevLayout.STRUCT);

    private ScullPipeLayout() { }
}

package ferrite.kernel.fs;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;
import ferrite.kernel.sched.MutexLayout;
import ferrite.kernel.sched.WaitQueueLayout;

/** {@code struct pipe_inode_info}: bytes on their way from one program to another. */
final class PipeLayout {

    static final int SIZE = 68;

    static final Struct STRUCT = Struct.of("pipe_inode_info", SIZE);

    static final Embedded MUTEX = STRUCT.embedded("mutex", 0, MutexLayout.STRUCT);
    /** Readers that wait for bytes. */
    static final Embedded RD_WAIT = STRUCT.embedded("rd_wait", 20, WaitQueueLayout.STRUCT);
    /** Writers that wait for room. */
    static final Embedded WR_WAIT = STRUCT.embedded("wr_wait", 32, WaitQueueLayout.STRUCT);
    /** The linear address of the buffer. */
    static final Pointer BUFFER = STRUCT.pointer("buffer", 44, "char");
    /** Bytes written and read so far, modulo 2^32. */
    static final Word HEAD = STRUCT.u32("head", 48);
    static final Word TAIL = STRUCT.u32("tail", 52);
    /** Open ends. */
    static final Word READERS = STRUCT.u32("readers", 56);
    static final Word WRITERS = STRUCT.u32("writers", 60);
    /** Open files that use the pipe: an end that is closed still uses it until its waiters are woken. */
    static final Word FILES = STRUCT.u32("files", 64);

    private PipeLayout() { }
}

package ferrite.kernel.fs;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.U64;
import ferrite.kernel.base.ULong;
import ferrite.kernel.base.Word;
import ferrite.kernel.sched.WaitQueueLayout;

/** {@code struct kiocb}: one operation of asynchronous I/O (LDD3 page 437). */
@DriverApi
public final class KiocbLayout {

    public static final int SIZE = 80;

    public static final Struct STRUCT = Struct.of("kiocb", SIZE);

    /** The open file. */
    public static final Pointer KI_FILP = STRUCT.pointer("ki_filp", 0, "struct file");
    /** The context of the program; 0 for a synchronous operation. */
    static final Pointer CONTEXT = STRUCT.pointer("ki_ctx", 4, "struct kioctx");
    /** The position in the file. */
    public static final U64 KI_POS = STRUCT.u64("ki_pos", 8);
    /** A word for the driver; 0 at first. */
    public static final Pointer PRIVATE = STRUCT.pointer("private", 16, "void");
    /** {@link #ACTIVE} until the operation is complete. */
    static final Word STATE = STRUCT.u32("ki_state", 20);
    static final int ACTIVE = 0x6169_6f31;
    static final int COMPLETE = 0;
    /** The two results of a complete operation. */
    static final U64 RESULT = STRUCT.u64("ki_res", 24);
    static final U64 RESULT_2 = STRUCT.u64("ki_res2", 32);
    /** The program's own word, and the address of its record. */
    static final U64 USER_DATA = STRUCT.u64("ki_user_data", 40);
    static final ULong USER_IOCB = STRUCT.ulong("ki_user_iocb", 48);
    /** A {@link KiocbCancel}; 0 for none. */
    static final Pointer CANCEL = STRUCT.function("ki_cancel", 52);
    /** On the context's list of active or of complete operations. */
    static final Embedded LIST = STRUCT.list("ki_list", 56);
    /** The task that waits for a synchronous operation. */
    static final Embedded WAIT = STRUCT.embedded("ki_wait", 64, WaitQueueLayout.STRUCT);

    private KiocbLayout() { }
}

package ferrite.peripherals.tty;

import ferrite.kernel.base.Bytes;
import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;
import ferrite.kernel.sched.MutexLayout;
import ferrite.kernel.sched.WaitQueueLayout;

/** The input of a serial line ({@code struct n_tty_data}). Counts of bytes only rise; they are places in the ring. */
public final class TtyLayout {

    /** Bytes of the ring, {@code N_TTY_BUF_SIZE}. */
    static final int RING_BYTES = 4096;

    static final int SIZE = 28 + RING_BYTES / 8 + WaitQueueLayout.SIZE + MutexLayout.SIZE;

    public static final Struct STRUCT = Struct.of("tty", SIZE);

    static final Pointer RING = STRUCT.pointer("read_buf", 0, "char");
    static final Word HEAD = STRUCT.u32("read_head", 4);
    static final Word TAIL = STRUCT.u32("read_tail", 8);
    /** The end of the last whole line. */
    static final Word CANON_HEAD = STRUCT.u32("canon_head", 12);
    /** The column of the cursor, and its column where the line of input begins. */
    static final Word COLUMN = STRUCT.u32("column", 16);
    static final Word CANON_COLUMN = STRUCT.u32("canon_column", 20);
    /** Not 0 while the chip's interrupt for received bytes is off, because the ring is nearly full. */
    static final Word THROTTLED = STRUCT.u32("throttled", 24);
    /** A bit for each byte of the ring that ends a line. A 0 that does is the end of the file. */
    static final Bytes LINE_ENDS = STRUCT.bytes("read_flags", 28, RING_BYTES / 8);
    static final Embedded WAIT = STRUCT.embedded("read_wait", LINE_ENDS.end(), WaitQueueLayout.STRUCT);
    static final Embedded ONE_READER = STRUCT.embedded("one_reader", WAIT.end(), MutexLayout.STRUCT);

    private TtyLayout() { }
}

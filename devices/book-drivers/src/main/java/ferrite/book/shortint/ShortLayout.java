package ferrite.book.shortint;

import ferrite.book.base.DeviceFilesLayout;
import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.ULong;
import ferrite.kernel.base.Word;
import ferrite.kernel.fs.CdevLayout;
import ferrite.kernel.sched.MutexLayout;
import ferrite.kernel.sched.TaskletLayout;
import ferrite.kernel.sched.WaitQueueLayout;
import ferrite.kernel.work.WorkLayout;

/** The variables of short. */
final class ShortLayout {

    /** The files: shortint, and one for each register. */
    static final int DEVICES = 1 + (int) ShortRegisters.BYTES;
    /** Times that the interrupt has left for the function that writes them. */
    static final int TIMES = 64;
    static final int SIZE = 888;
    /** In place of a port: the registers are memory. */
    static final long NO_PORT = 0xffff_ffffL;

    static final Struct STRUCT = Struct.of("short", SIZE);

    static final Embedded FILES = STRUCT.embedded("files", 0, DeviceFilesLayout.STRUCT);
    static final Embedded CDEVS = STRUCT.array("cdevs", FILES.end(), CdevLayout.STRUCT, DEVICES);
    static final Pointer REGISTERS = STRUCT.pointer("base", CDEVS.end(), "void");
    static final Word IRQ = STRUCT.s32("irq", REGISTERS.end());
    /** How an interrupt is served, see {@link ShortDriver}. */
    static final Word HOW = STRUCT.u32("how", IRQ.end());
    /** The modem control register as it was. */
    static final Word OLD_MCR = STRUCT.u32("old_mcr", HOW.end());
    /** A page of lines, where the next one is written, and where the next byte is read. */
    static final Pointer BUFFER = STRUCT.pointer("buffer", OLD_MCR.end(), "char");
    static final Pointer HEAD = STRUCT.pointer("head", BUFFER.end(), "char");
    static final Pointer TAIL = STRUCT.pointer("tail", HEAD.end(), "char");
    static final Embedded QUEUE = STRUCT.embedded("queue", TAIL.end(), WaitQueueLayout.STRUCT);
    static final Embedded ONE_READER = STRUCT.embedded("one_reader", QUEUE.end(), MutexLayout.STRUCT);
    /** Interrupts since the tasklet or the work item has run. */
    static final Word WQ_COUNT = STRUCT.s32("wq_count", ONE_READER.end());
    /** The next time that is stored, and the next one that is written; both count on. */
    static final Word TV_HEAD = STRUCT.u32("tv_head", WQ_COUNT.end());
    static final Word TV_TAIL = STRUCT.u32("tv_tail", TV_HEAD.end());
    /** Seconds and microseconds of the stored times. */
    static final Word SECONDS = STRUCT.u32("tv_sec", TV_TAIL.end(), TIMES);
    static final Word MICROS = STRUCT.u32("tv_usec", SECONDS.end(), TIMES);
    static final Embedded TASKLET = STRUCT.embedded("tasklet", MICROS.end(), TaskletLayout.STRUCT);
    static final Embedded WORK = STRUCT.embedded("wq", TASKLET.end(), WorkLayout.STRUCT);

    /** The first I/O port, or {@link #NO_PORT}. */
    static final ULong PORT = STRUCT.ulong("port", WORK.end());

    private ShortLayout() { }
}

package ferrite.kernel.fs;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;
import ferrite.kernel.sched.WaitQueueLayout;

/** {@code struct proc_dir_entry}: a file of {@code /proc} that a driver has made. */
final class ProcEntryLayout {

    static final int SIZE = 56;

    static final Struct STRUCT = Struct.of("proc_dir_entry", SIZE);

    static final Embedded LIST = STRUCT.list("list", 0);
    static final Pointer NAME = STRUCT.pointer("name", 8, "char");
    static final Word MODE = STRUCT.u32("mode", 12);
    /** {@link FileOperations}. */
    static final Pointer OPERATIONS = STRUCT.function("proc_ops", 16);
    /** The driver's callback: the same, or its {@link SeqOperations} or {@link SeqShow}. */
    static final Pointer CALLBACK = STRUCT.function("callback", 20);
    static final Pointer DATA = STRUCT.pointer("data", 24, "void");
    /** The calls of the driver that are in progress; negative after the removal has begun. */
    static final Word IN_USE = STRUCT.u32("in_use", 28);
    /** The list of all entries, and the files that are opened or open. */
    static final Word REFERENCES = STRUCT.u32("refcnt", 32);
    /** The {@link ProcOpenerLayout}s of the open files. */
    static final Embedded OPENERS = STRUCT.list("pde_openers", 36);
    /** Tasks that wait for the end of calls, and of the release of a file. */
    static final Embedded WAIT = STRUCT.embedded("pde_unload_completion", 44, WaitQueueLayout.STRUCT);

    private ProcEntryLayout() { }
}

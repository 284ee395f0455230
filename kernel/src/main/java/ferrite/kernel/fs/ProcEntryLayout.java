package ferrite.kernel.fs;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;

/** {@code struct proc_dir_entry}: a file of {@code /proc} that a driver has made. */
final class ProcEntryLayout {

    static final int SIZE = 28;

    static final Struct STRUCT = Struct.of("proc_dir_entry", SIZE);

    static final Embedded LIST = STRUCT.list("list", 0);
    static final Pointer NAME = STRUCT.pointer("name", 8, "char");
    static final Word MODE = STRUCT.u32("mode", 12);
    /** {@link FileOperations}. */
    static final Pointer OPERATIONS = STRUCT.function("proc_ops", 16);
    /** The driver's callback: the same, or its {@link SeqOperations} or {@link SeqShow}. */
    static final Pointer CALLBACK = STRUCT.function("callback", 20);
    static final Pointer DATA = STRUCT.pointer("data", 24, "void");

    private ProcEntryLayout() { }
}

package ferrite.kernel.fs;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;

/** {@code struct pde_opener}: an open file of a {@link ProcEntryLayout} that is not released yet. */
final class ProcOpenerLayout {

    static final int SIZE = 16;

    static final Struct STRUCT = Struct.of("pde_opener", SIZE);

    static final Embedded LIST = STRUCT.list("lh", 0);
    static final Pointer FILE = STRUCT.pointer("file", 8, "struct file");
    /** Not zero while a task releases it. */
    static final Word CLOSING = STRUCT.u32("closing", 12);

    private ProcOpenerLayout() { }
}

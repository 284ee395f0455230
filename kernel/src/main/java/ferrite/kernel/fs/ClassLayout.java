package ferrite.kernel.fs;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;

/** {@code struct class}: devices of one kind (LDD3 page 387). */
final class ClassLayout {

    static final int SIZE = 16;

    static final Struct STRUCT = Struct.of("class", SIZE);

    static final Embedded LIST = STRUCT.list("list", 0);
    static final Pointer NAME = STRUCT.pointer("name", 8, "char");
    /** Its devices, and 1 while it is not destroyed. */
    static final Word REFERENCES = STRUCT.u32("refcount", 12);

    private ClassLayout() { }
}

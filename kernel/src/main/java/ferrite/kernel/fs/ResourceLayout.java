package ferrite.kernel.fs;

import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.ULong;

/** {@code struct resource}: a range of physical addresses that a driver has requested. */
final class ResourceLayout {

    static final int SIZE = 16;

    static final Struct STRUCT = Struct.of("resource", SIZE);

    static final ULong START = STRUCT.ulong("start", 0);
    /** The last address. */
    static final ULong END = STRUCT.ulong("end", 4);
    static final Pointer NAME = STRUCT.pointer("name", 8, "char");
    /** The next one, which begins above the end of this one. */
    static final Pointer SIBLING = STRUCT.pointer("sibling", 12, "struct resource");

    private ResourceLayout() { }
}

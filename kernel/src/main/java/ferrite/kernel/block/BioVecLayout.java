package ferrite.kernel.block;

import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;

/** {@code struct bio_vec}: bytes that are one piece of physical memory, in one page or several. */
final class BioVecLayout {

    static final int SIZE = 12;

    static final Struct STRUCT = Struct.of("bio_vec", SIZE);

    static final Pointer PAGE = STRUCT.pointer("bv_page", 0, "struct page");
    static final Word LENGTH = STRUCT.u32("bv_len", 4);
    static final Word OFFSET = STRUCT.u32("bv_offset", 8);

    private BioVecLayout() { }
}

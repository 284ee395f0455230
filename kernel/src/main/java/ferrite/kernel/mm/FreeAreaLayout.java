package ferrite.kernel.mm;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.ULong;

/** {@code struct free_area}: a zone's free blocks of one order. */
public final class FreeAreaLayout {

    public static final Struct STRUCT = Struct.of("free_area", 12);

    static final Embedded FREE_LIST = STRUCT.list("free_list", 0);
    public static final ULong NR_FREE = STRUCT.ulong("nr_free", 8);

    private FreeAreaLayout() { }
}

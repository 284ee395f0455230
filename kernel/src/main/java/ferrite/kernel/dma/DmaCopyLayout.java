package ferrite.kernel.dma;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.ULong;
import ferrite.kernel.base.Word;

/** A copy of consecutive bytes, as a part of a transfer. */
@DriverApi
public final class DmaCopyLayout {

    public static final int SIZE = 12;

    public static final Struct STRUCT = Struct.of("dma_copy", SIZE);

    public static final ULong TARGET = STRUCT.ulong("dst", 0);
    public static final ULong SOURCE = STRUCT.ulong("src", 4);
    public static final Word BYTES = STRUCT.u32("len", 8);

    private DmaCopyLayout() { }
}

package ferrite.kernel.dma;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;

/** {@code struct dma_tx_state}: the progress of a channel. */
@DriverApi
public final class DmaTxStateLayout {

    public static final int SIZE = 12;

    public static final Struct STRUCT = Struct.of("dma_tx_state", SIZE);

    /** The cookies of the transfer that ended last, and of the one that was submitted last. */
    public static final Word LAST = STRUCT.s32("last", 0);
    public static final Word USED = STRUCT.s32("used", 4);
    /** Bytes of the transfer that the engine has not copied. */
    public static final Word RESIDUE = STRUCT.u32("residue", 8);

    private DmaTxStateLayout() { }
}

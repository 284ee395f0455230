package ferrite.kernel.dma;

import ferrite.kernel.base.Struct;
import java.util.List;

/** The layouts of all records of DMA, for debuggers. */
public final class DmaStructs {

    public static final List<Struct> ALL = List.of(
            DmaDebugEntryLayout.STRUCT, DmaDebugLayout.STRUCT, DmaDeviceLayout.STRUCT, DmaPageLayout.STRUCT,
            DmaPoolLayout.STRUCT, DmaTrackLayout.STRUCT, IsaDma.STRUCT, ScatterListLayout.STRUCT,
            SwiotlbLayout.STRUCT, SwiotlbSlotLayout.STRUCT);

    private DmaStructs() { }
}

package ferrite.kernel.dma;

import ferrite.kernel.base.Struct;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The layouts of all records of DMA, and the names of directions, for debuggers. */
public final class DmaStructs {

    public static final List<Struct> ALL = List.of(
            DmaAsyncTxLayout.STRUCT, DmaChannelLayout.STRUCT, DmaCopyLayout.STRUCT, DmaDebugEntryLayout.STRUCT,
            DmaDebugLayout.STRUCT, DmaDeviceLayout.STRUCT, DmaEngineLayout.STRUCT, DmaPageLayout.STRUCT,
            DmaPoolLayout.STRUCT, DmaTrackLayout.STRUCT, DmaTxStateLayout.STRUCT, IsaDma.STRUCT,
            ScatterListLayout.STRUCT, SwiotlbLayout.STRUCT, SwiotlbSlotLayout.STRUCT);

    private DmaStructs() { }

    /** Returns the directions of mappings by name, as Linux's {@code enum dma_data_direction}. */
    public static Map<String, Long> directions() {
        Map<String, Long> directions = new LinkedHashMap<>();
        for (String name : DmaDebugReports.DIRECTIONS) {
            directions.put(name, (long) directions.size());
        }
        return directions;
    }
}

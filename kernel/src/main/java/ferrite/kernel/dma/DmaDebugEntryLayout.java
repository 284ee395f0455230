package ferrite.kernel.dma;

import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.ULong;
import ferrite.kernel.base.Word;

/** {@code struct dma_debug_entry}: a live mapping. */
public final class DmaDebugEntryLayout {

    static final int SIZE = 48;

    public static final Struct STRUCT = Struct.of("dma_debug_entry", SIZE);

    static final Pointer NEXT = STRUCT.pointer("next", 0, "struct dma_debug_entry");
    static final Pointer DEV = STRUCT.pointer("dev", 4, "struct device");
    /** Physical address of the memory, and its bus address, which differs if the mapping is bounced. */
    static final ULong PA = STRUCT.ulong("paddr", 8);
    static final ULong DMA = STRUCT.ulong("dev_addr", 12);
    static final Word LENGTH = STRUCT.u32("size", 16);
    static final Word DIRECTION = STRUCT.u32("direction", 20);
    /** Number of a {@link DmaDebug.Call}. */
    static final Word CALL = STRUCT.u32("type", 24);
    /** For a list: the number of its entries. */
    static final Word ENTRIES = STRUCT.u32("sg_call_ents", 28);
    /** 1 once the driver has called dma_mapping_error. */
    static final Word CHECKED = STRUCT.u32("map_err_type", 32);
    static final Pointer SITE = STRUCT.pointer("site", 36, "char");
    static final Pointer TASK = STRUCT.pointer("task", 40, "char");
    static final Word PID = STRUCT.u32("pid", 44);

    private DmaDebugEntryLayout() { }
}

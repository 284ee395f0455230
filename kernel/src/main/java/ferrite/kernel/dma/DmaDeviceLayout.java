package ferrite.kernel.dma;

import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.ULong;
import ferrite.kernel.base.Word;

/**
 * {@code struct device}, as far as the DMA calls and messages need it. All zero, as a new device's is, means the
 * defaults of {@link DmaMapping}.
 */
public final class DmaDeviceLayout {

    public static final int SIZE = 24;

    public static final Struct STRUCT = Struct.of("device", SIZE);

    public static final Pointer NAME = STRUCT.pointer("init_name", 0, "char");
    /** The highest address of streaming mappings; 0 until a driver sets a mask, and after one was refused. */
    public static final ULong MASK = STRUCT.ulong("dma_mask", 4);
    public static final ULong COHERENT_MASK = STRUCT.ulong("coherent_dma_mask", 8);
    /** Bytes of the longest segment; 0 for {@link DmaMapping#DEFAULT_SEG_SIZE}. */
    public static final Word MAX_SEG_SIZE = STRUCT.u32("max_segment_size", 12);
    /** The boundary's last byte, all ones; 0 for {@link DmaMapping#DEFAULT_SEG_BOUNDARY}. */
    public static final ULong SEG_BOUNDARY = STRUCT.ulong("segment_boundary_mask", 16);
    /** The name of the driver that serves the device, for messages; 0 while there is none. */
    public static final Pointer DRIVER = STRUCT.pointer("driver", 20, "char");

    private DmaDeviceLayout() { }
}

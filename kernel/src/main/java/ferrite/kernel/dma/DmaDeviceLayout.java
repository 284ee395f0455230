package ferrite.kernel.dma;

/** What the DMA calls keep of a device, inside its {@code struct device}. All zero, as a new device's is, means the defaults of {@link DmaMapping}. */
public final class DmaDeviceLayout {

    /** Address of the device's name. */
    public static final int NAME = 0;
    /** {@code dma_mask}: the highest address that streaming mappings may have; 0 while no driver has set one, or after it was refused. */
    public static final int MASK = 4;
    public static final int COHERENT_MASK = 8;
    /** Bytes of the longest segment; 0 for {@link DmaMapping#DEFAULT_SEG_SIZE}. */
    public static final int MAX_SEG_SIZE = 12;
    /** The boundary's last byte, all ones; 0 for {@link DmaMapping#DEFAULT_SEG_BOUNDARY}. */
    public static final int SEG_BOUNDARY = 16;
    public static final int SIZE = 24;

    private DmaDeviceLayout() { }
}

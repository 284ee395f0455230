package ferrite.kernel.dma;

import ferrite.kernel.base.DriverApi;

/** {@code enum dma_data_direction} (LDD3 page 448): the device's accesses to a mapped buffer. */
@DriverApi
public final class DmaDirection {

    public static final int DMA_BIDIRECTIONAL = 0;
    /** The device reads the buffer. */
    public static final int DMA_TO_DEVICE = 1;
    /** The device writes the buffer. */
    public static final int DMA_FROM_DEVICE = 2;
    /** No direction, for debugging: a mapping with it is refused. */
    public static final int DMA_NONE = 3;

    private DmaDirection() { }

    static boolean isValid(int direction) {
        return direction >= DMA_BIDIRECTIONAL && direction < DMA_NONE;
    }

    static boolean deviceWrites(int direction) {
        return direction != DMA_TO_DEVICE;
    }

    static boolean deviceReads(int direction) {
        return direction != DMA_FROM_DEVICE;
    }
}

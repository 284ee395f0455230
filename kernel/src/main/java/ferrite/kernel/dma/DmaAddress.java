package ferrite.kernel.dma;

import ferrite.kernel.base.DriverApi;

/** Bus addresses (LDD3 pages 444-449). */
@DriverApi
public final class DmaAddress {

    /** What a refused mapping returns; {@code dma_mapping_error} recognises it. */
    public static final long DMA_MAPPING_ERROR = 0xffff_ffffL;

    private DmaAddress() { }

    /** {@code DMA_BIT_MASK}: the highest address of so many address bits. */
    public static long bitMask(int bits) {
        return bits == Long.SIZE ? -1 : (1L << bits) - 1;
    }
}

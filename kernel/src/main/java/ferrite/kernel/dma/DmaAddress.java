package ferrite.kernel.dma;

import ferrite.kernel.base.DriverApi;

/** Bus addresses (LDD3 pages 444-449). */
@DriverApi
public final class DmaAddress {

    /** The result of a refused mapping; {@code dma_mapping_error} recognises it. */
    public static final long DMA_MAPPING_ERROR = 0xffff_ffffL;

    private DmaAddress() { }

    /** {@code DMA_BIT_MASK}: returns the highest address with a number of address bits. */
    public static long bitMask(int bits) {
        return bits == Long.SIZE ? -1 : (1L << bits) - 1;
    }
}

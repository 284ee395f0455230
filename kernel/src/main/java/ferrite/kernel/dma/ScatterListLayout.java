package ferrite.kernel.dma;

import ferrite.kernel.base.DriverApi;

/** {@code struct scatterlist}: an entry of a list, and the segment that {@code dma_map_sg} left in it. */
@DriverApi
public final class ScatterListLayout {

    /** Address of the {@code struct page}, and two bits: {@link #CHAIN}, {@link #END}. */
    static final int PAGE_LINK = 0;
    /** Offset in the page. */
    static final int OFFSET = 4;
    static final int LENGTH = 8;
    /** Bus address of the segment. */
    static final int DMA_ADDRESS = 12;
    /** Bytes of the segment; 0 after the last one. */
    static final int DMA_LENGTH = 16;
    public static final int SIZE = 20;

    /** In {@link #PAGE_LINK}: it holds the address of the next array instead. */
    static final int CHAIN = 1;
    /** In {@link #PAGE_LINK}: this is the last entry. */
    static final int END = 2;

    private ScatterListLayout() { }
}

package ferrite.kernel.dma;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.ULong;
import ferrite.kernel.base.Word;

/** {@code struct scatterlist}: an entry of a list, and the segment that {@code dma_map_sg} left in it. */
@DriverApi
public final class ScatterListLayout {

    public static final int SIZE = 20;

    public static final Struct STRUCT = Struct.of("scatterlist", SIZE);

    /** Address of the {@code struct page}, and two bits: {@link #CHAIN}, {@link #END}. */
    static final Word PAGE_LINK = STRUCT.u32("page_link", 0);
    /** Offset in the page. */
    static final Word OFFSET = STRUCT.u32("offset", 4);
    static final Word LENGTH = STRUCT.u32("length", 8);
    /** Bus address of the segment. */
    static final ULong DMA_ADDRESS = STRUCT.ulong("dma_address", 12);
    /** Bytes of the segment; 0 after the last one. */
    static final Word DMA_LENGTH = STRUCT.u32("dma_length", 16);

    /** In {@link #PAGE_LINK}: it holds the address of the next array instead. */
    static final int CHAIN = 1;
    /** In {@link #PAGE_LINK}: this is the last entry. */
    static final int END = 2;

    private ScatterListLayout() { }
}

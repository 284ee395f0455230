package ferrite.kernel.driver;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.dma.ForEachSg;
import ferrite.kernel.dma.ScatterListLayout;

/** Scatterlists (LDD3 pages 450-452): arrays of entries of {@link ScatterListLayout#SIZE} bytes. */
@DriverApi
public interface ScatterCalls {

    /** Initialises an array of entries, and marks the last one. Any context. */
    @CName("sg_init_table")
    void sgInitTable(long sgl, int entries);

    /** Sets an entry to part of a page of any zone. Any context. */
    @CName("sg_set_page")
    void sgSetPage(long sg, long page, int length, int offset);

    /** Sets an entry to memory of the linear map. Any context. */
    @CName("sg_set_buf")
    void sgSetBuf(long sg, long va, int length);

    /** Makes the last entry a link to another array. Any context. */
    @CName("sg_chain")
    void sgChain(long sgl, int entries, long next);

    /** Returns the next entry; 0 after the last one. Any context. */
    @CName("sg_next")
    long sgNext(long sg);

    /** Calls the body with each of the first entries and its number. Any context. */
    @CName("for_each_sg")
    void forEachSg(long sgl, int entries, ForEachSg body);

    /** Returns the {@code struct page} of an entry. Any context. */
    @CName("sg_page")
    long sgPage(long sg);

    /** Returns the entry's offset in its page ({@code sg->offset}). Any context. */
    @CName("sg_offset")
    int sgOffset(long sg);

    /** Returns the bytes of an entry ({@code sg->length}). Any context. */
    @CName("sg_length")
    int sgLength(long sg);

    /** Returns the physical address of an entry. Any context. */
    @CName("sg_phys")
    long sgPhys(long sg);

    /** Returns the linear address of an entry; 0 in high memory. Any context. */
    @CName("sg_virt")
    long sgVirt(long sg);

    /** Returns the bus address of a segment. Any context. */
    @CName("sg_dma_address")
    long sgDmaAddress(long sg);

    /** Returns the bytes of a segment; 0 after the last one. Any context. */
    @CName("sg_dma_len")
    int sgDmaLen(long sg);
}

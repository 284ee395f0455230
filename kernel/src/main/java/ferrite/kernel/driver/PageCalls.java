package ferrite.kernel.driver;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.Gfp;

/** Pages (LDD3 pages 221-225), their records, and addresses for high memory (pages 418-419). */
@DriverApi
public interface PageCalls {

    /**
     * Allocates 2^order pages, physically contiguous (LDD3 page 221). May sleep if the flags allow it.
     *
     * @param gfp flags of {@link Gfp}, without {@code __GFP_HIGHMEM}
     * @return the linear address, or 0
     */
    @CName("__get_free_pages")
    long __getFreePages(int gfp, int order);

    /** Allocates one page, see {@link #__getFreePages}. May sleep if the flags allow it. */
    @CName("__get_free_page")
    long __getFreePage(int gfp);

    /** Allocates one page of zeros, see {@link #__getFreePages}. May sleep if the flags allow it. */
    @CName("get_zeroed_page")
    long getZeroedPage(int gfp);

    /** Allocates pages of the DMA zone, see {@link #__getFreePages}. May sleep if the flags allow it. */
    @CName("__get_dma_pages")
    long __getDmaPages(int gfp, int order);

    /**
     * Frees pages by their linear address; 0 is legal. Any context. A wrong address or order is reported and frees
     * nothing.
     */
    @CName("free_pages")
    void freePages(long va, int order);

    /** Frees one page, see {@link #freePages}. Any context. */
    @CName("free_page")
    void freePage(long va);

    /**
     * Allocates 2^order pages, with {@code __GFP_HIGHMEM} of high memory too (LDD3 page 223). May sleep if the flags
     * allow it.
     *
     * @return the {@code struct page} of the first one, or 0
     */
    @CName("alloc_pages")
    long allocPages(int gfp, int order);

    /** Allocates one page, see {@link #allocPages}. May sleep if the flags allow it. */
    @CName("alloc_page")
    long allocPage(int gfp);

    /**
     * Allocates pages of a memory node (LDD3 page 223). The machine has one: 0, or -1 for any. May sleep if the flags
     * allow it.
     */
    @CName("alloc_pages_node")
    long allocPagesNode(int node, int gfp, int order);

    /** Frees pages by their {@code struct page}, see {@link #freePages}. Any context. */
    @CName("__free_pages")
    void __freePages(long page, int order);

    /** Frees one page by its {@code struct page}. Any context. */
    @CName("__free_page")
    void __freePage(long page);

    /** Frees one page that is in no hart's cache (LDD3 page 224). Any context. */
    @CName("free_cold_page")
    void freeColdPage(long page);

    /** Takes a reference to the block that a page lies in. The block is freed with its last reference. Any context. */
    @CName("get_page")
    void getPage(long page);

    /** Gives up a reference that {@link #getPage} took. Any context. */
    @CName("put_page")
    void putPage(long page);

    /** Returns the order of the smallest block that holds so many bytes. Any context. */
    @CName("get_order")
    int getOrder(long bytes);

    /** Returns the address of a page; 0 for high memory that is not mapped (LDD3 page 417). Any context. */
    @CName("page_address")
    long pageAddress(long page);

    /** Returns the {@code struct page} of an address of the linear map, or 0. Any context. */
    @CName("virt_to_page")
    long virtToPage(long va);

    /** Returns whether a frame is memory, so that it has a {@code struct page} (LDD3 page 431). Any context. */
    @CName("pfn_valid")
    boolean pfnValid(long pfn);

    /** Returns the {@code struct page} of a frame; 0 if there is no memory. Any context. */
    @CName("pfn_to_page")
    long pfnToPage(long pfn);

    /** Returns the frame number of a page. Any context. */
    @CName("page_to_pfn")
    long pageToPfn(long page);

    /**
     * Copies bytes out of a page of any zone. Any context.
     *
     * @param offset of the first byte in the page; the last byte lies in it too
     */
    @CName("memcpy_from_page")
    void memcpyFromPage(long to, long page, int offset, int bytes);

    /**
     * Copies bytes into a page of any zone. Any context.
     *
     * @param offset of the first byte in the page; the last byte lies in it too
     */
    @CName("memcpy_to_page")
    void memcpyToPage(long page, int offset, long from, int bytes);

    /**
     * Maps a page of high memory until as many {@link #kunmap}s follow (LDD3 page 418). Task context; may sleep.
     *
     * @return its address; for a page of low memory the address that it has anyway
     */
    @CName("kmap")
    long kmap(long page);

    /** Takes back one {@link #kmap}. Task context; does not sleep. */
    @CName("kunmap")
    void kunmap(long page);

    /**
     * Maps a page on this hart alone, and makes the caller atomic until {@link #kunmapAtomic} (LDD3 page 418). Any
     * context.
     *
     * @throws ferrite.kernel.base.KernelBug if more mappings are nested than there are slots
     */
    @CName("kmap_atomic")
    long kmapAtomic(long page);

    /** Takes back the last {@link #kmapAtomic} of this hart. Any context. */
    @CName("kunmap_atomic")
    void kunmapAtomic(long va);
}

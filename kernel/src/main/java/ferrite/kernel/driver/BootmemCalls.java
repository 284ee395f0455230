package ferrite.kernel.driver;

import ferrite.kernel.base.DriverApi;

/**
 * Boot-time memory (LDD3 pages 230-231): large blocks for drivers that are linked into the kernel. After boot
 * nothing is allocated or freed; a driver can still find its memory.
 */
@DriverApi
public interface BootmemCalls {

    /**
     * Allocates low memory for good, aligned to a cache line. The DMA zone is used last. Boot only.
     *
     * @return the linear address; 0 after boot
     * @throws ferrite.kernel.base.KernelPanic if there is too little memory, as in Linux
     */
    @CName("alloc_bootmem")
    long allocBootmem(int bytes);

    /** Allocates memory of the DMA zone for good, see {@link #allocBootmem}. Boot only. */
    @CName("alloc_bootmem_low")
    long allocBootmemLow(int bytes);

    /** Allocates whole pages for good, see {@link #allocBootmem}. Boot only. */
    @CName("alloc_bootmem_pages")
    long allocBootmemPages(int bytes);

    /** Allocates whole pages of the DMA zone for good, see {@link #allocBootmem}. Boot only. */
    @CName("alloc_bootmem_low_pages")
    long allocBootmemLowPages(int bytes);

    /**
     * Frees part or all of an allocation. Only whole pages reach the page allocator. Boot only.
     *
     * @param pa physical address of the first byte
     */
    @CName("free_bootmem")
    void freeBootmem(long pa, int bytes);

    /**
     * Finds memory again that a driver allocated at boot (no call of Linux's: its drivers keep a pointer). Any
     * context.
     *
     * @param index counts the driver's allocations from 0
     * @return the linear address, or 0 past the last allocation
     */
    @CName("bootmem_piece")
    long bootmemPiece(String driver, int index);

    /** Returns the bytes of an allocation that {@link #bootmemPiece} finds; 0 past the last one. Any context. */
    @CName("bootmem_piece_size")
    int bootmemPieceSize(String driver, int index);
}

package ferrite.kernel.driver;

import ferrite.kernel.base.DriverApi;

/** The vmalloc area (LDD3 page 225), device registers (page 249), and conversions of addresses. */
@DriverApi
public interface AreaCalls {

    /**
     * Allocates memory with contiguous addresses and scattered pages (LDD3 page 225). Task context; may sleep.
     *
     * @param bytes rounded up to whole pages
     * @return the address, or 0
     */
    @CName("vmalloc")
    long vmalloc(long bytes);

    /** Allocates zeroed memory, see {@link #vmalloc}. Task context; may sleep. */
    @CName("vzalloc")
    long vzalloc(long bytes);

    /** Allocates memory without pages of high memory, see {@link #vmalloc}. Task context; may sleep. */
    @CName("vmalloc_32")
    long vmalloc32(long bytes);

    /**
     * Frees an area; 0 is legal. Task context; may sleep. In an interrupt handler the area is freed a little later,
     * as in Linux.
     */
    @CName("vfree")
    void vfree(long va);

    /**
     * Maps device registers (LDD3 page 249). Task context; may sleep.
     *
     * @return the virtual address; 0 if there is no room, or {@code pa} is memory
     */
    @CName("ioremap")
    long ioremap(long pa, long bytes);

    /** Unmaps device registers; 0 is legal. Task context; may sleep. */
    @CName("iounmap")
    void iounmap(long va);

    /**
     * Reserves addresses for {@link #ioremapPageRange}; {@link #vfree} frees them. Task context; may sleep.
     *
     * @return the first address, or 0
     */
    @CName("get_vm_area")
    long getVmArea(long bytes);

    /**
     * Maps physical addresses, of device registers or memory, into an area of {@link #getVmArea}. They still belong to
     * their owner. Task context; may sleep.
     *
     * @param va  a page inside the area
     * @param end the first address after the range
     * @param pa  the first physical address, at the beginning of a page
     * @return 0, or a negative {@link ferrite.kernel.base.Errno}: EINVAL outside of such an area, EBUSY if a page is
     *     mapped there
     */
    @CName("ioremap_page_range")
    int ioremapPageRange(long va, long end, long pa, boolean writable);

    /** Returns the {@code struct page} of an address of the vmalloc area, or 0. Any context. */
    @CName("vmalloc_to_page")
    long vmallocToPage(long va);

    /** Returns whether an address lies in the vmalloc area. Any context. */
    @CName("is_vmalloc_addr")
    boolean isVmallocAddr(long va);

    /**
     * Returns the physical address of an address of the linear map. Any context.
     *
     * @throws ferrite.kernel.base.KernelBug for other addresses
     */
    @CName("virt_to_phys")
    long virtToPhys(long va);

    /**
     * Returns the address of physical memory in the linear map (LDD3 page 413, {@code __va}). Any context.
     *
     * @throws ferrite.kernel.base.KernelBug for high memory and for device registers, which have no such address
     */
    @CName("phys_to_virt")
    long physToVirt(long pa);
}

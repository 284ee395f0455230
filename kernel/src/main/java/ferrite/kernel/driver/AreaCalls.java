package ferrite.kernel.driver;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.Errno;

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
     * Reserves addresses for {@link #remapPfnRange}; {@link #vfree} frees them. Task context; may sleep.
     *
     * @return the first address, or 0
     */
    @CName("get_vm_area")
    long getVmArea(long bytes);

    /**
     * Maps a range of frames, which keep their owner (LDD3 page 424). Task context; may sleep.
     *
     * @param va  a page inside an area of {@link #getVmArea}
     * @param pfn the first frame
     * @return 0, or a negative {@link Errno}: EINVAL if this is no such piece of an area, EBUSY if something is
     *     mapped there
     */
    @CName("remap_pfn_range")
    int remapPfnRange(long va, long pfn, long bytes, boolean writable);

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
     * Copies bytes to the program that called. There is no user memory yet: it always succeeds. Task context; may
     * sleep.
     */
    @CName("copy_to_user")
    void copyToUser(long to, long from, int bytes);

    /** Copies bytes from the program that called, see {@link #copyToUser}. Task context; may sleep. */
    @CName("copy_from_user")
    void copyFromUser(long to, long from, int bytes);
}

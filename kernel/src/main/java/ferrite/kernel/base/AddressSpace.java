package ferrite.kernel.base;

/**
 * The kernel's virtual addresses.
 *
 * <pre>
 *  0x0000_0000  user
 *  0xc000_0000  linear map of low memory, in 4 MiB leaves     PAGE_OFFSET
 *  0xf800_0000  vmalloc and ioremap                           VMALLOC_START
 *  0xff00_0000  kmap and fixmap slots                         VMALLOC_END
 *  0xff80_0000  gate
 *  0xffc0_0000  nothing, so that the last page is never mapped
 * </pre>
 */
@DriverApi
public final class AddressSpace {

    public static final int PAGE_SHIFT = 12;
    public static final int PAGE_SIZE = 1 << PAGE_SHIFT;
    public static final long PAGE_OFFSET = 0xc000_0000L;
    public static final long LINEAR_END = 0xf800_0000L;
    public static final long VMALLOC_START = 0xf800_0000L;
    public static final long VMALLOC_END = 0xff00_0000L;

    /** The size of the linear map. */
    public static final long LOW_MEMORY_BYTES = LINEAR_END - PAGE_OFFSET;

    private final long physOffset;

    /** @param physOffset physical address of the first byte of RAM */
    public AddressSpace(long physOffset) {
        this.physOffset = physOffset;
    }

    public long physOffset() {
        return physOffset;
    }

    /** Converts a physical address of low memory to its linear map address. */
    public long virt(long pa) {
        return pa - physOffset + PAGE_OFFSET;
    }

    /** Converts a linear map address to its physical address. */
    public long phys(long va) {
        return va - PAGE_OFFSET + physOffset;
    }

    public static boolean isLinear(long va) {
        return va >= PAGE_OFFSET && va < LINEAR_END;
    }
}

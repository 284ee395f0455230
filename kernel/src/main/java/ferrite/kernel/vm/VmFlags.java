package ferrite.kernel.vm;

import ferrite.kernel.base.DriverApi;

/** The flags of {@link VmAreaLayout#VM_FLAGS}, with Linux's values (include/linux/mm.h). */
@DriverApi
public final class VmFlags {

    public static final int VM_READ = 1;
    public static final int VM_WRITE = 2;
    public static final int VM_EXEC = 4;
    /** Stores are seen by all that map the same memory; otherwise the program gets copies. */
    public static final int VM_SHARED = 8;
    /** {@code mprotect} may allow these. */
    public static final int VM_MAYREAD = 0x10;
    public static final int VM_MAYWRITE = 0x20;
    public static final int VM_MAYEXEC = 0x40;
    /** A stack: a fault just before the area enlarges it. */
    public static final int VM_GROWSDOWN = 0x100;
    /** Frames without references, as {@code remap_pfn_range} maps them. */
    public static final int VM_PFNMAP = 0x400;
    /** Device registers. */
    public static final int VM_IO = 0x4000;
    /** A child of {@code fork} does not get the area. */
    public static final int VM_DONTCOPY = 0x2_0000;
    /** {@code mremap} does not enlarge the area. */
    public static final int VM_DONTEXPAND = 0x4_0000;

    /** The bits that say which accesses are allowed. */
    static final int ACCESS = VM_READ | VM_WRITE | VM_EXEC;

    private VmFlags() { }
}

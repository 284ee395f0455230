package ferrite.kernel.vm;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.ULong;
import ferrite.kernel.base.Word;

/** {@code struct vm_fault}: an access that found no page (LDD3 page 428, where it is {@code nopage}). */
@DriverApi
public final class VmFaultLayout {

    public static final int SIZE = 16;

    public static final Struct STRUCT = Struct.of("vm_fault", SIZE);

    /** The address, cut to its page. */
    public static final ULong ADDRESS = STRUCT.ulong("address", 0);
    /** The place of the page in the file, in pages. */
    public static final ULong PGOFF = STRUCT.ulong("pgoff", 4);
    /** {@link #FAULT_FLAG_WRITE}, or 0. */
    public static final Word FLAGS = STRUCT.u32("flags", 8);
    /** The driver's answer. */
    public static final Pointer PAGE = STRUCT.pointer("page", 12, "struct page");

    public static final int FAULT_FLAG_WRITE = 1;

    private VmFaultLayout() { }
}

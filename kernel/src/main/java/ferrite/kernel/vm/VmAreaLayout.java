package ferrite.kernel.vm;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.ULong;
import ferrite.kernel.base.Word;

/** {@code struct vm_area_struct}: a range of a program's addresses (LDD3 pages 419-421). */
@DriverApi
public final class VmAreaLayout {

    public static final int SIZE = 48;

    public static final Struct STRUCT = Struct.of("vm_area_struct", SIZE);

    public static final ULong VM_START = STRUCT.ulong("vm_start", 0);
    /** The first address after the area. */
    public static final ULong VM_END = STRUCT.ulong("vm_end", 4);
    static final Pointer VM_MM = STRUCT.pointer("vm_mm", 8, "struct mm_struct");
    /** In the list of areas of the address space. */
    static final Embedded NODE = STRUCT.list("node", 12);
    /** See {@link VmFlags}. */
    public static final Word VM_FLAGS = STRUCT.u32("vm_flags", 20);
    /** The place in the file where the area begins, in pages. */
    public static final ULong VM_PGOFF = STRUCT.ulong("vm_pgoff", 24);
    /** The file that is mapped, or 0. */
    public static final Pointer VM_FILE = STRUCT.pointer("vm_file", 28, "struct file");
    /** The text address of {@link VmOperations}; 0 for none. */
    public static final Pointer VM_OPS = STRUCT.function("vm_ops", 32);
    /** A word for the driver. */
    public static final Pointer VM_PRIVATE_DATA = STRUCT.pointer("vm_private_data", 36, "void");

    private VmAreaLayout() { }
}

package ferrite.kernel.mm;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.U64;
import ferrite.kernel.base.ULong;
import ferrite.kernel.base.Word;

/**
 * {@code struct vmap_area}: a piece of the vmalloc area. It begins with a {@code struct vm_struct}, the description of
 * the area, of which a copy is kept for a while after the area is freed; the rest is its place in {@link VmapTree}.
 */
final class VmapAreaLayout {

    static final int DESCRIPTION = 64;
    static final int BYTES = 88;

    static final Struct VM_STRUCT = Struct.of("vm_struct", DESCRIPTION);

    static final Pointer START = VM_STRUCT.pointer("addr", 0, "void");
    /** Bytes, with the guard page. */
    static final ULong SIZE = VM_STRUCT.ulong("size", 4);
    /** See {@link #VM_IOREMAP} and the others below. */
    static final Word FLAGS = VM_STRUCT.u32("flags", 8);
    /** Pages that belong to the area. */
    static final Word PAGES = VM_STRUCT.u32("nr_pages", 12);
    /** Physical address of the device registers that the area maps. */
    static final ULong PHYS = VM_STRUCT.ulong("phys_addr", 16);
    /** The line of source and the task that made the area, and the time. */
    static final Pointer CALLER = VM_STRUCT.pointer("caller", 20, "char");
    static final Pointer TASK = VM_STRUCT.pointer("task", 24, "char");
    static final Word PID = VM_STRUCT.u32("pid", 28);
    static final U64 TIME = VM_STRUCT.u64("time", 32);
    /** The line of source and the task that freed the area, and the time. */
    static final Pointer FREE_CALLER = VM_STRUCT.pointer("free_caller", 40, "char");
    static final Pointer FREE_TASK = VM_STRUCT.pointer("free_task", 44, "char");
    static final Word FREE_PID = VM_STRUCT.u32("free_pid", 48);
    /** The bytes that the caller asked for; 0 in an area of the kernel's own. */
    static final ULong REQUESTED = VM_STRUCT.ulong("requested_size", 52);
    static final U64 FREE_TIME = VM_STRUCT.u64("free_time", 56);

    static final Struct STRUCT = Struct.of("vmap_area", BYTES);

    static final Embedded VM = STRUCT.embedded("vm", 0, VM_STRUCT);
    /** Free bytes between the area below and this one. */
    static final ULong GAP = STRUCT.ulong("gap", DESCRIPTION);
    /** The largest {@link #GAP} in the subtree. */
    static final ULong MAX_GAP = STRUCT.ulong("subtree_max_size", 68);
    static final Pointer LEFT = STRUCT.pointer("rb_left", 72, "struct vmap_area");
    static final Pointer RIGHT = STRUCT.pointer("rb_right", 76, "struct vmap_area");
    static final Word HEIGHT = STRUCT.u32("height", 80);
    /** In the list of areas that wait for a deferred {@code vfree}. */
    static final Pointer NEXT = STRUCT.pointer("purge_next", 84, "struct vmap_area");

    /** Linux's {@code VM_IOREMAP}: device registers. */
    static final int VM_IOREMAP = 1;
    /** {@code VM_ALLOC}: by vmalloc, with pages of its own. */
    static final int VM_ALLOC = 2;
    /** {@code VM_USERMAP}: only addresses, for {@code ioremap_page_range} to fill. */
    static final int VM_USERMAP = 8;
    /** A kernel stack, with {@link #VM_ALLOC}. */
    static final int KERNEL_STACK = 1 << 15;
    /** The area is being freed. */
    static final int DYING = 1 << 16;

    private VmapAreaLayout() { }
}

package ferrite.kernel.mm;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;

/** The state of {@link Vmalloc}. */
public final class VmallocLayout {

    static final int HISTORY_ENTRIES = 64;

    public static final int BYTES = 128 + HISTORY_ENTRIES * VmapAreaLayout.DESCRIPTION;

    public static final Struct STRUCT = Struct.of("vmalloc", BYTES);

    static final Embedded LOCK = STRUCT.spinlock("vmap_area_lock", 0);
    /** Root of the tree of areas. */
    static final Pointer TREE = STRUCT.pointer("vmap_area_root", 4, "struct vmap_area");
    /** The lookaside cache of their records. */
    static final Pointer CACHE = STRUCT.pointer("vmap_area_cachep", 8, "struct kmem_cache");
    /** The areas that wait for a deferred {@code vfree}, linked by {@link VmapAreaLayout#NEXT}. */
    static final Pointer DEFERRED = STRUCT.pointer("deferred", 12, "struct vmap_area");
    /** Areas that have been freed. */
    static final Word FREED = STRUCT.u32("freed", 16);
    /** Pages in areas. */
    static final Word PAGES = STRUCT.u32("nr_vmalloc_pages", 20);
    /** The record that ends the tree. */
    static final Embedded END = STRUCT.embedded("end", 32, VmapAreaLayout.STRUCT);
    /** Descriptions of the areas that were freed last, in a ring. */
    static final Embedded HISTORY = STRUCT.array("history", 128, VmapAreaLayout.VM_STRUCT, HISTORY_ENTRIES);

    private VmallocLayout() { }
}

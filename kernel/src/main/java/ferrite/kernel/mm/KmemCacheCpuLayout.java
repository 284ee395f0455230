package ferrite.kernel.mm;

import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;

/** {@code struct kmem_cache_cpu}: a hart's part of a lookaside cache, its free objects and their slab. */
public final class KmemCacheCpuLayout {

    static final int SIZE = 16;

    public static final Struct STRUCT = Struct.of("kmem_cache_cpu", SIZE);

    static final Pointer FREELIST = STRUCT.pointer("freelist", 0, "void");
    static final Pointer SLAB = STRUCT.pointer("slab", 4, "struct page");

    private KmemCacheCpuLayout() { }
}

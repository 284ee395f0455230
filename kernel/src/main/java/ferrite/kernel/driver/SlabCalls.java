package ferrite.kernel.driver;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.mm.Constructor;
import ferrite.kernel.mm.MempoolAlloc;
import ferrite.kernel.mm.MempoolFree;
import ferrite.kernel.mm.ShrinkerLayout;
import ferrite.kernel.mm.SlabFlags;

/**
 * Objects smaller than a page: kmalloc (LDD3 page 213), lookaside caches (page 217), memory pools (page 220), and
 * shrinkers.
 */
@DriverApi
public interface SlabCalls {

    /**
     * Allocates physically contiguous memory (LDD3 page 213). May sleep if the flags allow it.
     *
     * @param gfp flags of {@link Gfp}
     * @return the linear address, or 0
     */
    @CName("kmalloc")
    long kmalloc(int bytes, int gfp);

    /** Allocates zeroed memory, see {@link #kmalloc}. May sleep if the flags allow it. */
    @CName("kzalloc")
    long kzalloc(int bytes, int gfp);

    /**
     * Allocates a zeroed array, see {@link #kmalloc}. May sleep if the flags allow it.
     *
     * @return the linear address; 0 also if the size exceeds 32 bits
     */
    @CName("kcalloc")
    long kcalloc(int count, int bytes, int gfp);

    /**
     * Changes the size of an allocation; the memory may move. May sleep if the flags allow it.
     *
     * @param va of {@link #kmalloc}, or 0 for a new allocation
     * @return the new address; 0 if there is no memory, and then the old allocation stays
     */
    @CName("krealloc")
    long krealloc(long va, int bytes, int gfp);

    /** Frees memory of {@link #kmalloc}; 0 is legal. Any context. A wrong address is reported and frees nothing. */
    @CName("kfree")
    void kfree(long va);

    /** Returns the bytes that an allocation really has. Any context. */
    @CName("ksize")
    int ksize(long va);

    /**
     * Makes a lookaside cache (LDD3 page 217). Task context; may sleep.
     *
     * @param bytes       of an object, 1 byte to 4 MiB
     * @param align       of an object's address, a power of two up to 4096, or 0
     * @param flags       of {@link SlabFlags}
     * @param constructor text address of a {@link Constructor}, or 0
     * @return the cache; 0 if an argument is wrong, which the log says, or there is no memory
     */
    @CName("kmem_cache_create")
    long kmemCacheCreate(String name, int bytes, int align, int flags, long constructor);

    /**
     * Destroys a lookaside cache; 0 is legal. Task context; may sleep.
     *
     * @return whether the cache is gone: it stays, and is reported, while objects are allocated from it
     */
    @CName("kmem_cache_destroy")
    boolean kmemCacheDestroy(long cache);

    /**
     * Allocates an object (LDD3 page 218). May sleep if the flags allow it.
     *
     * @return the linear address, or 0
     */
    @CName("kmem_cache_alloc")
    long kmemCacheAlloc(long cache, int gfp);

    /** Allocates a zeroed object, see {@link #kmemCacheAlloc}. May sleep if the flags allow it. */
    @CName("kmem_cache_zalloc")
    long kmemCacheZalloc(long cache, int gfp);

    /** Frees an object; 0 is legal. Any context. A wrong object is reported and stays. */
    @CName("kmem_cache_free")
    void kmemCacheFree(long cache, long object);

    /**
     * Releases slabs in which no object is allocated. Task context; may sleep.
     *
     * @return 0 if the cache has no slab left
     */
    @CName("kmem_cache_shrink")
    int kmemCacheShrink(long cache);

    /**
     * Makes a memory pool and fills its reserve (LDD3 page 220). Task context; may sleep.
     *
     * @param minNr elements of the reserve, at least 1
     * @param alloc text address of a {@link MempoolAlloc}
     * @param free  text address of a {@link MempoolFree}
     * @param data  given to both
     * @return the pool, or 0
     */
    @CName("mempool_create")
    long mempoolCreate(int minNr, long alloc, long free, long data);

    /** Makes a pool of objects of a lookaside cache, see {@link #mempoolCreate}. Task context; may sleep. */
    @CName("mempool_create_slab_pool")
    long mempoolCreateSlabPool(int minNr, long cache);

    /** Makes a pool of kmalloc memory, see {@link #mempoolCreate}. Task context; may sleep. */
    @CName("mempool_create_kmalloc_pool")
    long mempoolCreateKmallocPool(int minNr, int bytes);

    /** Makes a pool of page blocks; an element is a {@code struct page}. Task context; may sleep. */
    @CName("mempool_create_page_pool")
    long mempoolCreatePagePool(int minNr, int order);

    /**
     * Changes the size of a pool's reserve (LDD3 page 221). May sleep if the flags allow it.
     *
     * @return 0, -ENOMEM, or -EINVAL for a size below 1
     */
    @CName("mempool_resize")
    int mempoolResize(long pool, int minNr, int gfp);

    /**
     * Destroys a pool; 0 is legal. Task context; may sleep.
     *
     * @return whether the pool is gone: it stays, and is reported, while elements are allocated from it
     */
    @CName("mempool_destroy")
    boolean mempoolDestroy(long pool);

    /**
     * Allocates an element. May sleep if the flags allow it, and then never fails.
     *
     * @return the element, or 0 if the flags forbid to sleep and allocator and reserve are empty
     * @throws ferrite.kernel.base.KernelBug for {@code __GFP_ZERO}, which a reserve cannot heed
     */
    @CName("mempool_alloc")
    long mempoolAlloc(long pool, int gfp);

    /** Frees an element, to the reserve first; 0 is legal. Any context. */
    @CName("mempool_free")
    void mempoolFree(long element, long pool);

    /**
     * Registers a shrinker, which the kernel asks for memory when it has too little. Task context; may sleep.
     *
     * @param shrinker a record of {@link ShrinkerLayout}
     */
    @CName("register_shrinker")
    void registerShrinker(long shrinker);

    /** Unregisters a shrinker. Its callbacks do not run any more when this returns. Task context; may sleep. */
    @CName("unregister_shrinker")
    void unregisterShrinker(long shrinker);
}
